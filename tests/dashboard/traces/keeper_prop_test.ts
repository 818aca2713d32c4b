/** Laws of the keeper: nothing disappears, and nothing grows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "../../../src/dashboard/traces/kept_trace.ts";
import { TraceKeeper } from "../../../src/dashboard/traces/keeper.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { createTracer } from "../../../src/trace/mod.ts";
import * as fc from "../../support/property.ts";
import { idOf, recordOf } from "./records.ts";

const BYTES = 16 * 1024;

interface Step {
  readonly trace: number;
  readonly parent: number | undefined;
  readonly isRemote: boolean;
  readonly start: number;
  readonly length: number;
  readonly fails: boolean;
  readonly text: number;
  readonly ticks: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  trace: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 500 })),
  parent: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  isRemote: fc.boolean(),
  start: fc.oneof(fc.nat({ max: 100 }), fc.constantFrom(-1e300, 1e300)),
  length: fc.nat({ max: 10 }),
  fails: fc.boolean(),
  text: fc.oneof(
    { weight: 9, arbitrary: fc.nat({ max: 100 }) },
    { weight: 1, arbitrary: fc.nat({ max: 4096 }) },
  ),
  ticks: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat({ max: 200 }) },
  ),
});

test("law: every span is kept, evicted or lost, and the bytes are exact", () => {
  let evicted = 0;
  let lost = 0;
  fc.assertAll(
    fc.property(fc.array(anyStep, { maxLength: 400 }), (steps) => {
      const keeper = new TraceKeeper();
      const timers = new FakeTimers();
      using _ = keeper.attach({
        tracer: createTracer({ name: "silent" }),
        timers,
        bytes: BYTES,
      });
      const ids = new Set<string>();
      steps.forEach(({ trace, parent, isRemote, ticks, ...step }, span) => {
        timers.advance(ticks / 2);
        ids.add(idOf(trace, 32));
        const record = recordOf({
          trace,
          span,
          parent,
          parentIsRemote: parent !== undefined && isRemote,
          start: step.start,
          end: step.start + step.length,
          ...step.fails && { error: "x" },
          attributes: { text: "x".repeat(step.text) },
        });
        keeper.add(record, "shop");

        const { stats, counts } = keeper;
        assert.ok(stats.bytes <= BYTES);
        assert.equal(stats.ended, span + 1);
        assert.equal(stats.spans + stats.evicted + stats.lost, span + 1);
        for (const count of Object.values(counts)) assert.ok(count <= 100);
      });

      const kept = [...ids].flatMap((id) => keeper.trace(id) ?? []);
      const records = kept.flatMap(({ records }) => records);
      const { stats } = keeper;
      assert.equal(records.length, stats.spans);
      assert.equal(
        records.reduce((sum, record) => sum + bytesOf(record), 0),
        stats.bytes,
      );
      const listed = new Set(
        (["latest", "slowest", "failed"] as const)
          .flatMap((list) => keeper.traces(list)),
      );
      for (const trace of kept) {
        assert.ok(trace.isOpen || listed.has(trace), "a trace is held");
      }
      for (const trace of listed) assert.ok(kept.includes(trace));
      evicted += stats.evicted;
      lost += stats.lost;

      timers.advance(60);
      assert.equal(keeper.stats.open, 0);
    }),
    { numRuns: 100 },
  );
  assert.ok(evicted > 0 && lost > 0, "the bounds were reached");
});
