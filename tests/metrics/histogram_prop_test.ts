import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import type { HistogramView } from "../../src/model/mod.ts";
import { anyNumber } from "../base/arbitraries.ts";
import { familyOf, rejectionsOf, rowsOf, setUp } from "./fixtures.ts";

const anyBounds = (): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 30 })
    .map((list) => list.sort((a, b) => a - b));

function declare(buckets: readonly number[], dropNaN = false) {
  const { registry } = setUp();
  const family = registry.histogram({
    name: "x",
    help: "X.",
    labels: ["series"],
    buckets,
    dropNaN,
  });
  const views = (): HistogramView[] => [...familyOf(registry, "x")!.histograms];
  return { registry, family, views };
}

test("law: Histogram.observe() with a count equals that many observations", () => {
  fc.assert(
    fc.property(
      anyBounds(),
      fc.array(fc.tuple(anyNumber(), fc.nat({ max: 5 })), { maxLength: 20 }),
      (bounds, observations) => {
        const { family, views } = declare(bounds);
        for (const [value, times] of observations) {
          family.at("once").observe(value, times);
          for (let i = 0; i < times; i++) family.at("often").observe(value);
        }
        if (family.size < 2) return;
        const [once, often] = views();
        assert.deepEqual(once!.counts, often!.counts);
        assert.equal(once!.count, often!.count);
        const difference = Math.abs(once!.sum - often!.sum);
        const scale = observations.reduce(
          (sum, [value, times]) => sum + Math.abs(value) * times,
          0,
        );
        const isSame = Object.is(once!.sum, often!.sum) ||
          difference <= scale * 1e-12 || !Number.isFinite(scale);
        assert.ok(isSame, `${once!.sum} is not ${often!.sum}`);
      },
    ),
    { numRuns: 200 },
  );
});

test("law: Histogram.count is the sum of the buckets, whatever is observed", () => {
  fc.assert(
    fc.property(
      anyBounds(),
      fc.array(anyNumber(), { maxLength: 40 }),
      fc.boolean(),
      (bounds, values, dropNaN) => {
        const { registry, family, views } = declare(bounds, dropNaN);
        const series = family.at("a");
        for (const value of values) series.observe(value);
        const [view] = views();
        const dropped = dropNaN ? values.filter(Number.isNaN).length : 0;
        assert.equal(view!.count, values.length - dropped);
        assert.equal(series.count, view!.count);
        assert.equal(view!.counts.reduce((a, b) => a + b, 0), view!.count);
        assert.ok(Object.is(series.sum, view!.sum));
        const rejections = dropped > 0 ? { not_a_number: dropped } : {};
        assert.deepEqual(rejectionsOf(registry), rejections);
      },
    ),
    { numRuns: 200 },
  );
});

test("law: Histogram.observe() never writes into the row of another series", () => {
  fc.assert(
    fc.property(
      anyBounds(),
      fc.array(
        fc.tuple(
          fc.constantFrom("a", "b", "c", "d"),
          fc.integer(),
          fc.boolean(),
        ),
        { maxLength: 60 },
      ),
      (bounds, steps) => {
        const { registry, family } = declare(bounds);
        const naive = new Map<string, number[]>();
        for (const [name, value, remove] of steps) {
          if (remove) {
            assert.equal(family.remove({ series: name }) > 0, naive.has(name));
            naive.delete(name);
          } else {
            family.at(name).observe(value);
            naive.set(name, [...naive.get(name) ?? [], value]);
          }
        }
        const { histograms, labelValues } = familyOf(registry, "x")!;
        assert.equal(labelValues.length, naive.size);
        labelValues.forEach((name, row) => {
          const values = naive.get(name)!;
          const view = histograms[row]!;
          assert.equal(view.sum, values.reduce((a, b) => a + b, 0));
          let below = -Infinity;
          [...bounds, Infinity].forEach((bound, i) => {
            const within = values.filter((v) => v > below && v <= bound);
            assert.equal(view.counts[i], within.length);
            below = bound;
          });
        });
        assert.equal(rowsOf(registry, "x").length, naive.size);
      },
    ),
    { numRuns: 200 },
  );
});
