/** Elysia, from version 1.2. */
import { onSettled } from "../base/internal.ts";
import type { Answer, ObserveOptions, Observing } from "../instrument/mod.ts";

/** The context of Elysia, as far as the plugin reads it. */
export interface ElysiaContext {
  /** The request. */
  readonly request: Request;
  /** The template of the route, with the prefixes of groups and plugins. */
  readonly route?: string | undefined;
  /** The error, in hooks of errors. */
  readonly error?: unknown;
}

/** An instance of Elysia, as far as the plugin uses it. */
export interface ElysiaApp {
  /** The configuration. */
  readonly config?: { readonly aot?: boolean | undefined } | undefined;
  /** Wraps the handling of each request. */
  wrap(
    wrapper: (
      handle: (...args: unknown[]) => unknown,
      request: Request,
    ) => (...args: unknown[]) => unknown,
  ): unknown;
  /** Adds a hook that runs before the handler of a matched route. */
  onTransform(options: never, hook: never): unknown;
  /** Adds a hook that runs after an error. */
  onError(options: never, hook: never): unknown;
}

/** Adds a hook; Elysia's own types depend on the routes of the app. */
type AddHook = (
  this: ElysiaApp,
  options: { readonly as: "global" },
  hook: (context: ElysiaContext) => void,
) => unknown;

/** The parts of a request that only the hooks of Elysia show. */
interface Seen {
  route: string;
  error: unknown;
}

/**
 * Returns a plugin for Elysia that observes all requests, and serves the
 * endpoints. Use it before the routes: `app.use(elysiaPlugin(telemetry))`.
 *
 * The plugin throws a `TypeError` for an app with the option `aot: false`.
 */
export function elysiaPlugin(
  telemetry: Observing,
  options?: ObserveOptions,
): <App extends ElysiaApp>(app: App) => App {
  const { endpointAt, begin } = telemetry.observer(options);
  const requests = new WeakMap<Request, Seen>();
  const see = (request: Request, route: string | undefined, error: unknown) => {
    const seen = requests.get(request);
    if (seen === undefined) return;
    seen.route = route ?? "";
    seen.error = error;
  };
  const wrapped: Parameters<ElysiaApp["wrap"]>[0] = (handle, request) => {
    const endpoint = endpointAt(request.url);
    if (endpoint !== undefined) return () => endpoint(request);
    return (...args) => {
      if (requests.has(request)) return handle(...args); // used again
      const observed = begin(request);
      if (observed === undefined) return handle(...args);
      const seen: Seen = { route: "", error: undefined };
      requests.set(request, seen);
      return onSettled(
        () => observed.run(() => handle(...args)),
        (failed, outcome) => {
          if (failed) observed.fail(outcome, seen.route);
          else observed.end(outcome as Answer, seen.route, seen.error);
        },
      );
    };
  };
  return (app) => {
    if (app.config?.aot === false) {
      throw new TypeError(
        "Cannot observe an Elysia app with aot: false, which ignores wrap(): " +
          "observe its handler by telemetry.observe(app.fetch)",
      );
    }
    app.wrap(wrapped);
    // Elysia reads the source of a hook to see which parts of the context it
    // needs: the hooks name them in their parameters.
    (app.onTransform as AddHook).call(
      app,
      { as: "global" },
      ({ request, route }) => see(request, route, undefined),
    );
    (app.onError as AddHook).call(
      app,
      { as: "global" },
      ({ request, route, error }) => see(request, route, error),
    );
    return app;
  };
}
