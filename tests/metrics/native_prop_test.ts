import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { bucketBound, bucketIndex } from "../../src/base/internal.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { DenseBuckets, HistogramView } from "../../src/model/mod.ts";
import { distributionOf } from "../../src/testing/mod.ts";

const help = "Help.";

const anyValue = fc.oneof(
  fc.double(),
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 5e-324, 2 ** -1030),
  fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 1e-300, 1e300),
  fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 8 }))
    .map(([index, schema]) => bucketBound(index, schema)),
);

const anySettings = fc.record({
  schema: fc.integer({ min: -4, max: 8 }),
  maxBuckets: fc.constantFrom(1, 2, 7, 160, 264, 2000),
  zeroThreshold: fc.constantFrom(0, 2 ** -128, 1e-3, 0.3),
  maxZeroThreshold: fc.constantFrom(0, 1e-2, 5),
});

type Settings = typeof anySettings extends fc.Arbitrary<infer T> ? T : never;

/** The most buckets at schema -4: -67 to 64 on each side. */
const MAX_AT_COARSEST = 264;

function observed(
  native: Settings,
  values: readonly number[],
  buckets?: readonly number[],
): HistogramView {
  const registry = createRegistry();
  const name = "x";
  const histogram = registry.histogram(
    buckets === undefined
      ? { name, help, native }
      : { name, help, native, buckets },
  );
  for (const value of values) histogram.observe(value);
  return distributionOf(registry, name) as HistogramView;
}

function mapOf({ offset, size, counts }: DenseBuckets): Map<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i < size; i++) {
    if (counts[i]! > 0) map.set(offset + i, counts[i]!);
  }
  return map;
}

test("law: Histogram has the native buckets of a naive reference", () => {
  fc.assert(
    fc.property(
      anySettings,
      fc.array(anyValue, { maxLength: 80 }),
      (settings, values) => {
        const { count, native } = observed(settings, values);
        const { schema, zeroThreshold, zeroCount } = native!;
        assert.equal(count, values.length);
        assert.ok(schema <= settings.schema);
        const max = Math.max(
          settings.zeroThreshold,
          settings.maxZeroThreshold,
        );
        assert.ok(zeroThreshold >= settings.zeroThreshold);
        assert.ok(zeroThreshold <= max);
        const zeros = values.filter((v) => Math.abs(v) <= zeroThreshold);
        assert.equal(zeroCount, zeros.length);
        for (const sign of [1, -1]) {
          const side = sign > 0 ? native!.positive : native!.negative;
          const sizes = values.map((v) => v * sign)
            .filter((v) => v > zeroThreshold);
          const finite = sizes.filter((v) => v < Infinity);
          assert.equal(side.overflow, sizes.length - finite.length);
          const expected = new Map<number, number>();
          for (const value of finite) {
            const index = bucketIndex(value, schema);
            expected.set(index, (expected.get(index) ?? 0) + 1);
          }
          const byIndex = (map: Map<number, number>) =>
            [...map].sort(([a], [b]) => a - b);
          assert.deepEqual(byIndex(mapOf(side)), byIndex(expected));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("law: Histogram never has more than maxBuckets, unless schema -4 needs them", () => {
  fc.assert(
    fc.property(
      anySettings,
      fc.array(anyValue, { minLength: 20, maxLength: 200 }),
      (settings, values) => {
        const { schema, positive, negative } = observed(settings, values)
          .native!;
        const buckets = positive.size + negative.size;
        if (schema > -4) assert.ok(buckets <= settings.maxBuckets);
        assert.ok(buckets <= Math.max(settings.maxBuckets, MAX_AT_COARSEST));
      },
    ),
    { numRuns: 300 },
  );
});

test("law: Histogram has the same classic buckets with and without native ones", () => {
  fc.assert(
    fc.property(
      anySettings,
      fc.array(anyValue, { maxLength: 40 }),
      (settings, values) => {
        const buckets = [-1, 0, 0.5, 10];
        const both = observed(settings, values, buckets);
        const registry = createRegistry();
        const classic = registry.histogram({ name: "x", help, buckets });
        for (const value of values) classic.observe(value);
        const alone = distributionOf(registry, "x") as HistogramView;
        assert.deepEqual([...both.counts], [...alone.counts]);
        assert.equal(both.count, alone.count);
        assert.equal(both.sum, alone.sum);
      },
    ),
    { numRuns: 200 },
  );
});

test("Histogram.observe() of adversarial values does not exceed maxBuckets", () => {
  const registry = createRegistry();
  const native = { schema: 8, maxBuckets: 300, maxZeroThreshold: 1e-100 };
  const histogram = registry.histogram({ name: "x", help, native });
  const view = () => (distributionOf(registry, "x") as HistogramView).native!;
  let value = 1;
  for (let i = 0; i < 20_000; i++) {
    // Ever larger and smaller magnitudes, on both sides of zero.
    value = i % 2 === 0 ? 1.07 ** (i % 10_000) : 1.07 ** -(i % 10_000);
    histogram.observe(i % 3 === 0 ? -value : value);
    if (i % 1000 > 0) continue;
    const { positive, negative } = view();
    assert.ok(positive.size + negative.size <= 300);
    assert.ok(positive.counts.length + negative.counts.length <= 600);
  }
  const { zeroCount, positive, negative } = view();
  const total = [positive, negative].flatMap(({ counts }) => [...counts])
    .reduce((a, b) => a + b, 0);
  const overflow = positive.overflow + negative.overflow;
  assert.equal(zeroCount + total + overflow, 20_000);
});

test("Histogram.observe() allocates nothing for existing buckets", () => {
  const registry = createRegistry({ selfMetrics: false });
  const histogram = registry.histogram({ name: "x", help, native: true });
  const columns = () => {
    const seen: unknown[] = [];
    registry.collect({
      family: () => true,
      number: () => {},
      summary: () => {},
      // Kept although it is borrowed: the view is the store itself.
      histogram: (_, { native }) =>
        seen.push(native, native!.positive.counts, native!.negative.counts),
    });
    return seen;
  };
  const values = Array.from({ length: 500 }, (_, i) => (i - 250) / 10);
  for (const value of values) histogram.observe(value);
  const before = columns();
  for (let i = 0; i < 100_000; i++) histogram.observe(values[i % 500]!);
  columns().forEach((column, i) => assert.equal(column, before[i]));
  assert.equal(histogram.count, 100_500);
});
