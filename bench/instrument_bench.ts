/** The cost of measuring a request, compared with a bare handler. */
import { instrumentHandler } from "../src/instrument/mod.ts";
import { createRegistry } from "../src/metrics/mod.ts";
import type { Case, Question } from "./harness.ts";

const request = new Request("http://localhost/users/7");
const response = new Response("hello");

function around(
  name: string,
  role: Case["role"],
  handler: (request: Request) => Response,
): Case {
  return {
    name,
    role,
    run: (n) => {
      let last: Response | undefined;
      for (let i = 0; i < n; i++) last = handler(request);
      return last;
    },
  };
}

export function instrumentQuestions(): Question[] {
  const registry = createRegistry();
  const answer = (_request: Request): Response => response;
  const route = "/users/:id";
  const fixed = instrumentHandler(answer, { registry, route });
  const resolved = instrumentHandler(answer, { registry, route: () => route });
  /** Returns a handler with metrics under other names, in a separate registry. */
  const named = (names: "semconv" | "both") =>
    instrumentHandler(answer, { registry: createRegistry(), route, names });
  return [{
    title: "`instrumentHandler`, a request",
    unit: "ns",
    times: 100_000,
    cases: [
      around("a fixed route", "barograph", fixed),
      around("a route from a function", "reference", resolved),
      around("names of the conventions", "reference", named("semconv")),
      around("names of both kinds", "reference", named("both")),
      around("the bare handler", "reference", answer),
    ],
  }];
}
