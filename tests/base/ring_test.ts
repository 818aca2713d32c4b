import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { Ring } from "../../src/base/internal.ts";

test("law: Ring equals a list that drops its oldest items", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.integer(), { maxLength: 60, size: "max" }),
      (capacity, items) => {
        const ring = new Ring<number>(capacity);
        assert.equal(ring.capacity, capacity);
        for (let count = 0;; count++) {
          const oldest = Math.max(1, count - capacity + 1);
          assert.equal(ring.newest, count);
          assert.equal(ring.oldest, oldest);
          assert.equal(ring.size, Math.min(count, capacity));
          for (let id = -1; id <= count + 2; id++) {
            const isThere = id >= oldest && id <= count;
            assert.equal(ring.get(id), isThere ? items[id - 1] : undefined);
          }
          if (count === items.length) break;
          assert.equal(ring.push(items[count]!), count + 1);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("Ring.get() returns undefined for illegal ids", () => {
  const ring = new Ring<string>(2);
  for (const item of ["a", "b", "c"]) ring.push(item);
  for (const id of [NaN, Infinity, -Infinity, 2.5, 0, -0]) {
    assert.equal(ring.get(id), undefined);
  }
  assert.deepEqual([ring.get(1), ring.get(2), ring.get(3)], [
    undefined,
    "b",
    "c",
  ]);
});

test("Ring.push() releases the item that it replaces", () => {
  const ring = new Ring<{ readonly n: number }>(1);
  const first = { n: 1 };
  ring.push(first);
  assert.equal(ring.get(1), first, "the item itself, not a copy");
  ring.push({ n: 2 });
  assert.equal(ring.get(1), undefined);
  assert.equal(ring.size, 1);
});
