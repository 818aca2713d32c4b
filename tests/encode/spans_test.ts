import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { bucketIndex } from "../../src/base/internal.ts";
import { Spans } from "../../src/encode/spans.ts";
import type { DenseBuckets } from "../../src/model/mod.ts";

function side(
  offset: number,
  counts: readonly number[],
  overflow = 0,
): DenseBuckets {
  const { length: size } = counts;
  return { offset, size, counts: Float64Array.from(counts), overflow };
}

function spansOf(buckets: DenseBuckets, schema = 0) {
  const spans = new Spans();
  spans.fill(side(-7, [1, 2, 3], 4), schema); // is replaced as a whole
  spans.fill(buckets, schema);
  const { offsets, lengths, counts } = spans;
  return [[...offsets], [...lengths], [...counts]];
}

test("Spans.fill() writes the first offset as an index, later ones as gaps", () => {
  assert.deepEqual(spansOf(side(0, [])), [[], [], []]);
  assert.deepEqual(spansOf(side(-3, [1, 2])), [[-3], [2], [1, 2]]);
  assert.deepEqual(spansOf(side(5, [1, 0, 0, 2])), [[5, 2], [1, 1], [1, 2]]);
});

test("Spans.fill() includes single empty buckets, and drops those at both ends", () => {
  assert.deepEqual(spansOf(side(0, [0, 0, 1, 0, 2, 0])), [[2], [3], [1, 0, 2]]);
  assert.deepEqual(spansOf(side(0, [0, 0])), [[], [], []]);
});

test("Spans.fill() adds infinities after the bucket of the largest float64", () => {
  assert.deepEqual(spansOf(side(0, [], 3)), [[1025], [1], [3]]);
  assert.deepEqual(spansOf(side(1024, [1], 3)), [[1024], [2], [1, 3]]);
  assert.deepEqual(spansOf(side(1023, [1], 3)), [[1023], [3], [1, 0, 3]]);
});

test("law: Spans.fill() holds each bucket once and no needless empty ones", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -50, max: 50 }),
      fc.array(fc.constantFrom(0, 0, 1, 5), { maxLength: 30 }),
      fc.nat({ max: 2 }),
      fc.integer({ min: -4, max: 8 }),
      (start, bucketCounts, overflow, schema) => {
        const infinity = bucketIndex(Infinity, schema);
        const offset = Math.min(start, infinity + 1 - bucketCounts.length);
        const expected = new Map<number, number>();
        bucketCounts.forEach((count, i) => {
          if (count > 0) expected.set(offset + i, count);
        });
        if (overflow > 0) {
          expected.set(infinity, overflow + (expected.get(infinity) ?? 0));
        }
        const [offsets, lengths, counts] = spansOf(
          side(offset, bucketCounts, overflow),
          schema,
        );
        const found = new Map<number, number>();
        let index = 0;
        let at = 0;
        offsets!.forEach((gap, run) => {
          assert.ok(run === 0 || gap >= 2);
          index += gap;
          for (let i = 0; i < lengths![run]!; i++, index++, at++) {
            const count = counts![at]!;
            if (count > 0) found.set(index, count);
            else assert.ok(i > 0 && counts![at - 1]! > 0, "joins two others");
          }
          assert.ok(counts![at - 1]! > 0);
        });
        assert.equal(at, counts!.length);
        assert.deepEqual(found, expected);
      },
    ),
    { numRuns: 500 },
  );
});
