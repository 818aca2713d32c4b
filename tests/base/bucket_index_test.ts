import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bucketBound,
  bucketIndex,
  infinityBucket,
} from "../../src/base/internal.ts";
import { nextAbove } from "./arbitraries.ts";

const SCHEMAS = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];

test("bucketIndex() is 0 for 1 and 1 for 2, at schema 0", () => {
  assert.equal(bucketIndex(1, 0), 0);
  assert.equal(bucketIndex(2, 0), 1);
  assert.equal(bucketIndex(1.5, 0), 1);
  assert.equal(bucketIndex(0.5, 0), -1);
  assert.equal(bucketIndex(0.75, 0), 0);
});

test("bucketIndex() is exact at every power of two, in every schema", () => {
  for (const schema of SCHEMAS) {
    for (let power = -1074; power <= 1023; power++) {
      const expected = schema >= 0
        ? power * 2 ** schema
        : Math.ceil(power / 2 ** -schema) + 0; // no -0
      assert.equal(bucketIndex(2 ** power, schema), expected);
    }
  }
});

test("bucketBound() is exact where the bound is a power of two", () => {
  for (const schema of SCHEMAS) {
    const step = 2 ** Math.max(0, -schema);
    for (let power = -64 * 16; power <= 63 * 16; power += step) {
      const index = schema >= 0 ? power * 2 ** schema : power / step;
      assert.equal(bucketBound(index, schema), 2 ** power);
    }
  }
});

test("bucketIndex() puts a bound into its bucket and the next float64 into the next", () => {
  for (const schema of SCHEMAS) {
    const lowest = bucketIndex(2 ** -1022, schema) + 1;
    const highest = bucketIndex(Number.MAX_VALUE, schema) - 1;
    const step = Math.max(1, Math.floor((highest - lowest) / 1500));
    for (let index = lowest; index <= highest; index += step) {
      const bound = bucketBound(index, schema);
      assert.equal(bucketIndex(bound, schema), index);
      assert.equal(bucketIndex(nextAbove(bound), schema), index + 1);
    }
  }
});

test("bucketBound() at schemas 1 to 3 is the float64 nearest to the root", () => {
  assert.equal(bucketBound(1, 1), Math.SQRT2);
  assert.equal(bucketBound(-1, 1), Math.SQRT1_2);
  assert.equal(bucketBound(1, 2), 1.189207115002721);
  assert.equal(bucketBound(3, 2), 1.681792830507429);
  assert.equal(bucketBound(1, 3), 1.0905077326652577);
});

test("bucketIndex() of Infinity follows the bucket of the largest float64", () => {
  for (const schema of SCHEMAS) {
    const last = bucketIndex(Number.MAX_VALUE, schema);
    assert.equal(last, 1024 * 2 ** schema);
    assert.equal(bucketIndex(Infinity, schema), last + 1);
    assert.equal(bucketBound(last + 1, schema), Infinity);
  }
});

test("bucketIndex() is exact for subnormals", () => {
  assert.equal(bucketIndex(5e-324, 0), -1074);
  assert.equal(bucketIndex(1e-323, 0), -1073);
  assert.equal(bucketIndex(1.5e-323, 0), -1072);
  assert.equal(bucketIndex(5e-324, 8), -1074 * 256);
  assert.equal(bucketIndex(5e-324, -4), -67);
});

test("infinityBucket() is the bucket after that of the largest float64", () => {
  for (const schema of SCHEMAS) {
    const last = bucketIndex(Number.MAX_VALUE, schema);
    assert.equal(infinityBucket(schema), last + 1, `schema ${schema}`);
    assert.equal(bucketIndex(Infinity, schema), last + 1, `schema ${schema}`);
  }
});
