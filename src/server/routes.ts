/**
 * The routes of a telemetry server.
 *
 * - `/health` and `/ready` are open to everyone; `hosts` and `authorize` guard all
 *   other paths, including unknown ones.
 * - Paths are compared as text and never used to look up a file.
 * - Nothing in the head of a request makes a route throw.
 */
import { systemClock, type Timers } from "../base/mod.ts";
import { isUnderPath, pathOf, within } from "../base/internal.ts";
import {
  eventsHandler,
  healthHandler,
  metricsHandler,
  type MountedPage,
  type ReadyHandler,
  readyHandler,
} from "../http/mod.ts";
import {
  hostRefusal,
  isHostAllowed,
  isLoopback,
  methodResponse,
  refusal,
  textResponse,
} from "../http/internal.ts";
import { defaultBareRegistry } from "../metrics/internal.ts";
import type { ServeHandler } from "../platform/internal.ts";
import { indexPage } from "./index_page.ts";
import type { Descriptions, ServerSettings } from "./options.ts";

/** The routes of a server between a start and a stop. */
export interface Routes {
  /** Answers every request. */
  readonly handler: ServeHandler;
  /** The live page, if there is one. */
  readonly page: MountedPage | undefined;
  /** Reports "not ready", ends feeds, and answers 503 to new requests. */
  drain(): void;
}

type Route = (request: Request) => Promise<Response>;

/** Returns the routes for `settings`. */
export function routesOf<M extends object>(
  settings: ServerSettings<M>,
): Routes {
  const { registry = defaultBareRegistry(), bus, path, title } = settings;
  const { authorize, checks, describe, origins, redact, timers } = settings;
  const { dashboard } = settings;
  const { hostname, unix } = settings;
  const isLocal = unix === undefined && isLoopback(hostname);
  const { hosts = isLocal && authorize === undefined ? [] : "any" } = settings;
  const ready: ReadyHandler = readyHandler({
    checks,
    // The names of checks reveal dependencies, so they are guarded too.
    showChecks: async (request) =>
      isHostAllowed(request, hosts) &&
      await refusal(request, authorize, timers) === undefined,
    timers,
  });
  // It calls `authorize` itself: a preflight carries no token.
  const events = bus &&
    eventsHandler(bus, { authorize, origins, redact, timers });
  const open = new Map<string, Route>([
    ["/health", healthHandler()],
    ["/ready", ready],
  ]);
  const guarded = new Map<string, Route>([
    [path, metricsHandler(registry, { timers })],
    ...descriptions(describe, timers),
  ]);
  const paths = [
    ...dashboard === undefined ? [] : [dashboard.path],
    ...guarded.keys(),
    ...events === undefined ? [] : ["/events"],
    ...open.keys(),
  ];
  const links = paths.map((path) => [path, path.slice(1)] as const);
  guarded.set("/", (request) =>
    Promise.resolve(
      methodResponse(request.method, "GET, HEAD") ?? indexPage(title, links),
    ));

  // Last, because the options of the others may be wrong: it starts timers.
  const page = dashboard?.mount({
    registry,
    bus,
    service: describe.name,
    checks,
    authorize,
    hosts,
    redact,
    clock: systemClock,
    timers,
  });
  let isDraining = false;
  return {
    page,
    async handler(request, server) {
      // With these characters, runtimes read a part of `Host` as the path.
      if (/[/?#\\]/.test(request.headers.get("host") ?? "")) {
        return textResponse(400, "the Host header is malformed");
      }
      const pathname = normalized(pathOf(request.url));
      const unguarded = open.get(pathname);
      if (unguarded !== undefined) return await unguarded(request);
      if (isDraining) return textResponse(503, "the server is stopping");
      const misdirected = hostRefusal(request, hosts);
      if (misdirected !== undefined) return misdirected;
      if (events !== undefined && pathname === "/events") {
        return await events(request, server);
      }
      // It calls `authorize` itself: its text is for everyone.
      if (page !== undefined && isUnderPath(pathname, dashboard!.path)) {
        return await page.handler(request);
      }
      const refused = await refusal(request, authorize, timers);
      if (refused !== undefined) return refused;
      const route = guarded.get(pathname);
      return await route?.(request) ??
        textResponse(404, "there is no such page; see /");
    },
    drain() {
      isDraining = true;
      ready.drain();
      events?.close();
      page?.[Symbol.dispose]();
    },
  };
}

/** Removes the segments `.` and `..`, which only some runtimes leave in a URL. */
function normalized(path: string): string {
  if (!path.includes("/.")) return path;
  const url = new URL("http://localhost");
  url.pathname = path;
  return url.pathname;
}

/** Seconds that a function of `Descriptions` may take. */
const DESCRIBE_SECONDS = 5;

function descriptions(
  { name, endpoints, resources, middlewares }: Descriptions,
  timers: Timers,
): (readonly [string, Route])[] {
  const values: Record<string, (() => unknown) | undefined> = {
    "/config": name === undefined ? undefined : () => ({ Name: name }),
    "/endpoints": endpoints,
    "/resources": resources &&
      (async () => ({ resources: await resources() })),
    "/middlewares": middlewares &&
      (async () => ({ middlewares: await middlewares() })),
  };
  return Object.entries(values).flatMap(([path, value]) => {
    if (value === undefined) return [];
    const route: Route = async (request) =>
      methodResponse(request.method, "GET, HEAD") ??
        await jsonResponse(value, timers);
    return [[path, route] as const];
  });
}

async function jsonResponse(
  value: () => unknown,
  timers: Timers,
): Promise<Response> {
  try {
    const described = (async () => await value())();
    // undefined is no JSON: a late answer is a failed one.
    const data = await within(described, DESCRIBE_SECONDS, timers, undefined);
    const json = JSON.stringify(data) as string | undefined;
    if (json !== undefined) {
      return new Response(json, {
        headers: {
          "content-type": "application/json",
          "cache-control": "no-store",
        },
      });
    }
  } catch {
    // The client never sees the reason.
  }
  return textResponse(503, "this data is not available now");
}
