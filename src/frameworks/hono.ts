/** Hono, from version 4. */
import { callSafely } from "../base/internal.ts";
import type { ObserveOptions, Observing } from "../instrument/mod.ts";

/** A route of Hono, as far as the adapter reads it. */
export interface HonoRoute {
  /** The template, with all prefixes. */
  readonly path: string;
  /** The method; `ALL` for middleware. */
  readonly method: string;
  /** The function of the route. */
  // deno-lint-ignore ban-types -- Hono's own type of handlers
  readonly handler: Function;
}

/** The context of Hono, as far as the adapter reads it. */
export interface HonoContext {
  /** The request. */
  readonly req: {
    /** The request as the server has received it. */
    readonly raw: Request;
    /** The routes that match the request, middleware included. */
    readonly matchedRoutes?: readonly HonoRoute[] | undefined;
    /** The index of the route that was called last. */
    readonly routeIndex?: number | undefined;
  };
  /** The response. */
  readonly res: Response;
  /** False if nothing has answered, which Hono turns into an error. */
  readonly finalized?: boolean | undefined;
  /** The error that the error handler has answered. */
  readonly error?: Error | undefined;
  /** The second argument of `fetch`: on Bun the server, or an object with it. */
  readonly env: unknown;
}

/**
 * Returns a middleware for Hono that observes all requests, and serves the
 * endpoints. Mount it before the routes: `app.use(honoMiddleware(telemetry))`.
 *
 * The route is the template of the handler that has answered, with the prefixes
 * of `basePath` and of sub-apps. If a middleware has answered, it is the template
 * of the handler behind it.
 */
export function honoMiddleware(
  telemetry: Observing,
  options?: ObserveOptions,
): (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | void> {
  const { endpointAt, begin } = telemetry.observer(options);
  return async (context, next) => {
    const request = context.req.raw;
    const endpoint = endpointAt(request.url);
    if (endpoint !== undefined) {
      const answer = await endpoint(request, serverIn(context.env));
      return answer ?? new Response(null); // Hono needs one after an upgrade
    }
    const observed = begin(request);
    if (observed === undefined) return next();
    try {
      await observed.run(next);
    } catch (error) {
      observed.fail(error, callSafely(routeOf, context));
      throw error;
    }
    // Hono makes a response when it is read, also if there is none.
    const answer = context.finalized === false ? UNANSWERED : context.res;
    observed.end(answer, callSafely(routeOf, context), context.error);
  };
}

/** The answer of Hono to a request that no handler has answered. */
const UNANSWERED = { status: 500 } as Response;

/** Returns Bun's server, which is the environment or a part of it. */
function serverIn(env: unknown): unknown {
  return (env as { server?: unknown } | null | undefined)?.server ?? env;
}

/** Returns the template of the answered request; "" if there is none. */
function routeOf({ req, res }: HonoContext): string {
  const routes = req.matchedRoutes ?? [];
  const called = req.routeIndex ?? 0;
  for (let i = called; i < routes.length; i++) {
    if (!isMiddleware(routes[i]!)) return routes[i]!.path;
  }
  // No handler follows: a middleware has answered, or nothing has.
  const path = routes[called]?.path ?? "";
  return res.status === 404 || path === "/*" ? "" : path;
}

/** Returns whether a route is a middleware: for all methods, and calling `next`. */
function isMiddleware({ method, handler }: HonoRoute): boolean {
  if (method !== "ALL") return false;
  // Hono wraps the handlers of sub-apps that have an error handler.
  const { __COMPOSED_HANDLER: inner = handler } = handler as {
    __COMPOSED_HANDLER?: HonoRoute["handler"];
  } & HonoRoute["handler"];
  return inner.length > 1;
}
