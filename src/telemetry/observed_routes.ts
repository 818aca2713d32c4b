/** `Telemetry.routes`: a table of routes, each observed with its template. */
import type { Answer } from "../instrument/mod.ts";
import type { RoutesOptions } from "./routes.ts";
import type { Wiring } from "./wire.ts";

const METHOD = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

/**
 * Observes each of `routes`, and adds the endpoints at their paths.
 *
 * @throws {TypeError} If `routes` is not an object.
 */
export function observedRoutes(
  { observe, endpoints, mounted }: Wiring,
  routes: object,
  options: RoutesOptions = {},
): Record<string, unknown> {
  if (typeof routes !== "object" || routes === null) {
    throw new TypeError(
      `Cannot observe routes of type ${typeof routes}: give an object, such ` +
        `as { "/users/:id": handler }`,
    );
  }
  const { metrics = "/metrics", events = false, dashboard } = options;
  const observed: Record<string, unknown> = {};
  for (const [route, entry] of Object.entries(routes)) {
    const wrap = (one: unknown): unknown => {
      const handler = handlerOf(one);
      return handler &&
        observe(handler, { ...options, route, metrics: false, events: false });
    };
    observed[route] = isByMethod(entry)
      ? Object.fromEntries(
        Object.entries(entry).map((
          [method, one],
        ) => [method, wrap(one) ?? one]),
      )
      : wrap(entry) ?? entry;
  }
  // A path of the routes that the user has set is theirs.
  if (metrics !== false) observed[metrics] ??= endpoints.metrics;
  if (events !== false) observed[events] ??= endpoints.events;
  if (dashboard !== undefined) {
    const { handler } = mounted(dashboard);
    observed[dashboard.path] ??= handler;
    observed[`${dashboard.path}/*`] ??= handler;
  }
  return observed;
}

/** Returns what answers a route; undefined for what only the server can answer. */
function handlerOf(
  entry: unknown,
): ((request: Request, ...rest: readonly unknown[]) => Answer) | undefined {
  if (typeof entry === "function") {
    return entry as (request: Request) => Answer;
  }
  if (!(entry instanceof Response)) return undefined;
  return () => entry.clone() as Response; // Bun's type of `clone` is wider
}

/** Returns whether an entry has handlers by method, as no bundle or file has. */
function isByMethod(
  entry: unknown,
): entry is Readonly<Record<string, unknown>> {
  if (typeof entry !== "object" || entry === null) return false;
  const keys = Object.keys(entry);
  return keys.length > 0 && keys.every((key) => METHOD.test(key));
}
