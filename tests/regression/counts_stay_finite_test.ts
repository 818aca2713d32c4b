// Counts and totals were taken until they were infinite. From then on no format
// could write the family, and all its series were gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../src/encode/mod.ts";
import { failuresOf, rejectionsOf, setUp } from "../metrics/fixtures.ts";
import * as fc from "../support/property.ts";

const FORMATS = [prometheusText, openMetrics, prometheusProto];

test("Counter.inc() refuses a step that makes the total infinite", () => {
  const { registry } = setUp();
  const bytes = registry.counter({ name: "x_total", help: "X." });
  bytes.inc(Number.MAX_VALUE);
  bytes.inc(Number.MAX_VALUE);
  bytes.inc(1e300);
  bytes.inc(1);
  assert.equal(bytes.value, Number.MAX_VALUE);
  assert.deepEqual(rejectionsOf(registry), { infinite: 2 });
});

test("Histogram.observe() refuses a count that makes the number infinite", () => {
  for (const native of [false, true]) {
    const { registry } = setUp();
    const sizes = registry.histogram({ name: "x", help: "X.", native });
    sizes.observe(1, 1e308);
    sizes.observe(2, 1e308);
    sizes.observe(2);
    assert.equal(sizes.count, 1e308);
    assert.equal(sizes.sum, 1e308);
    assert.deepEqual(rejectionsOf(registry), { infinite: 1 });
  }
});

test("Summary.observe() refuses a count that protobuf cannot write", () => {
  const { registry } = setUp();
  const sizes = registry.summary({ name: "x", help: "X.", quantiles: [0.5] });
  sizes.observe(1, 2 ** 53);
  sizes.observe(1, 2 ** 52);
  sizes.observe(2, 2);
  sizes.observe(2);
  assert.equal(sizes.count, 2 ** 52 + 1);
  assert.equal(sizes.sum, 2 ** 52 + 2);
  assert.deepEqual(rejectionsOf(registry), { infinite: 2 });
});

test("infinite sums and gauges are recorded", () => {
  const { registry } = setUp();
  const sizes = registry.histogram({ name: "x", help: "X." });
  sizes.observe(1e308, 100);
  assert.equal(sizes.sum, Infinity);
  registry.gauge({ name: "y", help: "Y." }).set(Infinity);
  for (const format of FORMATS) expose(registry, format);
  assert.deepEqual(failuresOf(registry), {});
  assert.deepEqual(rejectionsOf(registry), {});
});

test("law: no record makes a family that a format cannot write", () => {
  const anyCount = fc.oneof(
    fc.constantFrom(1, 2 ** 52, 2 ** 53, 2 ** 969, 1e308, Number.MAX_VALUE),
    fc.nat(),
    fc.double({ noNaN: true }),
  );
  const anyValue = fc.double();
  const step = fc.tuple(fc.nat({ max: 3 }), anyValue, anyCount);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { registry } = setUp();
      const common = { help: "X." };
      const total = registry.counter({ ...common, name: "a_total" });
      const summary = registry.summary({
        ...common,
        name: "b",
        quantiles: [0.5],
      });
      const classic = registry.histogram({ ...common, name: "c" });
      const native = registry.histogram({
        ...common,
        name: "d",
        native: { maxBuckets: 4 },
        buckets: [1, 2],
      });
      for (const [kind, value, count] of steps) {
        if (kind === 0) total.inc(count);
        else [summary, classic, native][kind - 1]!.observe(value, count);
      }
      for (const format of FORMATS) expose(registry, format);
      assert.deepEqual(failuresOf(registry), {});
      assert.ok(Number.isFinite(total.value));
    }),
  );
});
