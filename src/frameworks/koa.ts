/** Koa, with the routes of `@koa/router`. */
import type { Observing } from "../instrument/mod.ts";
import type { NodeRequest, NodeResponse } from "../platform/mod.ts";
import { type NodeObserveOptions, NodeObserver } from "./node_exchange.ts";

/** The context of Koa, as far as the adapter uses it. */
export interface KoaContext {
  /** The request of `node:http`. */
  readonly req: NodeRequest;
  /** The response of `node:http`. */
  readonly res: NodeResponse;
  /** False if Koa must not answer. */
  respond?: boolean | undefined;
}

/**
 * Returns a middleware for Koa that observes all requests, and serves the
 * endpoints. Mount it before the routes: `app.use(koaMiddleware(telemetry))`.
 *
 * The functions of the options receive the context of Koa.
 */
export function koaMiddleware<Own extends KoaContext = KoaContext>(
  telemetry: Observing,
  options?: NodeObserveOptions<Own>,
): (context: Own, next: () => Promise<unknown>) => Promise<void> {
  const observer = new NodeObserver<Own>(telemetry, options, routeOf);
  return async (context, next) => {
    const { req, res } = context;
    const served = observer.serve(req, res);
    if (served !== undefined) {
      context.respond = false;
      return await served;
    }
    const exchange = observer.begin(req, res, context);
    if (exchange === undefined) return void await next();
    try {
      await exchange.run(next);
    } catch (error) {
      exchange.error = error; // Koa decides its status
      throw error;
    }
  };
}

/** Returns the path that `@koa/router` has matched, with its prefixes. */
function routeOf(context: object): string {
  const { _matchedRoute } = context as { readonly _matchedRoute?: unknown };
  return String(_matchedRoute ?? "");
}
