import assert from "node:assert/strict";
import { test } from "node:test";
import {
  capture,
  type Exemplar,
  FamilyConflictError,
  type FamilyDesc,
  type HistogramView,
  merge,
  replay,
  type Snapshot,
} from "../../src/model/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { distributionOf, FakeClock, valueOf } from "../../src/testing/mod.ts";
import { DESCS, familyOf, nativeView } from "./merge_fixtures.ts";

const help = "Help.";

type Row = Parameters<typeof familyOf>[1][number];

function snapshotOf(desc: FamilyDesc, ...rows: Partial<Row>[]): Snapshot {
  const values = desc.labelNames.map(() => "");
  const whole = rows.map((row) => ({ values, start: 0, time: 0, ...row }));
  return { families: [familyOf(desc, whole)] };
}

/** Merges one snapshot per row; returns the only family of the result. */
function merged(
  desc: FamilyDesc,
  ...rows: readonly Partial<Row>[]
): Snapshot["families"][number] {
  const { families } = merge(rows.map((row) => snapshotOf(desc, row)));
  assert.equal(families.length, 1);
  return families[0]!;
}

test("merge() adds up the counters of workers and keeps their gauges apart", () => {
  const snapshots = ["1", "2"].map((worker) => {
    const registry = createRegistry({ selfMetrics: false });
    registry.counter({ name: "jobs_total", help, labels: ["queue"] })
      .with({ queue: "mail" }).inc(Number(worker));
    registry.gauge({ name: "depth", help }).set(10 * Number(worker));
    registry.histogram({ name: "took", help, native: true, buckets: [1] })
      .observe(Number(worker));
    return capture(registry, { worker });
  });
  const whole = replay(merge(snapshots));
  assert.equal(valueOf(whole, "jobs_total", { queue: "mail" }), 3);
  assert.equal(valueOf(whole, "depth", { worker: "1" }), 10);
  assert.equal(valueOf(whole, "depth", { worker: "2" }), 20);
  const took = distributionOf(whole, "took") as HistogramView;
  assert.deepEqual([...took.counts], [1, 1]);
  assert.equal(took.sum, 3);
  assert.equal(took.native!.positive.size, 9);
});

test("merge() separates tuples that a joined key would confuse", () => {
  const { labelValues, numbers } = merge([
    snapshotOf(DESCS.counter, { values: ["1,", "2"], number: 1 }),
    snapshotOf(DESCS.counter, { values: ["1", ",2"], number: 2 }),
  ]).families[0]!;
  assert.deepEqual(labelValues, ["1,", "2", "1", ",2"]);
  assert.deepEqual([...numbers], [1, 2]);
});

test("merge() by max or min prefers any number to NaN", () => {
  const numbers = [3, NaN, -1, 7].map((number) => ({ number }));
  assert.equal(merged(DESCS.highest, ...numbers).numbers[0], 7);
  assert.equal(merged(DESCS.lowest, ...numbers).numbers[0], -1);
  const none = [{ number: NaN }, { number: NaN }];
  assert.equal(merged(DESCS.highest, ...none).numbers[0], NaN);
});

test("merge() by last takes the latest capture, and of equal times the greater value", () => {
  const rows = [
    { number: 9, time: 1 },
    { number: 1, time: 3 },
    { number: 5, time: 2 },
  ];
  const { numbers, times } = merged(DESCS.last, ...rows);
  assert.deepEqual([numbers[0], times[0]], [1, 3]);
  const tied = merged(DESCS.last, { number: 1 }, { number: 2 });
  assert.equal(tied.numbers[0], 2);
});

test("merge() takes the earliest known start", () => {
  const starts = (...all: readonly number[]) =>
    merged(DESCS.counter, ...all.map((start) => ({ start, number: 1 })))
      .starts[0];
  assert.equal(starts(7, 5, 6), 5);
  assert.equal(starts(0, 5, 0), 5);
  assert.equal(starts(0, 0), 0);
});

test("merge() drops the quantiles of summaries only if two are merged", () => {
  const summary = {
    count: 2,
    sum: 3,
    quantiles: Float64Array.of(0.5),
    values: Float64Array.of(1),
  };
  const one = { values: ["x", ""], summary };
  const other = { values: ["y", ""], summary };
  const { summaries } = merge([
    snapshotOf(DESCS.summary, one, other),
    snapshotOf(DESCS.summary, one),
  ]).families[0]!;
  assert.deepEqual([summaries[0]!.count, summaries[0]!.sum], [4, 6]);
  assert.equal(summaries[0]!.quantiles.length, 0);
  assert.deepEqual(summaries[1], summary);
});

test("merge() keeps the newer exemplar of a bucket", () => {
  const view = (timestamp: number): HistogramView => ({
    count: 1,
    sum: 1,
    bounds: Float64Array.of(1),
    counts: Float64Array.of(1, 0),
    exemplars: [{ labels: {}, value: 1, timestamp }],
  });
  const { histograms } = merged(
    DESCS.classic,
    { histogram: view(5) },
    { histogram: view(9) },
    { histogram: { ...view(1), exemplars: [] } },
  );
  assert.equal(histograms[0]!.exemplars[0]!.timestamp, 9);
  assert.equal(histograms[0]!.count, 3);
});

test("merge() keeps the ten newest native exemplars, without duplicates, in order of value", () => {
  const settings = { schema: 0, zeroThreshold: 0 };
  const exemplars = (from: number): Exemplar[] =>
    Array.from({ length: 8 }, (_, i) => ({
      labels: {},
      value: (i * 5) % 8,
      timestamp: from + i,
    }));
  const view = (from: number) => nativeView(settings, [1], exemplars(from));
  const { histograms } = merged(
    DESCS.native,
    { histogram: view(1) },
    { histogram: view(4) },
    { histogram: view(4) },
  );
  const newest = histograms[0]!.exemplars;
  assert.equal(newest.length, 10);
  const values = newest.map((exemplar) => exemplar!.value);
  assert.deepEqual(values, values.toSorted((a, b) => a - b));
  assert.ok(newest.every((exemplar) => exemplar!.timestamp >= 3));
});

test("merge() names the family and the property in which two snapshots differ", () => {
  const { counter, classic } = DESCS;
  const bounds = Float64Array.of(1, 3);
  const counts = Float64Array.of(0, 0, 0);
  const view = { count: 0, sum: 0, bounds, counts, exemplars: [] };
  const settings = { schema: 0, zeroThreshold: 0 };
  const row = { number: 1 };
  const pairs: readonly (readonly [Snapshot, Snapshot, RegExp])[] = [
    [
      snapshotOf(counter, row),
      snapshotOf({ ...counter, type: "unknown" }, row),
      /"c_total": its type is (counter|unknown) in one/,
    ],
    [
      snapshotOf(counter, row),
      snapshotOf({ ...counter, labelNames: ["b", "a"] }, row),
      /"c_total": its list of labels is \["[ab]","[ab]"\] in one/,
    ],
    [
      snapshotOf(counter, row),
      snapshotOf({ ...counter, merge: "last" }, row),
      /"c_total": its merge rule is (sum|last) in one/,
    ],
    [
      snapshotOf(classic, { histogram: view }),
      snapshotOf(classic, {
        histogram: { ...view, bounds: Float64Array.of(1, 2) },
      }),
      /histogram "h": its layout is buckets \[1, [23]\] in one/,
    ],
    [
      snapshotOf(classic, { histogram: { ...view, bounds: bounds.slice(2) } }),
      snapshotOf(classic, { histogram: nativeView(settings, []) }),
      /histogram "h": its layout is buckets \[\]( and native ones)? in one/,
    ],
  ];
  for (const [a, b, message] of pairs) {
    for (const order of [[a, b], [b, a]]) {
      assert.throws(() => merge(order), (error) => {
        assert.ok(error instanceof FamilyConflictError);
        assert.match(error.message, message);
        return true;
      });
    }
  }
});

test("merge() refuses max for histograms", () => {
  const desc: FamilyDesc = { ...DESCS.native, merge: "max" };
  const histogram = nativeView({ schema: 0, zeroThreshold: 0 }, [1]);
  const snapshot = snapshotOf(desc, { histogram });
  assert.equal(merge([snapshot]).families.length, 1);
  assert.throws(
    () => merge([snapshot, snapshot]),
    /Cannot merge histogram "n": only numbers have a max/,
  );
});

test("merge() takes the same of two help texts in either order", () => {
  const older = snapshotOf({ ...DESCS.counter, help: "A." }, { number: 1 });
  const newer = snapshotOf({ ...DESCS.counter, help: "B." }, { number: 1 });
  for (const order of [[older, newer], [newer, older]]) {
    assert.equal(merge(order).families[0]!.desc.help, "B.");
  }
});

test("merge() takes the coarser resolution of native histograms", () => {
  const snapshots = [5, 2].map((schema) => {
    const registry = createRegistry({ clock: new FakeClock() });
    const native = { schema };
    registry.histogram({ name: "x", help, native }).observe(1.5, 10);
    return capture(registry);
  });
  const [family] = merge(snapshots).families;
  const { native, count } = family!.histograms[0]!;
  assert.equal(native!.schema, 2);
  assert.equal(count, 20);
  assert.deepEqual([...native!.positive.counts], [20]);
});
