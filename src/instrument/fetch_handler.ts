/**
 * Request metrics around any fetch-style handler.
 *
 * - What the handler returns passes through untouched, the same object: a
 *   stream, a 101, an upgrade, nothing at all.
 * - A request is counted when its status is decided, before its body ends.
 * - No raw path ever becomes a label: a route is a template that the user
 *   names, else `unknown`.
 * - Bodies are not read. A size that no header declares is not observed.
 */
import {
  type Answer,
  type InstrumentOptions,
  RequestMetrics,
} from "./request_metrics.ts";

/**
 * Wraps `handler`, which keeps its parameters and its result; a handler that
 * answers at once still does.
 *
 * Counts by method, route and status class: `http_requests_total`,
 * `http_request_duration_seconds` (until the response is there, not until its
 * body has been sent), `http_response_body_size_bytes`; by method and route
 * `http_request_body_size_bytes`; by method `http_requests_in_flight`. A
 * handler that throws or rejects counts as `5xx`, one that returns nothing as
 * `1xx`: it has upgraded the connection.
 *
 * ```ts
 * import { instrumentHandler } from "@barograph/barograph/instrument";
 *
 * const handler = instrumentHandler(
 *   (request: Request) => new Response(`you asked for ${request.url}`),
 *   { route: "/" },
 * );
 * handler(new Request("http://localhost/"));
 * ```
 *
 * Wrapping several handlers on one registry adds to the same metrics.
 *
 * @throws {TypeError} At once, if `handler` is no function, or if an option is
 *   of the wrong kind or does not exist.
 * @throws {FamilyConflictError} At once, if the registry has these families
 *   with other terms, such as other `buckets`.
 */
export function instrumentHandler<
  This,
  Asked extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Asked, ...rest: Rest) => Result,
  options: InstrumentOptions = {},
): (this: This, request: Asked, ...rest: Rest) => Result {
  checkArguments(handler, options);
  const metrics = new RequestMetrics(options);

  return function (this: This, request: Asked, ...rest: Rest): Result {
    if (metrics.ignores(request)) return handler.call(this, request, ...rest);
    const ending = metrics.begin(request);
    let result: Result;
    try {
      result = handler.call(this, request, ...rest);
    } catch (error) {
      ending.failed();
      throw error;
    }
    if (!isPromise(result)) {
      ending.answered(result);
      return result;
    }
    return result.then((answer) => {
      ending.answered(answer);
      return answer;
    }, (error) => {
      ending.failed();
      throw error;
    }) as Result;
  };
}

function isPromise(
  result: Answer | Promise<Answer>,
): result is Promise<Answer> {
  const { then } = (result ?? {}) as Partial<Promise<Answer>>;
  return typeof then === "function";
}

/** The kinds of each option, and what to type. */
const KINDS: Readonly<
  Record<
    keyof InstrumentOptions,
    readonly [kinds: readonly string[], advice: string]
  >
> = {
  registry: [["object"], "a registry, such as createRegistry()"],
  route: [["string", "function"], 'a template, such as "/users/:id"'],
  ignore: [["function"], "a function, such as (request) => false"],
  buckets: [["object"], "a list of seconds, such as [0.1, 1]"],
  native: [["boolean", "object"], "true, or options such as { schema: 3 }"],
  clock: [["object"], "a clock, such as systemClock"],
};

function checkArguments(handler: unknown, options: InstrumentOptions): void {
  if (typeof handler !== "function") {
    throw new TypeError(
      `Cannot instrument a handler of type ${typeof handler}: ` +
        `give a function, such as app.fetch`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(KINDS, name)) {
      throw new TypeError(
        `Cannot instrument a handler: there is no option "${name}"; ` +
          `give any of ${Object.keys(KINDS).join(", ")}`,
      );
    }
    const [kinds, advice] = KINDS[name as keyof InstrumentOptions];
    const kind = value === null ? "null" : typeof value;
    if (value === undefined || kinds.includes(kind)) continue;
    throw new TypeError(
      `Cannot instrument a handler: ${name} is of type ${kind}; ` +
        `give ${advice}`,
    );
  }
}
