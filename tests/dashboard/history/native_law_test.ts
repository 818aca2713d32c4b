import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketBound } from "../../../src/base/internal.ts";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import type { Frame } from "../../../src/dashboard/history/kept_history.ts";
import { NATIVE_SCHEMA, ZERO_BUCKET } from "../../../src/dashboard/protocol.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import * as fc from "../../support/property.ts";

const value = fc.oneof(
  fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, 1, 2, 1e300, 1e-300, Infinity, -Infinity),
);

const options = fc.record({
  schema: fc.integer({ min: -4, max: 8 }),
  maxBuckets: fc.integer({ min: 1, max: 20 }),
  maxZeroThreshold: fc.constantFrom(0, 1e-3, 10),
});

test("law: native buckets of any resolution grow by what was observed", () => {
  fc.assert(
    fc.property(
      options,
      fc.array(fc.array(value, { maxLength: 8 }), { maxLength: 12 }),
      (native, seconds) => {
        const timers = new FakeTimers();
        const { clock } = timers;
        const registry = createRegistry({ clock, selfMetrics: false });
        const histogram = registry.histogram({
          name: "n",
          help: "X.",
          native: { ...native, zeroThreshold: 0 },
        });
        using history = keepHistory(registry, { clock, timers });
        using _look = history.look();
        const frames: Frame[] = [];
        timers.advance(1);
        history.follow((frame) => frames.push(frame));
        for (const values of seconds) {
          frames.length = 0;
          for (const each of values) histogram.observe(each);
          timers.advance(1);
          const [change] = frames[0]!.changes.get(1) ?? [];
          const pairs = (change ?? []).slice(2) as number[];
          let grown = 0;
          let beyond = 0;
          for (let at = 0; at < pairs.length; at += 2) {
            assert.ok(pairs[at + 1]! > 0, "growth is never negative");
            assert.ok(at === 0 || pairs[at]! > pairs[at - 2]!, "buckets rise");
            grown += pairs[at + 1]!;
            if (pairs[at] !== ZERO_BUCKET) beyond += pairs[at + 1]!;
          }
          assert.equal(grown, values.length);
          assert.ok(beyond <= values.filter((each) => each > 0).length);
          if (native.schema < NATIVE_SCHEMA || native.maxBuckets < 20) continue;
          // Fine enough: each bucket covers the values that it counts.
          const least = Math.min(...values.filter((each) => each > 0));
          for (let at = 0; at < pairs.length; at += 2) {
            if (pairs[at] === ZERO_BUCKET) continue;
            assert.ok(bucketBound(pairs[at]!, NATIVE_SCHEMA) >= least);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
