/**
 * Metrics of a bus, a tracer and an exporter. Callbacks read the existing counts
 * at each scrape, so recording costs nothing more.
 */
import { disposeAll, makeAll } from "../base/internal.ts";
import type { Bus, BusStats } from "../bus/mod.ts";
import {
  type BareRegistry,
  callbackCounter,
  callbackGauge,
} from "../metrics/mod.ts";
import type { ExporterStats } from "../push/mod.ts";
import type { Tracer, TracerStats } from "../trace/mod.ts";
import { Pools } from "./pooled_stats.ts";

const BUSES = /* @__PURE__ */ new Pools<BusStats>([
  "subscribers",
  "size",
  "capacity",
]);
const TRACERS = /* @__PURE__ */ new Pools<TracerStats>([]);
const EXPORTERS = /* @__PURE__ */ new Pools<ExporterStats>(["queued"]);

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
      "Events that made room for others.",
      ({ evicted }) => evicted,
    ),
    counter(
      "barograph_events_missed_total",
      "Events that subscribers were too slow for.",
      ({ lost }) => lost,
    ),
    gauge(
      "barograph_event_subscribers",
      "Subscriptions that are open.",
      ({ subscribers }) => subscribers,
    ),
    gauge(
      "barograph_events_kept",
      "Events that are kept at the moment.",
      ({ size }) => size,
    ),
    gauge(
      "barograph_events_capacity",
      "Events that are kept at most.",
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

/**
 * Exposes the counts of an exporter as metrics, until the result is disposed.
 * Several exporters on one registry are summed.
 */
export function exposeExporter(
  registry: BareRegistry,
  exporter: { stats(): ExporterStats },
): Disposable {
  return EXPORTERS.add(
    registry,
    () => exporter.stats(),
    (stats) => exposeExporters(registry, stats),
  );
}

function exposeExporters(
  registry: BareRegistry,
  stats: () => ExporterStats,
): Disposable {
  const counter =
    (name: string, help: string, key: keyof ExporterStats) => () =>
      callbackCounter({
        name,
        help,
        read: (report) => report(stats()[key]),
      }, registry);
  return exposeAll([
    counter(
      "barograph_spans_exported_total",
      "Spans that a collector has taken.",
      "exported",
    ),
    counter(
      "barograph_spans_lost_total",
      "Spans that made room for others before a collector took them.",
      "lost",
    ),
    counter(
      "barograph_spans_rejected_total",
      "Spans that a collector has refused for good.",
      "rejected",
    ),
    counter(
      "barograph_span_export_retries_total",
      "Requests to a collector that failed and are tried again.",
      "retries",
    ),
    () =>
      callbackGauge({
        name: "barograph_spans_queued",
        help: "Spans that wait for a collector.",
        read: (report) => report(stats().queued),
      }, registry),
  ]);
}

/** Exposes all metrics or, if one throws, none; until the result is disposed. */
function exposeAll(metrics: readonly (() => Disposable)[]): Disposable {
  const exposed = makeAll(metrics);
  return { [Symbol.dispose]: () => disposeAll(exposed) };
}
