/** One small registry per feature; the `.txt` files hold its expositions. */
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { familyDesc, Labels } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

export const CASES: Readonly<Record<string, (registry: Registry) => void>> = {
  counter(registry) {
    const counter = registry.counter({
      name: "orders_total",
      help: "Orders accepted.",
      labels: ["payment"],
    });
    counter.with({ payment: "card" }).inc(3, { trace_id: "4bf92f3577b34da6" });
    counter.with({ payment: "cash" }).inc(0.5);
    counter.with({ payment: "" }).inc(2 ** 31);
  },
  gauge(registry) {
    const gauge = registry.gauge({
      name: "temperature_celsius",
      help: "Temperature.",
      unit: "celsius",
      labels: ["room"],
    });
    [-1.5, 1e21, 1e-7, NaN, Infinity, -Infinity, -0].forEach((value, room) =>
      gauge.with({ room }).set(value)
    );
  },
  histogram(registry) {
    const histogram = registry.histogram({
      name: "request_duration_seconds",
      help: "How long requests take.",
      unit: "seconds",
      buckets: [0.005, 1, 1_000_000],
      labels: ["route"],
    });
    const series = histogram.with({ route: "/" });
    series.observe(0.001, 2);
    series.observe(0.5, 1, { trace_id: "a", span_id: "b" });
    series.observe(2_000_000);
    histogram.with({ route: "/idle" });
  },
  histogram_below_zero(registry) {
    registry.histogram({ name: "drift", help: "Drift.", buckets: [-1, 0, 1] })
      .observe(-3);
  },
  summary(registry) {
    const summary = registry.summary({
      name: "payload_bytes",
      help: "Size of payloads.",
      unit: "bytes",
      quantiles: [0.5, 0.99],
    });
    for (const value of [0, 0, 0]) summary.observe(value);
    registry.summary({ name: "plain", help: "Count and sum." }).observe(2, 4);
    registry.summary({ name: "idle", help: "Idle.", quantiles: [0.5] });
  },
  info_and_stateset(registry) {
    registry.stateSet({ name: "phase", help: "Phase.", states: ["a", "b"] })
      .set("b");
    registry.info({ name: "build_info", help: "Build.", labels: ["version"] })
      .set({ version: "1.0" });
    registry.info({ name: "target_info", help: "Target.", labels: ["os"] })
      .set({ os: "linux" });
  },
  gauge_histogram_and_unknown(registry) {
    const ages = familyDesc({
      name: "queue_age_seconds",
      type: "gaugehistogram",
      help: "How long jobs have waited.",
      unit: "seconds",
      labelNames: ["queue"],
    });
    const foreign = familyDesc({
      name: "foreign",
      type: "unknown",
      help: "Of another program.",
    });
    registry.add({
      descs: [ages, foreign],
      collect(sink) {
        sink.family(ages);
        sink.histogram(new Labels(["queue"], ["mail"]), {
          count: 4,
          sum: 21.5,
          bounds: Float64Array.of(1, 10),
          counts: Float64Array.of(1, 2, 1),
          exemplars: [
            undefined,
            { labels: { job: "7" }, value: 9.5, timestamp: 0 },
          ],
        }, 0);
        sink.family(foreign);
        sink.number(Labels.NONE, -0.25, 0);
      },
    });
  },
  native_histogram(registry) {
    const histogram = registry.histogram({
      name: "latency_seconds",
      help: "Native buckets alone.",
      unit: "seconds",
      native: { schema: 1, zeroThreshold: 0.001 },
    });
    for (const value of [0, 0.0005, 0.5, 0.6, 1, 1, 4, 100, Infinity]) {
      histogram.observe(value);
    }
    histogram.observe(-2, 3, { trace_id: "below" });
    histogram.observe(0.75, 1, { trace_id: "a" });
    registry.histogram({
      name: "both_seconds",
      help: "Native and classic buckets.",
      unit: "seconds",
      native: { schema: 0 },
      buckets: [0.1, 1],
      labels: ["route"],
    }).with({ route: "/" }).observe(0.5, 2, { trace_id: "b" });
    registry.histogram({
      name: "idle",
      help: "Nothing.",
      native: { zeroThreshold: 0 },
    });
    registry.histogram({ name: "spoilt", help: "NaN.", native: true })
      .observe(NaN);
  },
  names_in_utf8(registry) {
    const scope = registry.scope({ names: "utf-8" });
    scope.counter({
      name: "http.requests_total",
      help: "Requests.",
      labels: ["http.method", "plain"],
    }).with({ "http.method": "GET", plain: "x" }).inc(7, { trace_id: "t" });
    scope.gauge({ name: 'größe "in" m', help: "Quoted." }).set(1.5);
    scope.histogram({
      name: "dauer.http_seconds",
      help: "Dauer.",
      unit: "seconds",
      buckets: [1],
    }).observe(0.5);
    scope.stateSet({ name: "phase.now", help: "Phase.", states: ["a", "b"] })
      .set("a");
    scope.info({ name: "build.x_info", help: "B.", labels: ["v.1"] })
      .set({ "v.1": "1" });
    scope.summary({ name: "s.s", help: "S.", quantiles: [0.5] }).observe(0);
  },
  escaping(registry) {
    registry.counter({
      name: "texts_total",
      help: 'A "quote", a \\ and a\nline feed.',
      labels: ["text"],
    }).with({ text: 'A "quote", a \\ and a\nline feed, 🚀.' }).inc();
  },
  self_metrics(registry) {
    const full = registry.counter({
      name: "full_total",
      help: "Full.",
      labels: ["a"],
      maxSeries: 1,
    });
    full.with({ a: 1 }).inc();
    full.with({ a: 2 }).inc(5);
    full.with({ a: 3 }).inc(7);
    full.with({ a: 1 }).inc(-1);
    registry.callbackGauge({
      name: "broken",
      help: "Broken.",
      read: () => {
        throw new Error("broken");
      },
    });
  },
};

/** Returns the registry of a case, with its clock at a fixed time. */
export function registryOf(name: string): Registry {
  const registry = createRegistry({
    clock: new FakeClock(1_700_000_000.5),
    selfMetrics: name === "self_metrics",
  });
  CASES[name]!(registry);
  return registry;
}
