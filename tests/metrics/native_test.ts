import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketIndex } from "../../src/base/internal.ts";
import { allFormats, expose } from "../../src/encode/mod.ts";
import type { HistogramOptions, NativeOptions } from "../../src/metrics/mod.ts";
import type { HistogramView, NativeView } from "../../src/model/mod.ts";
import { distributionOf } from "../../src/testing/mod.ts";
import { familyOf, loose, setUp } from "./fixtures.ts";

const help = "Help.";

type Options = Pick<HistogramOptions, "native" | "buckets" | "dropNaN">;

function declare(options: Options = {}) {
  const { registry, clock } = setUp();
  const histogram = registry.histogram({
    name: "x",
    help,
    native: true,
    ...options,
  });
  const view = () => distributionOf(registry, "x") as HistogramView;
  const native = (): NativeView => view().native!;
  return { registry, clock, histogram, view, native };
}

/** Returns the counts of the positive buckets by index. */
function buckets({ positive }: NativeView): Record<number, number> {
  const found: Record<number, number> = {};
  for (let i = 0; i < positive.size; i++) {
    const count = positive.counts[i]!;
    if (count > 0) found[positive.offset + i] = count;
  }
  return found;
}

test("histogram() has classic buckets only, by default", () => {
  const { registry } = setUp();
  registry.histogram({ name: "x", help }).observe(1);
  const view = distributionOf(registry, "x") as HistogramView;
  assert.equal(view.native, undefined);
  assert.equal(view.bounds.length, 11);
});

test("histogram() with native has no classic buckets by default", () => {
  const { histogram, view } = declare();
  histogram.observe(1.5);
  histogram.observe(3, 2);
  const { bounds, counts, count, sum, native } = view();
  assert.equal(bounds.length, 0);
  assert.deepEqual([...counts], [3]);
  assert.equal(count, 3);
  assert.equal(sum, 7.5);
  assert.equal(histogram.count, 3);
  assert.equal(histogram.sum, 7.5);
  assert.equal(native!.schema, 3);
  assert.equal(native!.zeroThreshold, 2 ** -128);
  const [a, b] = [bucketIndex(1.5, 3), bucketIndex(3, 3)];
  assert.deepEqual(buckets(native!), { [a]: 1, [b]: 2 });
});

test("Histogram.observe() counts into both classic and native buckets", () => {
  const { histogram, view } = declare({
    buckets: [1, 2],
    native: { schema: 0 },
  });
  for (const value of [0.5, 1, 1.5, 2, 100]) histogram.observe(value);
  const { bounds, counts, native } = view();
  assert.deepEqual([...bounds], [1, 2]);
  assert.deepEqual([...counts], [2, 2, 1]);
  assert.deepEqual(buckets(native!), { [-1]: 1, 0: 1, 1: 2, 7: 1 });
});

test("Histogram.observe() counts a bound into the bucket that ends there, in every schema", () => {
  for (let schema = -4; schema <= 8; schema++) {
    const { histogram, native } = declare({ native: { schema } });
    for (const power of [-3, 0, 1, 5]) histogram.observe(2 ** (power * 16));
    const expected: Record<number, number> = {};
    for (const power of [-3, 0, 1, 5]) expected[power * 16 * 2 ** schema] = 1;
    const found = buckets(native());
    if (native().schema === schema) assert.deepEqual(found, expected);
    else assert.ok(schema > 0, "halved for lack of buckets");
  }
});

test("Histogram.observe() counts magnitudes up to zeroThreshold as zero", () => {
  const { histogram, native } = declare({ native: { zeroThreshold: 0.5 } });
  for (const value of [0, -0, 0.25, 0.5, -0.5, 0.5000001, -1]) {
    histogram.observe(value);
  }
  const { zeroCount, positive, negative } = native();
  assert.equal(zeroCount, 5);
  assert.equal(positive.counts.reduce((a, b) => a + b), 1);
  assert.equal(negative.counts.reduce((a, b) => a + b), 1);
});

test("Histogram.observe() counts infinities as overflow, and NaN in no native bucket", () => {
  const { histogram, view, native } = declare();
  histogram.observe(Infinity, 2);
  histogram.observe(-Infinity);
  histogram.observe(1);
  assert.equal(view().sum, NaN);
  histogram.observe(NaN);
  const { positive, negative, zeroCount } = native();
  assert.equal(view().count, 5);
  assert.deepEqual([positive.overflow, negative.overflow], [2, 1]);
  assert.equal(zeroCount, 0);
  assert.deepEqual(buckets(native()), { 0: 1 });
});

test("Histogram.observe() drops NaN with dropNaN", () => {
  const { histogram, view } = declare({ dropNaN: true });
  histogram.observe(NaN);
  assert.deepEqual([view().count, view().sum], [0, 0]);
});

test("Histogram.observe() changes no native bucket if it is rejected", () => {
  const { histogram, native, view } = declare();
  for (const count of [-1, 0.5, NaN, 0]) histogram.observe(1, count);
  assert.equal(view().count, 0);
  assert.deepEqual(buckets(native()), {});
});

test("resetAfter resets a series that needs more buckets and is old enough", () => {
  const settings = { schema: 0, maxBuckets: 3, resetAfter: 60 };
  const { clock, histogram, view, native, registry } = declare({
    native: settings,
    buckets: [1],
  });
  const start = () => familyOf(registry, "x")!.starts[0];
  histogram.observe(1, 5);
  const first = start();
  clock.advance(59.5);
  histogram.observe(8); // a fourth bucket: too soon to reset, so halved
  assert.equal(native().schema, -1);
  assert.equal(view().count, 6);
  assert.equal(start(), first);
  clock.advance(0.5);
  histogram.observe(2 ** 8, 2);
  assert.equal(native().schema, 0, "at full resolution again");
  assert.deepEqual(buckets(native()), { 8: 2 });
  assert.deepEqual([...view().counts], [0, 2], "the classic ones too");
  assert.deepEqual([view().count, view().sum], [2, 512]);
  assert.equal(start(), clock.unix());
  histogram.observe(1); // too soon to reset again
  assert.equal(view().count, 3);
});

test("maxZeroThreshold limits how far the zero bucket is widened", () => {
  const { histogram, native, view } = declare({
    native: { schema: 0, maxBuckets: 3, zeroThreshold: 0, maxZeroThreshold: 1 },
  });
  for (const value of [0.25, 0.5, 1, -0.25]) histogram.observe(value);
  assert.equal(native().zeroThreshold, 0.25);
  assert.equal(native().zeroCount, 2);
  assert.equal(native().schema, 0);
  for (const value of [2, 4, 8]) histogram.observe(value);
  assert.equal(native().zeroThreshold, 1);
  assert.equal(native().zeroCount, 4);
  assert.equal(native().schema, 0);
  histogram.observe(16); // the zero bucket must not reach 2
  assert.equal(native().zeroThreshold, 1);
  assert.equal(native().schema, -1);
  assert.equal(view().count, 8);
});

test("Histogram.observe() counts a value below a widened threshold as zero", () => {
  const { histogram, native } = declare({
    native: { schema: 0, maxBuckets: 2, zeroThreshold: 0, maxZeroThreshold: 9 },
  });
  for (const value of [4, 8, 2]) histogram.observe(value);
  assert.equal(native().zeroThreshold, 2);
  histogram.observe(1);
  assert.equal(native().zeroCount, 2);
});

test("Histogram.observe() of an expired series continues its native buckets", () => {
  const { registry, clock } = setUp();
  const family = registry.histogram({
    name: "x",
    help,
    native: true,
    labels: ["a"],
    expireAfter: 10,
  });
  const series = family.at(1);
  series.observe(1, 3, { trace_id: "t" });
  const count = () => familyOf(registry, "x")?.histograms.length ?? 0;
  assert.equal(count(), 1);
  clock.advance(11);
  assert.equal(count(), 0);
  family.at(2).observe(100); // takes its row
  series.observe(1);
  const { histograms } = familyOf(registry, "x")!;
  const revived = histograms.find(({ count }) => count === 4)!;
  assert.deepEqual(buckets(revived.native!), { 0: 4 });
  assert.equal(revived.exemplars[0]?.labels["trace_id"], "t");
  const other = histograms.find(({ count }) => count === 1)!;
  assert.deepEqual(buckets(other.native!), { [bucketIndex(100, 3)]: 1 });
});

test("Histogram.observe() of a removed series starts again without buckets", () => {
  const { registry } = setUp();
  const family = registry.histogram({
    name: "x",
    help,
    native: true,
    labels: ["a"],
  });
  const series = family.at(1);
  series.observe(1);
  family.remove({ a: 1 });
  series.observe(2);
  const [view] = familyOf(registry, "x")!.histograms;
  assert.deepEqual(buckets(view!.native!), { 8: 1 });
});

test("Histogram.observe() keeps exemplars by classic bucket if there are any, else by value", () => {
  const both = declare({ buckets: [1, 2] });
  const alone = declare();
  for (const { histogram } of [both, alone]) {
    for (const value of [5, 0.5, 1.5, 0.25]) {
      histogram.observe(value, 1, { trace_id: `${value}` });
    }
  }
  const ids = ({ exemplars }: HistogramView) =>
    exemplars.map((exemplar) => exemplar?.labels["trace_id"]);
  assert.deepEqual(ids(both.view()), ["0.25", "1.5", "5"]);
  assert.deepEqual(ids(alone.view()), ["0.25", "0.5", "1.5", "5"]);
});

test("Histogram.observe() rounds counts above 2^53, which are exposed", () => {
  const { histogram, registry } = declare();
  histogram.observe(1, 2 ** 53);
  for (let i = 0; i < 10; i++) histogram.observe(5);
  for (const format of allFormats()) {
    expose(registry, format);
  }
  const failures = "barograph_source_failures_total";
  assert.equal(familyOf(registry, failures)!.starts.length, 0);
});

test("Histogram.observe() counts an illegal exemplar and records the value", () => {
  const { histogram, view, registry } = declare();
  histogram.observe(1, 1, { "trace id": "" });
  assert.equal(view().count, 1);
  assert.equal(view().exemplars.length, 0);
  const rejected = "barograph_rejected_observations_total";
  assert.ok(familyOf(registry, rejected)!.numbers.includes(1));
});

test("histogram() with other native options is a conflict", () => {
  const { registry, histogram } = declare({ native: { schema: 3 } });
  const again = registry.histogram({ name: "x", help, native: true });
  assert.equal(again, histogram);
  for (
    const native of [false, { schema: 4 }, { resetAfter: 60 }]
  ) {
    assert.throws(
      () => registry.histogram({ name: "x", help, native, buckets: [] }),
      { name: "FamilyConflictError", message: /with native / },
    );
  }
});

test("histogram() refuses illegal native options with advice", () => {
  const { registry } = setUp();
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [
      { schema: 9 },
      /native histogram "x": schema is 9; give a whole number from -4/,
    ],
    [{ schema: 1.5 }, /schema is 1.5/],
    [{ schema: "3" }, /schema is "3"; give/],
    [{ maxBuckets: 0 }, /maxBuckets is 0; give a whole number from 1/],
    [{ zeroThreshold: -1 }, /zeroThreshold is -1/],
    [{ maxZeroThreshold: Infinity }, /maxZeroThreshold is Infinity/],
    [{ resetAfter: 0 }, /resetAfter is 0; give seconds above 0/],
    [{ factor: 1.1 }, /no option "factor"; give any of schema, maxBuckets/],
    [
      "yes",
      /native is "yes"; give true, false or options such as { schema: 3 }/,
    ],
    [null, /native is null; give true, false or options/],
  ];
  for (const [native, message] of wrong) {
    assert.throws(
      () => loose(registry)["histogram"]!({ name: "x", help, native }),
      message,
    );
  }
  const unset = { schema: undefined } as unknown as NativeOptions;
  registry.histogram({ name: "x", help, native: unset }).observe(1);
});
