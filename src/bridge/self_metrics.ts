/**
 * Metrics of a bus, a tracer and exporters. Callbacks read the existing counts
 * at each scrape, so recording costs nothing more.
 */
import { disposeAll, makeAll } from "../base/internal.ts";
import type { Bus, BusStats } from "../bus/mod.ts";
import {
  type BareRegistry,
  callbackCounter,
  callbackGauge,
} from "../metrics/mod.ts";
import type { ExporterStats, PushStats } from "../push/mod.ts";
import type { Tracer, TracerStats } from "../trace/mod.ts";
import { Pools } from "./pooled_stats.ts";

const BUSES = /* @__PURE__ */ new Pools<BusStats>([
  "subscribers",
  "size",
  "capacity",
]);
const TRACERS = /* @__PURE__ */ new Pools<TracerStats>([]);
const EXPORTERS = {
  spans: /* @__PURE__ */ new Pools<ExporterStats>(["queued"]),
  logs: /* @__PURE__ */ new Pools<ExporterStats>(["queued"]),
  points: /* @__PURE__ */ new Pools<ExporterStats>(["queued"]),
};

/** The label value of all topics that a bus does not list. */
const OTHER = "other";

/**
 * Exposes the counts of a bus as metrics, until the result is disposed. Several
 * buses on one registry are summed.
 */
export function exposeBus<M extends object>(
  registry: BareRegistry,
  bus: Bus<M>,
): Disposable {
  return BUSES.add(
    registry,
    () => bus.stats(),
    (stats) => exposeBuses(registry, stats),
  );
}

function exposeBuses(
  registry: BareRegistry,
  stats: () => BusStats,
): Disposable {
  type Select = (stats: BusStats) => number;
  const counter = (name: string, help: string, select: Select) => () =>
    callbackCounter({
      name,
      help,
      read: (report) => report(select(stats())),
    }, registry);
  const gauge = (name: string, help: string, select: Select) => () =>
    callbackGauge({
      name,
      help,
      read: (report) => report(select(stats())),
    }, registry);
  return exposeAll([
    () =>
      callbackCounter({
        name: "barograph_events_published_total",
        help: "Events published, by topic.",
        labels: ["topic"],
        read: (report) => {
          const { published, unlisted } = stats();
          for (const [topic, count] of published) {
            if (topic !== OTHER) report(count, { topic });
          }
          const others = (published.get(OTHER) ?? 0) + unlisted;
          if (others > 0) report(others, { topic: OTHER });
        },
      }, registry),
    counter(
      "barograph_events_evicted_total",
      "Events evicted from the ring.",
      ({ evicted }) => evicted,
    ),
    counter(
      "barograph_events_missed_total",
      "Events missed by slow subscribers.",
      ({ lost }) => lost,
    ),
    gauge(
      "barograph_event_subscribers",
      "Open subscriptions.",
      ({ subscribers }) => subscribers,
    ),
    gauge(
      "barograph_events_kept",
      "Number of retained events.",
      ({ size }) => size,
    ),
    gauge(
      "barograph_events_capacity",
      "Maximum number of retained events.",
      ({ capacity }) => capacity,
    ),
  ]);
}

/**
 * Exposes the counts of a tracer as metrics, until the result is disposed. Several
 * tracers on one registry are summed.
 */
export function exposeTracer(
  registry: BareRegistry,
  tracer: Tracer,
): Disposable {
  return TRACERS.add(
    registry,
    () => tracer.stats(),
    (stats) => exposeTracers(registry, stats),
  );
}

function exposeTracers(
  registry: BareRegistry,
  stats: () => TracerStats,
): Disposable {
  return exposeAll([
    () =>
      callbackCounter({
        name: "barograph_spans_started_total",
        help: "Spans started, by whether they are recorded.",
        labels: ["sampled"],
        values: { sampled: ["true", "false"] },
        read: (report) => {
          const { recorded, unsampled } = stats();
          report(recorded, { sampled: "true" });
          report(unsampled, { sampled: "false" });
        },
      }, registry),
    () =>
      callbackCounter({
        name: "barograph_spans_ended_total",
        help: "Recorded spans that have ended.",
        read: (report) => report(stats().ended),
      }, registry),
    () =>
      callbackCounter({
        name: "barograph_trace_failures_total",
        help: "Listeners and samplers of spans that threw.",
        read: (report) => report(stats().failures),
      }, registry),
    () =>
      callbackCounter({
        name: "barograph_span_changes_dropped_total",
        help: "Changes to spans that were dropped, by reason.",
        labels: ["reason"],
        values: { reason: ["invalid", "limit", "late"] },
        read: (report) => {
          const { invalid, limit, late } = stats().dropped;
          report(invalid, { reason: "invalid" });
          report(limit, { reason: "limit" });
          report(late, { reason: "late" });
        },
      }, registry),
  ]);
}

/** The words for exported items in names and descriptions of metrics. */
const ITEMS = {
  spans: { one: "span", all: "Spans" },
  logs: { one: "log", all: "Log events" },
  points: { one: "point", all: "Points of metrics" },
} as const;

/**
 * Exposes the counts of an exporter as metrics, until the result is disposed.
 * Several exporters of the same `items` on one registry are summed. The items are
 * part of the names, such as `barograph_logs_exported_total`.
 */
export function exposeExporter(
  registry: BareRegistry,
  exporter: { stats(): ExporterStats },
  items: "spans" | "logs" = "spans",
): Disposable {
  return exposeItems(registry, () => exporter.stats(), items);
}

/**
 * Exposes the counts of the points of a metric pusher as metrics, such as
 * `barograph_points_exported_total`, until the result is disposed. Retries are
 * those of its requests. Several pushers on one registry are summed.
 */
export function exposePusher(
  registry: BareRegistry,
  pusher: { stats(): PushStats },
): Disposable {
  return exposeItems(registry, () => {
    const { points, retries } = pusher.stats();
    return { ...points, retries };
  }, "points");
}

function exposeItems(
  registry: BareRegistry,
  stats: () => ExporterStats,
  items: keyof typeof ITEMS,
): Disposable {
  return EXPORTERS[items].add(
    registry,
    stats,
    (sum) => exposeExporters(registry, sum, items),
  );
}

function exposeExporters(
  registry: BareRegistry,
  stats: () => ExporterStats,
  items: keyof typeof ITEMS,
): Disposable {
  const { one, all } = ITEMS[items];
  const counter =
    (name: string, help: string, key: keyof ExporterStats) => () =>
      callbackCounter({
        name: `barograph_${name}_total`,
        help,
        read: (report) => report(stats()[key]),
      }, registry);
  return exposeAll([
    counter(
      `${items}_exported`,
      `${all} that a collector has taken.`,
      "exported",
    ),
    counter(
      `${items}_lost`,
      `${all} that made room for others before a collector took them.`,
      "lost",
    ),
    counter(
      `${items}_rejected`,
      `${all} that a collector has refused for good.`,
      "rejected",
    ),
    counter(
      `${one}_export_retries`,
      "Failed requests to a collector that are retried.",
      "retries",
    ),
    () =>
      callbackGauge({
        name: `barograph_${items}_queued`,
        help: `${all} that wait for a collector.`,
        read: (report) => report(stats().queued),
      }, registry),
  ]);
}

/** Exposes all metrics or, if one throws, none; until the result is disposed. */
function exposeAll(metrics: readonly (() => Disposable)[]): Disposable {
  const exposed = makeAll(metrics);
  return { [Symbol.dispose]: () => disposeAll(exposed) };
}
