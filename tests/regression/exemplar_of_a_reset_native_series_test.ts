// A native histogram that needs more buckets may be reset. It then kept exemplars
// from before the reset, in buckets with a count of zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf, setUp } from "../metrics/fixtures.ts";

function exemplarsAfterReset(
  classic: { readonly buckets?: readonly number[] },
): number[] {
  const { registry, clock } = setUp();
  const native = { schema: 0, maxBuckets: 2, resetAfter: 60 };
  const options = { name: "h", help: "H.", native, ...classic };
  const histogram = registry.histogram(options);
  histogram.observe(1, 1, { trace_id: "old" });
  clock.advance(60);
  histogram.observe(1000, 1, { trace_id: "new" });
  const { count, exemplars } = familyOf(registry, "h")!.histograms[0]!;
  assert.equal(count, 1);
  return exemplars.flatMap((exemplar) =>
    exemplar === undefined ? [] : [exemplar.value]
  );
}

test("a reset native histogram has no exemplar from before the reset", () => {
  assert.deepEqual(exemplarsAfterReset({}), [1000]);
});

test("a reset histogram with classic and native buckets has no exemplar from before the reset", () => {
  assert.deepEqual(exemplarsAfterReset({ buckets: [10] }), [1000]);
});
