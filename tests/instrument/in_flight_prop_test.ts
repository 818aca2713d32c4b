import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { request, setUp } from "./fixtures.ts";

type Outcome = "answer" | "nothing" | "reject" | "throw";

const CLASSES: Readonly<Record<Outcome, string>> = {
  answer: "2xx",
  nothing: "1xx",
  reject: "5xx",
  throw: "5xx",
};

/** One request: its outcome, and its place in the order in which they end. */
const visit = fc.record({
  method: fc.constantFrom("GET", "POST", "PROPFIND"),
  outcome: fc.constantFrom<Outcome>("answer", "nothing", "reject", "throw"),
  order: fc.integer(),
});

test("law: each request is counted once and none stays in flight, in whatever order they end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(visit, { maxLength: 12 }), async (visits) => {
      const { registry, requests, inFlight } = setUp();
      const labelOf = (method: string) =>
        method === "PROPFIND" ? "OTHER" : method;
      const open: { order: number; method: string; end(): Promise<void> }[] =
        [];
      for (const { method, outcome, order } of visits) {
        const gate = Promise.withResolvers<Response | undefined>();
        const error = new Error(outcome);
        const handler = instrumentHandler(() => {
          if (outcome === "throw") throw error;
          return gate.promise;
        }, { registry });
        if (outcome === "throw") {
          assert.throws(() => handler(request({ method })), error);
          continue;
        }
        const result = handler(request({ method }));
        const end = async () => {
          if (outcome === "answer") gate.resolve(new Response());
          else if (outcome === "nothing") gate.resolve(undefined);
          else gate.reject(error);
          if (outcome === "reject") await assert.rejects(result, error);
          else await result;
        };
        open.push({ order, method, end });
      }
      const expectInFlight = () => {
        for (const { method } of visits) {
          const expected = open.filter((visit) => visit.method === method)
            .length;
          assert.equal(inFlight(labelOf(method)), expected);
        }
      };
      open.sort((a, b) => a.order - b.order);
      expectInFlight();
      while (open.length > 0) {
        await open.shift()!.end();
        expectInFlight();
      }
      for (const { method, outcome } of visits) {
        const status = CLASSES[outcome];
        const expected = visits.filter((visit) =>
          visit.method === method && CLASSES[visit.outcome] === status
        ).length;
        assert.equal(requests(labelOf(method), status), expected);
      }
    }),
  );
});
