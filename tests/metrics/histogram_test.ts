import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { createRegistry, DEFAULT_BUCKETS } from "../../src/metrics/mod.ts";
import type { HistogramView } from "../../src/model/mod.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

function setUp(buckets?: readonly number[], dropNaN = false) {
  const registry = createRegistry();
  const histogram = registry.histogram({
    name: "x",
    help,
    dropNaN,
    ...(buckets === undefined ? {} : { buckets }),
  });
  const view = () => distributionOf(registry, "x") as HistogramView;
  return { registry, histogram, view };
}

test("law: Histogram has the buckets, count and sum of a naive reference", () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer({ min: -20, max: 20 }),
    fc.constantFrom(NaN, Infinity, -Infinity, 0, -0),
  );
  const bounds = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), {
    maxLength: 40,
  }).map((list) => list.sort((a, b) => a - b));
  fc.assert(fc.property(
    bounds,
    fc.array(fc.tuple(value, fc.nat({ max: 3 }))),
    (buckets, observations) => {
      const { histogram, view } = setUp(buckets);
      for (const [v, n] of observations) histogram.observe(v, n);
      const all = observations.flatMap(([v, n]) =>
        new Array<number>(n).fill(v)
      );
      const { counts, count } = view();
      let below = 0;
      buckets.forEach((bound, i) => {
        below += counts[i]!;
        assert.equal(below, all.filter((v) => v <= bound).length);
      });
      assert.equal(count, all.length);
      assert.equal(below + counts[buckets.length]!, all.length);
      let sum = 0;
      for (const [v, n] of observations) if (n > 0) sum += v * n;
      assert.equal(view().sum, sum);
      assert.equal(histogram.count, all.length);
      assert.equal(histogram.sum, sum);
    },
  ));
});

test("Histogram.observe() counts a value on a bound into the bucket that ends there", () => {
  const { histogram, view } = setUp([1, 2]);
  histogram.observe(1);
  histogram.observe(2);
  histogram.observe(2.000001);
  assert.deepEqual([...view().counts], [1, 1, 1]);
});

test("histogram() has DEFAULT_BUCKETS by default", () => {
  const { view, histogram } = setUp();
  histogram.observe(1);
  assert.deepEqual([...view().bounds], [...DEFAULT_BUCKETS]);
});

test("histogram() copies the buckets and does not change them", () => {
  const buckets = [1, 2, Infinity];
  const { histogram, view } = setUp(buckets);
  assert.deepEqual(buckets, [1, 2, Infinity]);
  buckets[0] = 50;
  histogram.observe(1);
  assert.deepEqual([...view().bounds], [1, 2]);
  assert.deepEqual([...view().counts], [1, 0, 0]);
});

test("histogram() refuses illegal buckets and names the bound", () => {
  for (
    const [buckets, message] of [
      [[1, 1], /bucket 1 does not follow 1; give finite bounds that rise/],
      [[2, 1], /bucket 1 does not follow 2/],
      [[NaN], /bucket NaN is not a finite number/],
      [[Infinity, 1], /bucket Infinity is not a finite number/],
      [["1"] as unknown as number[], /bucket 1 is not a finite number/],
    ] as const
  ) assert.throws(() => setUp(buckets), { name: "RangeError", message });
});

test("histogram() with an empty list of buckets has only +Inf", () => {
  const { histogram, view } = setUp([]);
  histogram.observe(3);
  assert.deepEqual([...view().counts], [1]);
});

test("Histogram.observe() counts NaN into +Inf, or drops it with dropNaN", () => {
  const keeps = setUp([1]);
  keeps.histogram.observe(NaN);
  assert.deepEqual([...keeps.view().counts], [0, 1]);
  assert.equal(keeps.view().sum, NaN);
  const drops = setUp([1], true);
  drops.histogram.observe(NaN);
  drops.histogram.observe(5);
  assert.deepEqual([...drops.view().counts], [0, 1]);
  assert.equal(drops.view().sum, 5);
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(drops.registry, name, { reason: "not_a_number" }), 1);
});

test("Histogram.observe() drops and counts an illegal value or count", () => {
  const { registry, histogram } = setUp([1]);
  const bad: readonly (readonly [unknown, unknown])[] = [
    ["1", 1],
    [1n, 1],
    [undefined, 1],
    [1, -1],
    [1, 0.5],
    [1, NaN],
    [1, Infinity],
    [1, "2"],
    [1, 2n],
  ];
  for (const [value, count] of bad) {
    histogram.observe(value as number, count as number);
  }
  assert.equal(histogram.count, 0);
  const name = "barograph_rejected_observations_total";
  const of = (reason: string) => valueOf(registry, name, { reason })!;
  assert.equal(of("negative") + of("not_a_number"), bad.length);
  assert.equal(of("negative"), 1);
});

test("Histogram.observe() keeps the last exemplar of each bucket", () => {
  const { histogram, view } = setUp([1, 2]);
  histogram.observe(0.5, 1, { trace_id: "a" });
  histogram.observe(0.7, 1, { trace_id: "b" });
  histogram.observe(9, 1, { trace_id: "c" });
  const exemplars = view().exemplars.map((each) => each?.labels["trace_id"]);
  assert.deepEqual(exemplars, ["b", undefined, "c"]);
  assert.equal(view().exemplars[0]?.value, 0.7);
});

test("Histogram.observe() counts -Infinity into the first bucket, Infinity into the last", () => {
  const { histogram, view } = setUp([1, 2]);
  histogram.observe(-Infinity);
  assert.deepEqual([...view().counts], [1, 0, 0]);
  assert.equal(view().sum, -Infinity);
  histogram.observe(Infinity);
  assert.deepEqual([...view().counts], [1, 0, 1]);
  assert.equal(view().sum, NaN);
});

test("Histogram.observe() with count 0 changes nothing, also for NaN", () => {
  const { registry, histogram, view } = setUp([1]);
  for (const value of [1, NaN, Infinity]) histogram.observe(value, 0);
  histogram.observe(NaN, -0);
  assert.deepEqual([...view().counts], [0, 0]);
  assert.equal(view().sum, 0);
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(registry, name, { reason: "not_a_number" }), 0);
});

test("Histogram.observe() throws on an illegal value or count in a strict registry", () => {
  const registry = createRegistry({ strict: true });
  const histogram = registry.histogram({ name: "x", help, dropNaN: true });
  const bad: readonly (readonly [unknown, unknown, RegExp])[] = [
    ["1", 1, /Cannot record "1" in histogram "x": not a number/],
    [1, -1, /Cannot record -1 in histogram "x": negative/],
    [1, 0.5, /Cannot record 0\.5 in histogram "x": not a number/],
    [NaN, 1, /Cannot record NaN in histogram "x": not a number/],
  ];
  for (const [value, count, message] of bad) {
    assert.throws(
      () => histogram.observe(value as number, count as number),
      { name: "RangeError", message },
    );
  }
  assert.equal(histogram.count, 0);
});

test("Histogram.observe() rejects exemplar labels in place of the count", () => {
  const { registry, histogram } = setUp([1]);
  histogram.observe(0.5, { trace_id: "a" } as never);
  assert.equal(histogram.count, 0);
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(registry, name, { reason: "not_a_number" }), 1);
});
