import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ring } from "../../src/base/mod.ts";

test("law: a ring is a list of which the oldest items are forgotten", () => {
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
