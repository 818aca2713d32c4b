// A native histogram that needs more buckets may start again from zero. An
// exemplar of the time before belongs to a bucket that counts nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf, setUp } from "../metrics/fixtures.ts";

function exemplarsAfterReset(
  more: { readonly buckets?: readonly number[] },
): number[] {
  const { registry, clock } = setUp();
  const native = { schema: 0, maxBuckets: 2, resetAfter: 60 };
  const options = { name: "h", help: "H.", native, ...more };
  const histogram = registry.histogram(options);
  histogram.observe(1, 1, { trace_id: "old" });
  clock.advance(60);
  histogram.observe(1000, 1, { trace_id: "new" });
  const { count, exemplars } = familyOf(registry, "h")!.histograms[0]!;
  assert.equal(count, 1);
  return exemplars.flatMap((one) => one === undefined ? [] : [one.value]);
}

test("a reset native histogram has no exemplar of the time before", () => {
  assert.deepEqual(exemplarsAfterReset({}), [1000]);
});

test("a reset histogram of both kinds of buckets has none either", () => {
  assert.deepEqual(exemplarsAfterReset({ buckets: [10] }), [1000]);
});
