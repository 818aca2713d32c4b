/** Routes by `URLPattern`, as `@std/http/unstable-route` declares them. */
import { onSettled } from "../base/internal.ts";
import type { Answer, ObserveOptions, Observing } from "../instrument/mod.ts";

/** A route; a `Route` of `@std/http/unstable-route` has this shape. */
export interface PatternRoute<Match = unknown, Info = unknown> {
  /** A `URLPattern`; its `pathname` is the template. */
  readonly pattern: {
    readonly pathname: string;
    exec(url: string): Match | null;
  };
  /** The method or methods, in any case. Default: all. */
  readonly method?: string | readonly string[] | undefined;
  /**
   * Answers a request. `match` has the parameters of the path in
   * `pathname.groups`; `info` is the second argument of the router.
   */
  readonly handler: (
    request: Request,
    match: Match,
    info: Info,
  ) => Response | Promise<Response>;
}

/**
 * Returns a handler, such as for `Deno.serve`, that answers each request by the
 * first route whose pattern and method match, observes it with the path of the
 * pattern as its route, and serves the endpoints in front of the routes.
 *
 * `fallback` answers all other requests. Default: with the status 404.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph";
 * import { denoRouter } from "@barograph/barograph/frameworks";
 *
 * const app = denoRouter(createTelemetry(), [{
 *   pattern: new URLPattern({ pathname: "/users/:id" }),
 *   method: "GET",
 *   handler: (_request, match) => new Response(match.pathname.groups.id),
 * }]);
 * await app(new Request("http://localhost/users/7"));
 * ```
 */
export function denoRouter<Match, Info>(
  telemetry: Observing,
  routes: readonly PatternRoute<Match, Info>[],
  fallback: (request: Request, info: Info) => Response | Promise<Response> =
    notFound,
  options?: ObserveOptions,
): (request: Request, info?: Info) => Response | Promise<Response> {
  const { endpointAt, begin } = telemetry.observer(options);
  const templates = routes.map(({ pattern, method, handler }) => ({
    template: pattern.pathname,
    methods: method && [method].flat().map((name) => name.toUpperCase()),
    pattern,
    handler,
  }));
  /** Returns the route of a request, and the work that answers it. */
  const find = (request: Request, info: Info) => {
    for (const { template, methods, pattern, handler } of templates) {
      if (methods && !methods.includes(request.method)) continue;
      const match = pattern.exec(request.url);
      if (match === null) continue;
      return { template, work: () => handler(request, match, info) };
    }
    return { template: "", work: () => fallback(request, info) };
  };
  return (request, info) => {
    const endpoint = endpointAt(request.url);
    if (endpoint !== undefined) return endpoint(request, info) as Response;
    const observed = begin(request);
    const { template, work } = find(request, info as Info);
    if (observed === undefined) return work();
    return onSettled(() => observed.run(work), (failed, outcome) => {
      if (failed) observed.fail(outcome, template);
      else observed.end(outcome as Answer, template);
    });
  };
}

function notFound(): Response {
  return new Response("Not Found", { status: 404 });
}
