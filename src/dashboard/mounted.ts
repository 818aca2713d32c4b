/** One mount of a page: its endpoints over the parts of one service. */
import { processInfo, runtimeText } from "../platform/internal.ts";
import { EventFrames } from "../http/internal.ts";
import type { MountedPage, PageParts } from "../http/mod.ts";
import { fleetOf } from "../model/internal.ts";
import type { Access } from "./access.ts";
import { type Core, viewOf } from "./core.ts";
import { Feed } from "./feed/feed.ts";
import { familyIds } from "./feed/want.ts";
import { type DataEndpoint, pageHandler } from "./handler.ts";
import { HealthState } from "./health.ts";
import type { Hello } from "./protocol.ts";
import type { Redaction } from "./redaction.ts";
import {
  traceAnswer,
  traceList,
  traceQuery,
  traceSummary,
} from "./traces/answers.ts";
import { traceKeeper } from "./traces/keeper.ts";

/** The longest range of a history, and that of a request without one. */
const MAX_RANGE = 3600;
const RANGE = 900;

/** The maximum length of the JSON of an event. */
const MAX_EVENT = 65_536;

/** The arguments of `mounted`. */
export interface MountInit {
  readonly path: string;
  readonly parts: PageParts;
  readonly access: Access;
  readonly redaction: Redaction;
  readonly core: Core;
  readonly maxFeeds: number;
  readonly announce: MountedPage["announce"];
}

/** Mounts a page. */
export function mounted(init: MountInit): MountedPage {
  const { access, core, maxFeeds, parts, path, redaction } = init;
  const { findings, history } = core;
  const joined = core.join(parts, redaction);
  const { bus, clock, registry, service, timers, tracer } = parts;
  const view = viewOf(history, redaction, parts);
  const keeper = traceKeeper();
  const attached = tracer && keeper.attach({ tracer, service, timers });
  const health = new HealthState({
    checks: parts.checks ?? {},
    history,
    registry,
    redaction,
    clock,
    timers,
  });
  const feed = new Feed({
    history,
    hello: helloOf(init),
    findings,
    health,
    traces: tracer && ((listener) =>
      keeper.onTrace((trace) => {
        const summary = traceSummary(trace, view);
        if (summary !== undefined) listener(summary);
      })),
    bus,
    events: bus &&
      new EventFrames(bus, parts.redact, MAX_EVENT, redaction.eventJson),
    maxFeeds,
    clock,
    timers,
  });
  const endpoints: Record<string, DataEndpoint> = {
    feed: (query, rest, request) =>
      rest === "" ? feed.respond(query, request) : undefined,
    history: (query, rest) =>
      rest === ""
        ? history.query(familyIds(query.get("f")), rangeIn(query))
        : undefined,
    traces: (query, rest) =>
      rest === ""
        ? traceList(keeper, traceQuery(query), view, history.epoch)
        : traceAnswer(keeper, rest, view),
    health: (_, rest) => rest === "" ? health.read() : undefined,
  };
  return {
    handler: pageHandler(path, access, new Map(Object.entries(endpoints))),
    announce: init.announce,
    close: () => feed.close(),
    [Symbol.dispose](): void {
      feed[Symbol.dispose]();
      attached?.[Symbol.dispose]();
      joined[Symbol.dispose]();
    },
  };
}

/** Returns the seconds of a range, of a whole number within the limits. */
function rangeIn(query: URLSearchParams): number {
  const text = query.get("range") ?? "";
  const isNumber = /^[1-9][0-9]{0,5}$/.test(text);
  return isNumber ? Math.min(Number(text), MAX_RANGE) : RANGE;
}

/** Returns what makes the first message of a feed. */
function helloOf({ core: { history }, parts }: MountInit): () => Hello {
  const { bus, registry, service, tracer, version } = parts;
  const constant = {
    service: service ?? "",
    version: version ?? "",
    runtime: runtimeText(),
    started: processInfo().startTime() ?? null,
  };
  return () => ({
    v: 1,
    ...history.state(),
    ...constant,
    has: {
      fleet: fleetOf(registry) !== undefined,
      events: bus !== undefined,
      traces: tracer !== undefined,
      health: true,
    },
  });
}
