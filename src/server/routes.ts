/**
 * The routes of a telemetry server.
 *
 * - `/health` and `/ready` are open to everyone; `authorize` guards everything
 *   else, unknown paths included.
 * - A path is compared as text; no file is ever looked up by it.
 */
import {
  eventsHandler,
  healthHandler,
  metricsHandler,
  type ReadyHandler,
  readyHandler,
} from "../http/mod.ts";
import { methodResponse, refusal, textResponse } from "../http/internal.ts";
import { defaultBareRegistry } from "../metrics/internal.ts";
import type { ServeHandler } from "../platform/internal.ts";
import { indexPage } from "./index_page.ts";
import type { Descriptions, ServerSettings } from "./options.ts";

/** The routes of a server from one start to the next stop. */
export interface Routes {
  /** Answers every request. */
  readonly handler: ServeHandler;
  /** Reports "not ready", ends feeds, and answers 503 to new requests. */
  drain(): void;
}

type Route = (request: Request, server?: unknown) => Promise<Response>;

/** Returns the routes for `settings`. */
export function routesOf<M extends object>(
  settings: ServerSettings<M>,
): Routes {
  const { registry = defaultBareRegistry(), bus, path, title } = settings;
  const { authorize, checks, describe, origins, redact, timers } = settings;
  const ready: ReadyHandler = readyHandler({
    checks,
    // The names of dependencies are not public either.
    showChecks: authorize &&
      (async (request) => await refusal(request, authorize) === undefined),
    timers,
  });
  const events = bus && eventsHandler(bus, { origins, redact, timers });
  const open = new Map<string, Route>([
    ["/health", healthHandler()],
    ["/ready", ready],
  ]);
  const guarded = new Map<string, Route>([
    [path, metricsHandler(registry, { timers })],
    ...events === undefined ? [] : [["/events", events] as const],
    ...descriptions(describe),
  ]);
  const links = [...guarded.keys(), ...open.keys()]
    .map((path) => [path, path.slice(1)] as const);
  guarded.set("/", (request) =>
    Promise.resolve(
      methodResponse(request.method, "GET, HEAD") ?? indexPage(title, links),
    ));

  let draining = false;
  return {
    async handler(request, server) {
      const { pathname } = new URL(request.url);
      const free = open.get(pathname);
      if (free !== undefined) return await free(request);
      if (draining) return textResponse(503, "the server is stopping");
      const refused = await refusal(request, authorize);
      if (refused !== undefined) return refused;
      const route = guarded.get(pathname);
      return await route?.(request, server) ??
        textResponse(404, "there is no such page; see /");
    },
    drain() {
      draining = true;
      ready.drain();
      events?.close();
    },
  };
}

function descriptions(
  { name, endpoints, resources, middlewares }: Descriptions,
): (readonly [string, Route])[] {
  const values: Record<string, (() => unknown) | undefined> = {
    "/config": name === undefined ? undefined : () => ({ Name: name }),
    "/endpoints": endpoints,
    "/resources": resources && (() => ({ resources: resources() })),
    "/middlewares": middlewares && (() => ({ middlewares: middlewares() })),
  };
  return Object.entries(values).flatMap(([path, value]) => {
    if (value === undefined) return [];
    const route: Route = (request) =>
      Promise.resolve(
        methodResponse(request.method, "GET, HEAD") ?? jsonResponse(value),
      );
    return [[path, route] as const];
  });
}

function jsonResponse(value: () => unknown): Response {
  try {
    return Response.json(value(), { headers: { "cache-control": "no-store" } });
  } catch {
    return textResponse(503, "this is not available now");
  }
}
