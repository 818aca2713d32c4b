/**
 * What a telemetry server answers to which path.
 *
 * - `/health` and `/ready` are for everybody; `authorize` stands before all
 *   else, unknown paths too.
 * - A path is compared as it is, and never looked up anywhere.
 */
import type { Bus } from "../bus/mod.ts";
import {
  type EventsHandler,
  eventsHandler,
  healthHandler,
  metricsHandler,
  type ReadyHandler,
  readyHandler,
} from "../http/mod.ts";
import { methodResponse, refusal, textResponse } from "../http/internal.ts";
import { defaultRegistry } from "../metrics/mod.ts";
import type { ServeHandler } from "../platform/internal.ts";
import { indexPage } from "./index_page.ts";
import type { Descriptions, ServeTelemetryOptions } from "./options.ts";

/** The answers of one life of a server. */
export interface Routes {
  /** Answers. */
  readonly handler: ServeHandler;
  /** From now on: not ready, no feeds, 503 to all that is new. */
  drain(): void;
}

type Answer = (request: Request, server?: unknown) => Promise<Response>;

/** The answers that `options` ask for. */
export function routesOf<M extends object>(
  options: ServeTelemetryOptions<M>,
): Routes {
  const { registry = defaultRegistry(), bus, path = "/metrics" } = options;
  const { authorize, checks = {}, describe = {} } = options;
  const ready: ReadyHandler = readyHandler({
    checks,
    // The names of what a program needs are not for everybody either.
    ...authorize && {
      showChecks: async (request) =>
        await refusal(request, authorize) === undefined,
    },
  });
  const events = bus && feedOf(bus, options);
  const open = new Map<string, Answer>([
    ["/health", healthHandler()],
    ["/ready", ready],
  ]);
  const locked = new Map<string, Answer>([
    [path, metricsHandler(registry)],
    ...events === undefined ? [] : [["/events", events] as const],
    ...descriptions(describe),
  ]);
  const title = options.title ?? "Barograph";
  const links = [...locked.keys(), ...open.keys()]
    .map((path) => [path, path.slice(1)] as const);
  locked.set("/", (request) =>
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
      const answer = locked.get(pathname);
      return await answer?.(request, server) ??
        textResponse(404, "there is no such page; see /");
    },
    drain() {
      draining = true;
      ready.drain();
      events?.close();
    },
  };
}

function feedOf<M extends object>(
  bus: Bus<M>,
  { origins, redact }: ServeTelemetryOptions<M>,
): EventsHandler {
  return eventsHandler(bus, {
    ...origins !== undefined && { origins },
    ...redact !== undefined && { redact },
  });
}

function descriptions(
  { name, endpoints, resources, middlewares }: Descriptions,
): (readonly [string, Answer])[] {
  const tells: Record<string, (() => unknown) | undefined> = {
    "/config": name === undefined ? undefined : () => ({ Name: name }),
    "/endpoints": endpoints,
    "/resources": resources && (() => ({ resources: resources() })),
    "/middlewares": middlewares && (() => ({ middlewares: middlewares() })),
  };
  return Object.entries(tells).flatMap(([path, tell]) => {
    if (tell === undefined) return [];
    const answer: Answer = (request) =>
      Promise.resolve(
        methodResponse(request.method, "GET, HEAD") ?? told(tell),
      );
    return [[path, answer] as const];
  });
}

function told(tell: () => unknown): Response {
  try {
    return Response.json(tell(), { headers: { "cache-control": "no-store" } });
  } catch {
    return textResponse(503, "this cannot be told at the moment");
  }
}
