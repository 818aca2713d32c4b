/**
 * The routes of a telemetry server.
 *
 * - `/health` and `/ready` are open to everyone; `authorize` guards all other
 *   paths, including unknown ones.
 * - Paths are compared as text and never used to look up a file.
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

/** The routes of a server between a start and a stop. */
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
    // The names of checks reveal dependencies, so they are guarded too.
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

  let isDraining = false;
  return {
    async handler(request, server) {
      const { pathname } = new URL(request.url);
      const unguarded = open.get(pathname);
      if (unguarded !== undefined) return await unguarded(request);
      if (isDraining) return textResponse(503, "the server is stopping");
      const refused = await refusal(request, authorize);
      if (refused !== undefined) return refused;
      const route = guarded.get(pathname);
      return await route?.(request, server) ??
        textResponse(404, "there is no such page; see /");
    },
    drain() {
      isDraining = true;
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
    return textResponse(503, "this data is not available now");
  }
}
