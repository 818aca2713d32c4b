/** Labels, exemplars and ends of the series in messages of both versions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { Labels } from "../../../src/model/mod.ts";
import { SeriesTable } from "../../../src/push/remote/series.ts";
import { maxGauges } from "../../extension/max_gauge.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import type { SeenSeries } from "../../support/remote_write_reader.ts";
import {
  newRegistry,
  pushed,
  sourceOf,
  START,
  TIME,
  valuesOf,
} from "./fixtures.ts";

const VERSIONS = ["2.0", "1.0"] as const;

for (const version of VERSIONS) {
  test(`${version}: the target's labels win, as in a scrape`, () => {
    const registry = newRegistry();
    registry.gauge({
      name: "runs",
      help: "Runs.",
      labels: ["jobs", "job", "zone", "Zone", "exported_job"],
    }).with({ jobs: "d", job: "a", zone: "", Zone: "ü", exported_job: "c" })
      .set(1);
    const [series] = pushed(registry, {
      version,
      target: { instance: "i", job: "shop", region: "eu" },
    }).series;
    assert.deepEqual(Object.entries(series!.labels), [
      ["Zone", "ü"],
      ["__name__", "runs"],
      ["exported_exported_job", "a"],
      ["exported_job", "c"],
      ["instance", "i"],
      ["job", "shop"],
      ["jobs", "d"],
      ["region", "eu"],
    ]);
    const [both] = pushed(registry, {
      version,
      target: { instance: "i", job: "shop", exported_job: "outer" },
    }).series;
    const { __name__: _, Zone: __, ...labels } = both!.labels;
    assert.deepEqual(labels, {
      exported_exported_exported_job: "c",
      exported_exported_job: "a",
      exported_job: "outer",
      instance: "i",
      job: "shop",
      jobs: "d",
    });
  });
}

test("series whose labels a joined key would confuse are told apart", () => {
  const registry = newRegistry();
  const pairs = registry.gauge({ name: "p", help: "P.", labels: ["a", "b"] });
  pairs.with({ a: '1,"b"1:2', b: "" }).set(1);
  pairs.with({ a: "1", b: "2" }).set(2);
  pairs.with({ a: '1,"b"2', b: "" }).set(3);
  assert.equal(pushed(registry).series.length, 3);
});

test("a series has the metadata of its newest declaration", () => {
  const table = new SeriesTable();
  const helps = ["Old.", "New."].map((help, i) => {
    const registry = newRegistry();
    registry.gauge({ name: "a", help }).set(1);
    return pushed(registry, { table, time: TIME + i }).series[0]?.metadata
      ?.help;
  });
  assert.deepEqual(helps, ["Old.", "New."]);
});

test("only counters and buckets have exemplars", () => {
  const example = { labels: { trace_id: "x" }, value: 1, timestamp: START };
  const gauge = sourceOf(
    "unknown",
    (sink) => sink.number(Labels.NONE, 1, 0, example),
  );
  assert.deepEqual(pushed(gauge).series[0]?.exemplars, []);
  const registry = newRegistry();
  registry.histogram({ name: "h", help: "H.", buckets: [], native: true })
    .observe(1, 1, { trace_id: "x" });
  assert.equal(pushed(registry).series[0]?.exemplars.length, 1);
  const classic = pushed(registry, { histograms: "classic" }).series;
  assert.deepEqual(classic.flatMap(({ exemplars }) => exemplars), []);
});

test("a value that no reader accepts leaves out its family", () => {
  const registry = newRegistry();
  registry.gauge({ name: "a", help: "A." }).set(1);
  registry.callbackCounter({ name: "b_total", help: "B.", read: () => -1 });
  // A kind of another library, which begins at -Infinity.
  const kind = { ...maxGauges, id: "wrong", type: "counter" } as const;
  registry.declare(kind, { name: "c_total", help: "C." }).record(-3);
  assert.deepEqual(valuesOf(pushed(registry)), { a: 1 });
});

test("2.0 keeps names in UTF-8, sorted by bytes; 1.0 escapes them", () => {
  const registry = createRegistry({
    clock: new FakeClock(START),
    selfMetrics: false,
    names: "utf-8",
  });
  registry.gauge({
    name: "http.server.load",
    help: "Load.",
    labels: ["a\uffeec", "a😀b", "http.route", "http_method"],
  }).with({
    "a\uffeec": "a",
    "a😀b": "b",
    "http.route": "/",
    http_method: "GET",
  }).set(1);
  const names = (version: "1.0" | "2.0") =>
    Object.entries(pushed(registry, { version }).series[0]!.labels);
  assert.deepEqual(names("2.0"), [
    ["__name__", "http.server.load"],
    ["a\uffeec", "a"],
    ["a😀b", "b"], // first by UTF-16, in which JavaScript compares
    ["http.route", "/"],
    ["http_method", "GET"],
    ["instance", "a:1"],
    ["job", "shop"],
  ]);
  assert.deepEqual(names("1.0"), [
    ["__name__", "http_server_load"],
    ["a_b", "b"],
    ["a_c", "a"],
    ["http_method", "GET"],
    ["http_route", "/"],
    ["instance", "a:1"],
    ["job", "shop"],
  ]);
  const { metadata } = pushed(registry, { version: "1.0" });
  assert.deepEqual(Object.keys(metadata), ["http_server_load"]);
});

for (const version of VERSIONS) {
  test(`${version}: exemplars have times, sorted and never older ones`, () => {
    const clock = new FakeClock(START);
    const registry = createRegistry({ clock, selfMetrics: false });
    const counter = registry.counter({ name: "jobs_total", help: "Jobs." });
    counter.inc(2, { trace_id: "first" });
    const table = new SeriesTable();
    const exemplarsOf = (time: number) =>
      pushed(registry, { version, table, time }).series
        .flatMap(({ exemplars }) => exemplars);
    const first = {
      labels: { trace_id: "first" },
      value: 2,
      timestamp: START * 1000,
    };
    assert.deepEqual(exemplarsOf(TIME), [first]);
    // Repeated: the first push may be lost, and receivers know duplicates.
    assert.deepEqual(exemplarsOf(TIME + 1), [first]);
    clock.advance(90);
    counter.inc(1, { trace_id: "later" });
    assert.deepEqual(exemplarsOf(TIME + 2), [], "none of the future");
    assert.deepEqual(exemplarsOf(TIME + 60_000), [{
      labels: { trace_id: "later" },
      value: 1,
      timestamp: (START + 90) * 1000,
    }]);
  });
}

test("exemplars without a time are left out, those of buckets are at theirs", () => {
  const exemplar = (value: number, timestamp: number) => ({
    labels: { trace_id: `at${value}`, empty: "" },
    value,
    timestamp,
  });
  const source = sourceOf("histogram", (sink) =>
    sink.histogram(Labels.NONE, {
      count: 2,
      sum: 3,
      bounds: Float64Array.of(1),
      counts: Float64Array.of(1, 1),
      exemplars: [exemplar(0.5, 0), exemplar(2.5, START)],
    }, START));
  const seen = pushed(source).series.map(({ id, exemplars }) =>
    [id, exemplars.map(({ labels }) => labels)] as const
  );
  assert.deepEqual(seen.slice(0, 2), [
    ['depth_bucket{le="1.0"}', []],
    ['depth_bucket{le="+Inf"}', [{ trace_id: "at2.5" }]],
  ]);
});

/** Returns the series of a request with a marker. */
function markedIn(series: readonly SeenSeries[]): string[] {
  return series.filter(({ value, histogram }) =>
    value === "stale" || histogram?.sum === "stale"
  ).map(({ id }) => id);
}

for (const version of VERSIONS) {
  test(`${version}: series that end get markers, histograms by their sum`, () => {
    const registry = newRegistry();
    const table = new SeriesTable();
    const mails = registry.gauge({
      name: "mails",
      help: "Mails.",
      labels: ["to"],
    });
    mails.with({ to: "a" }).set(1);
    mails.with({ to: "b" }).set(NaN);
    const native = registry.histogram({
      name: "delay",
      help: "Delay.",
      buckets: [],
      native: true,
      labels: ["to"],
    });
    native.with({ to: "a" }).observe(1);
    assert.deepEqual(markedIn(pushed(registry, { table, version }).series), []);
    mails.remove({ to: "b" });
    native.remove({ to: "a" });
    const { series } = pushed(registry, { table, version, time: TIME + 1 });
    assert.deepEqual(markedIn(series), ['mails{to="b"}', 'delay{to="a"}']);
    assert.deepEqual(series.at(-1)?.histogram, {
      sum: "stale",
      timestamp: TIME + 1,
    });
    assert.deepEqual(series.at(-1)?.labels["to"], "a");
  });
}

test("a marker is repeated until it is answered, for five minutes", () => {
  const registry = newRegistry();
  const table = new SeriesTable();
  const mails = registry.gauge({ name: "mails", help: "M.", labels: ["to"] });
  mails.with({ to: "a" }).set(1);
  pushed(registry, { table });
  mails.remove({ to: "a" });
  for (const time of [TIME + 1, TIME + 1000, TIME + 300_000]) {
    const { series } = pushed(registry, { table, time });
    assert.deepEqual(markedIn(series), ['mails{to="a"}']);
    assert.equal(table.size, 1);
  }
  const { series } = pushed(registry, { table, time: TIME + 300_001 });
  assert.deepEqual(series, []);
  assert.equal(table.size, 0);
});

test("a part that fails is left out as a whole, and its series end", () => {
  const registry = newRegistry();
  const table = new SeriesTable();
  registry.gauge({ name: "mails", help: "Mails." }).set(1);
  let isBroken = false;
  registry.add(sourceOf("unknown", (sink) => {
    sink.number(Labels.NONE, 5, 0);
    if (isBroken) throw new Error("broken");
  }));
  assert.deepEqual(valuesOf(pushed(registry, { table })), {
    mails: 1,
    depth: 5,
  });
  isBroken = true;
  assert.deepEqual(
    valuesOf(pushed(registry, { table, time: TIME + 1 })),
    { mails: 1, depth: "stale" },
  );
  isBroken = false;
  assert.deepEqual(
    valuesOf(pushed(registry, { table, time: TIME + 2 })),
    { mails: 1, depth: 5 },
  );
  const fresh = new SeriesTable();
  isBroken = true;
  assert.deepEqual(valuesOf(pushed(registry, { table: fresh })), { mails: 1 });
  assert.equal(fresh.size, 1, "a series that was never sent is forgotten");
});
