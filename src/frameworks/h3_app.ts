/** h3, version 1, which Nitro 2 and Nuxt use. */
import type { Observing } from "../instrument/mod.ts";
import type { NodeRequest, NodeResponse } from "../platform/mod.ts";
import { type NodeObserveOptions, NodeObserver } from "./node_exchange.ts";

/** An event of h3 1, as far as the adapter reads it. */
export interface H3NodeEvent {
  /** The request and the response of `node:http`. */
  readonly node: { readonly req: NodeRequest; readonly res: NodeResponse };
  /** The context, with the matched route. */
  readonly context: {
    readonly matchedRoute?: { readonly path?: string | undefined } | undefined;
  };
}

/** An app of h3 1, as far as the adapter uses it. */
export interface H3App {
  /** Handles a request. */
  handler: (event: never) => unknown;
}

/**
 * Observes all requests of an app of h3 1 on `node:http`, and serves the
 * endpoints: `observeH3App(telemetry, createApp())`, or `nitroApp.h3App` in a
 * plugin of Nitro 2 and Nuxt.
 *
 * It replaces the handler of the app, because h3 1 has no middleware around its
 * handlers. The functions of the options receive the event. Requests without a
 * connection, such as calls of a program's own routes, are not observed.
 */
export function observeH3App<App extends H3App>(
  telemetry: Observing,
  app: App,
  options?: NodeObserveOptions<Parameters<App["handler"]>[0]>,
): App {
  const observer = new NodeObserver<H3NodeEvent>(
    telemetry,
    options as NodeObserveOptions<H3NodeEvent> | undefined,
    routeOf,
  );
  const handler = app.handler as (event: H3NodeEvent) => unknown;
  const observed = async (event: H3NodeEvent): Promise<unknown> => {
    const { req, res } = event.node;
    if (!hasConnection(req)) return await handler(event);
    const served = observer.serve(req, res);
    if (served !== undefined) return await served;
    const exchange = observer.begin(req, res, event);
    if (exchange === undefined) return await handler(event);
    try {
      return await exchange.run(() => handler(event));
    } catch (error) {
      exchange.error = error; // h3 decides its status
      throw error;
    }
  };
  app.handler = Object.assign(observed, handler);
  return app;
}

/**
 * Returns whether a request has come over a connection. Calls that a program
 * makes to its own routes, and handlers for Fetch, have a request without one.
 */
function hasConnection({ socket }: { socket?: unknown }): boolean {
  return typeof (socket as { once?: unknown } | undefined)?.once === "function";
}

/** Returns the path of the matched route of a router. */
function routeOf({ context }: H3NodeEvent): string {
  return context.matchedRoute?.path ?? "";
}
