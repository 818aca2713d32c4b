/** Sources with data that has broken readers before, and with all types. */
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { familyDesc, Labels, type Source } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

const NASTY = [
  "",
  "plain",
  'quote " quote',
  "back \\ slash",
  "line\nfeed",
  "literal \\n",
  "carriage\rreturn",
  "nul \u0000",
  "separator \u2028",
  "emoji 🚀",
  "# EOF",
  "a=b,c={}",
  " blanks ",
  "x".repeat(300),
];

/** Returns a registry with families of every type and unusual numbers and strings. */
export function nastyRegistry(): Registry {
  const registry = createRegistry({ clock: new FakeClock(1_700_000_000.25) });
  registry.info({ name: "target_info", help: "The target.", labels: ["os"] })
    .set({ os: "linux" });
  const texts = registry.counter({
    name: "texts_total",
    help: 'Help with "quotes", a \\ and a\nline feed.',
    labels: ["text", "other"],
  });
  NASTY.forEach((text, i) => {
    texts.with({ text, other: i }).inc(i, {
      trace_id: `t${i}`,
      span_id: text.slice(0, 20).replace(/[^a-z]/g, ""),
    });
    texts.with({ text: "fixed", other: text }).inc();
  });
  const numbers = registry.gauge({
    name: "numbers",
    help: "Numbers.",
    labels: ["i"],
  });
  [
    0,
    -0,
    1,
    -1,
    0.1,
    1e21,
    1e-7,
    5e-324,
    Number.MAX_VALUE,
    2 ** 31,
    2 ** 53,
    123456789.125,
    NaN,
    Infinity,
    -Infinity,
  ].forEach((value, i) => numbers.with({ i }).set(value));
  const durations = registry.histogram({
    name: "request_duration_seconds",
    help: "Durations.",
    unit: "seconds",
    labels: ["route"],
  });
  for (let i = 0; i < 40; i++) {
    const exemplar = i % 3 === 0 ? { trace_id: `${i}` } : undefined;
    durations.with({ route: i % 2 === 0 ? "/" : "/a" }).observe(
      i / 3,
      1,
      exemplar,
    );
  }
  registry.histogram({
    name: "temperature_celsius",
    help: "With bounds below zero.",
    buckets: [-10, 0, 1e-7, 10, 1e6, 2.5e6],
  }).observe(-20);
  registry.histogram({ name: "spoilt", help: "With a sum of NaN." })
    .observe(NaN);
  registry.histogram({ name: "unbounded", help: "One bucket.", buckets: [] })
    .observe(3);
  const summary = registry.summary({
    name: "payload_bytes",
    help: "Payloads.",
    unit: "bytes",
    quantiles: [0, 0.5, 0.99, 1],
  });
  for (let i = 0; i < 100; i++) summary.observe(i);
  registry.summary({ name: "idle", help: "Nothing.", quantiles: [0.5] });
  registry.summary({ name: "plain", help: "No quantiles." }).observe(1, 5);
  registry.info({ name: "build_info", help: "Build.", labels: ["version"] })
    .set({ version: "1.0" });
  const phase = registry.stateSet({
    name: "phase",
    help: "Phase.",
    states: ["starting", "ready"],
    labels: ["worker"],
  });
  phase.with({ worker: 1 }).set("ready");
  phase.with({ worker: 2 });
  registry.counter({
    name: "overflowing_total",
    help: "Full.",
    labels: ["a"],
    maxSeries: 2,
  });
  registry.callbackGauge({
    name: "broken",
    help: "Throws.",
    read: () => {
      throw new Error("broken");
    },
  });
  return registry;
}

/** Returns a source with types and names that registries do not declare. */
export function rareFamilies(withGaugeHistogram: boolean): Source {
  const depth = familyDesc({
    name: "queue_age_seconds",
    type: "gaugehistogram",
    help: "Age of the waiting jobs.",
    unit: "seconds",
  });
  const other = familyDesc({ name: "other", type: "unknown", help: "Other." });
  const dotted = familyDesc({
    name: "http.server.load",
    type: "gauge",
    help: "Load.",
    labelNames: ["http_method", "http.route"],
  }, "utf-8");
  return {
    descs: withGaugeHistogram ? [depth, other, dotted] : [other, dotted],
    collect(sink) {
      if (withGaugeHistogram && sink.family(depth)) {
        sink.histogram(Labels.NONE, {
          count: 3,
          sum: 4.5,
          bounds: Float64Array.of(1, 2.5),
          counts: Float64Array.of(1, 2, 0),
          exemplars: [],
        }, 0);
      }
      if (sink.family(other)) sink.number(Labels.NONE, -7.25, 0);
      if (sink.family(dotted)) {
        sink.number(new Labels(dotted.labelNames, ["GET", "/ü"]), 5, 0);
      }
    },
  };
}
