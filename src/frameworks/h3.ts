/** h3, version 2, which Nitro 3 uses. */
import { callSafely } from "../base/internal.ts";
import type {
  Answer,
  ObservedRequest,
  ObserveOptions,
  Observing,
} from "../instrument/mod.ts";

/** An event of h3, as far as the adapter reads it. */
export interface H3Event {
  readonly req: Request;
  readonly context: {
    readonly matchedRoute?: { readonly route?: string | undefined } | undefined;
  };
  readonly app?: { readonly config: H3Config } | undefined;
  readonly res?: { readonly status?: number | undefined } | undefined;
}

/** The part of the configuration of h3 that the adapter extends. */
export interface H3Config {
  onResponse?:
    | ((response: Response, event: never) => void | Promise<void>)
    | undefined;
}

/** A request that awaits its response. */
interface Pending {
  readonly observed: ObservedRequest;
  error: unknown;
}

/**
 * Returns a middleware for h3 2 and Nitro 3 that observes all requests, and
 * serves the endpoints. Mount it first: `app.use(h3Middleware(telemetry))`.
 *
 * It extends the hook `onResponse` of the app, because only that hook sees the
 * answers to errors.
 */
export function h3Middleware(
  telemetry: Observing,
  options?: ObserveOptions,
): (event: H3Event, next: () => unknown) => Promise<unknown> {
  const { endpointAt, begin } = telemetry.observer(options);
  const pending = new WeakMap<object, Pending>();
  const extended = new WeakMap<H3Config, boolean>();
  /** Returns whether the hook of `config` ends requests. */
  const extend = (config: H3Config): boolean => {
    const { onResponse } = config;
    const hook: H3Config["onResponse"] = (response, event: H3Event) => {
      const found = pending.get(event);
      const route = callSafely(routeOf, event);
      found?.observed.end(answerOf(response), route, found.error);
      return onResponse?.(response, event as never);
    };
    const done = Reflect.set(config, "onResponse", hook);
    extended.set(config, done);
    return done;
  };
  return async (event, next) => {
    const { req, app, res } = event;
    const endpoint = endpointAt(req.url);
    if (endpoint !== undefined) {
      return await endpoint(req) ?? new Response(null);
    }
    const observed = begin(req);
    if (observed === undefined) return next();
    const request: Pending = { observed, error: undefined };
    pending.set(event, request);
    const config = app?.config;
    const hooked = config && (extended.get(config) ?? extend(config));
    try {
      const result = await observed.run(next);
      if (!hooked) {
        const answer = result instanceof Response
          ? result
          : { status: res?.status ?? 200 };
        observed.end(answer as Response, callSafely(routeOf, event));
      }
      return result;
    } catch (error) {
      request.error = error;
      if (!hooked) observed.fail(error, callSafely(routeOf, event));
      throw error;
    }
  };
}

/** Returns the answer to count: undefined for the upgrade to a WebSocket. */
function answerOf(response: Response): Answer {
  return "crossws" in response ? undefined : response;
}

/** Returns the template of the matched route; "" if none matches. */
function routeOf({ context }: H3Event): string {
  return context.matchedRoute?.route ?? "";
}
