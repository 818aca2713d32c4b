/** h3, version 2, which Nitro 3 uses. */
import { callSafely } from "../base/internal.ts";
import type {
  Answer,
  ObservedRequest,
  ObserveOptions,
  Observing,
  RequestObserver,
} from "../instrument/mod.ts";

/** An event of h3, as far as the adapter reads it. */
export interface H3Event {
  /** The request. */
  readonly req: Request;
  /** The context, with the matched route. */
  readonly context: {
    readonly matchedRoute?: { readonly route?: string | undefined } | undefined;
  };
  /** The app that handles the request. */
  readonly app?: { readonly config: H3Config } | undefined;
  /** The status that the handler has set. */
  readonly res?: { readonly status?: number | undefined } | undefined;
}

/** The part of the configuration of h3 that the adapter extends. */
export interface H3Config {
  /** Called with each response, also with answers to errors. */
  onResponse?:
    | ((response: Response, event: never) => void | Promise<void>)
    | undefined;
}

/** An app of h3 2, as far as the plugin uses it. */
export interface H3PluginApp {
  /** The configuration, which the plugin extends. */
  readonly config: H3Config;
  /** Adds a middleware. */
  use(middleware: H3Middleware): unknown;
}

/** A middleware of h3 2. */
export type H3Middleware = (
  event: H3Event,
  next: () => unknown,
) => Promise<unknown>;

/** A request that awaits its response. */
interface Pending {
  readonly observed: ObservedRequest;
  error: unknown;
}

/** Observes the requests of one adapter. */
class H3Observer {
  readonly #observer: RequestObserver;
  readonly #pending = new WeakMap<object, Pending>();
  /** Whether the hook of each configuration ends the requests. */
  readonly #extended = new WeakMap<H3Config, boolean>();

  constructor(telemetry: Observing, options: ObserveOptions | undefined) {
    this.#observer = telemetry.observer(options);
  }

  /** Ends requests in the hook `onResponse`, which also sees answers to errors. */
  extend(config: H3Config): boolean {
    const done = this.#extended.get(config);
    if (done !== undefined) return done;
    const { onResponse } = config;
    const hook: H3Config["onResponse"] = (response, event: H3Event) => {
      const pending = this.#pending.get(event);
      const route = callSafely(routeOf, event);
      pending?.observed.end(answerOf(response), route, pending.error);
      return onResponse?.(response, event as never);
    };
    const extended = Reflect.set(config, "onResponse", hook); // false if frozen
    this.#extended.set(config, extended);
    return extended;
  }

  readonly middleware: H3Middleware = async (event, next) => {
    const { req, app } = event;
    if (this.#pending.has(event)) return next(); // mounted again
    const endpoint = this.#observer.endpointAt(req.url);
    if (endpoint !== undefined) {
      return await endpoint(req) ?? new Response(null);
    }
    const observed = this.#observer.begin(req);
    if (observed === undefined) return next();
    const pending: Pending = { observed, error: undefined };
    this.#pending.set(event, pending);
    const isHooked = app !== undefined && this.extend(app.config);
    const end = (result: unknown, failed: boolean): void => {
      if (isHooked) return;
      const answer = { status: statusOf(result, event, failed) } as Response;
      observed.end(answer, callSafely(routeOf, event), pending.error);
    };
    try {
      const result = await observed.run(next);
      end(result, false);
      return result;
    } catch (error) {
      pending.error = error;
      end(error, true);
      throw error;
    }
  };
}

/**
 * Returns a plugin for h3 2 that observes all requests, and serves the
 * endpoints. Register it before the routes: `app.register(h3Plugin(telemetry))`.
 */
export function h3Plugin(
  telemetry: Observing,
  options?: ObserveOptions,
): (app: H3PluginApp) => void {
  const observer = new H3Observer(telemetry, options);
  return (app) => {
    observer.extend(app.config);
    app.use(observer.middleware);
  };
}

/**
 * Returns a middleware for h3 2 that observes all requests, and serves the
 * endpoints. Use it with Nitro 3, which takes middleware; otherwise prefer
 * `h3Plugin`.
 *
 * If the configuration of the app is frozen, as by `serve` of h3, an error
 * counts by its own status, even if the hook `onError` answers with another
 * one.
 */
export function h3Middleware(
  telemetry: Observing,
  options?: ObserveOptions,
): H3Middleware {
  return new H3Observer(telemetry, options).middleware;
}

/** Returns the answer to count: undefined for the upgrade to a WebSocket. */
function answerOf(response: Response): Answer {
  return "crossws" in response ? undefined : response;
}

const NOT_FOUND = /* @__PURE__ */ Symbol.for("h3.notFound");
const HTTP_RESPONSE = /* @__PURE__ */ Symbol.for("h3.HTTPResponse");

/** Returns the status with which h3 answers a result or an error. */
function statusOf(result: unknown, { res }: H3Event, failed: boolean): number {
  if (result === NOT_FOUND) return 404;
  const isError = result instanceof Error;
  if (isError || result instanceof Response || isHTTPResponse(result)) {
    const { status } = result as { readonly status?: unknown };
    if (typeof status === "number") return status;
  }
  return failed || isError ? 500 : res?.status ?? 200;
}

function isHTTPResponse(result: unknown): boolean {
  return Object(result)[HTTP_RESPONSE] === true;
}

/** Returns the template of the matched route; "" if none matches. */
function routeOf({ context }: H3Event): string {
  return context.matchedRoute?.route ?? "";
}
