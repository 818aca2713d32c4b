import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { bucketBound, bucketIndex } from "../../src/base/internal.ts";
import { anyMagnitude, nextAbove } from "./arbitraries.ts";

const anySchema = (): fc.Arbitrary<number> => fc.integer({ min: -4, max: 8 });

test("law: bucketIndex() is the first bucket whose bound is not below the value", () => {
  fc.assert(
    fc.property(anyMagnitude(), anySchema(), (value, schema) => {
      fc.pre(value >= 2 ** -1021); // bounds of smaller values coincide by rounding
      const index = bucketIndex(value, schema);
      assert.ok(bucketBound(index - 1, schema) < value);
      assert.ok(value <= bucketBound(index, schema));
    }),
    { numRuns: 500 },
  );
});

test("law: bucketIndex() is monotone down to the smallest float64", () => {
  fc.assert(
    fc.property(
      anyMagnitude(),
      anyMagnitude(),
      anySchema(),
      (a, b, schema) => {
        const [low, high] = a <= b ? [a, b] : [b, a];
        assert.ok(bucketIndex(low, schema) <= bucketIndex(high, schema));
        const next = bucketIndex(nextAbove(low), schema);
        assert.ok(bucketIndex(low, schema) <= next);
      },
    ),
    { numRuns: 500 },
  );
});

test("law: bucketIndex() at the next coarser schema merges adjacent buckets", () => {
  fc.assert(
    fc.property(
      anyMagnitude(),
      fc.integer({ min: -3, max: 8 }),
      (value, schema) => {
        const coarse = bucketIndex(value, schema - 1);
        const merged = Math.ceil(bucketIndex(value, schema) / 2) + 0; // no -0
        assert.equal(coarse, merged);
      },
    ),
    { numRuns: 500 },
  );
});

test("law: bucketBound() increases with the index", () => {
  fc.assert(
    fc.property(
      anySchema(),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (schema, at) => {
        const index = Math.floor(at * 1000 * 2 ** schema);
        const bound = bucketBound(index, schema);
        assert.ok(bound < bucketBound(index + 1, schema));
      },
    ),
    { numRuns: 500 },
  );
});
