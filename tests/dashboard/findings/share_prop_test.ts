/** Laws of the statistics and of the counts that rules read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changePoint,
  lowerBound,
  upperBound,
} from "../../../src/dashboard/findings/share.ts";
import { SlotCounts } from "../../../src/dashboard/findings/slot_counts.ts";
import * as fc from "../../support/property.ts";

const cases = fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 1000 }))
  .map(([k, more]) => [k, k + more] as const);

test("law: bounds enclose the share, and narrow with more cases", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 2, max: 50 }), (pair, more) => {
      const [k, n] = pair;
      fc.pre(n > 0);
      const [low, high] = [lowerBound(k, n), upperBound(k, n)];
      assert.ok(low >= 0 && high <= 1 + 1e-9);
      assert.ok(low <= k / n + 1e-9 && high >= k / n - 1e-9);
      assert.ok(lowerBound(k * more, n * more) >= low - 1e-9);
      assert.ok(upperBound(k * more, n * more) <= high + 1e-9);
    }),
  );
});

test("bounds without any case say nothing", () => {
  assert.deepEqual([lowerBound(0, 0), upperBound(0, 0)], [0, 1]);
});

test("lowerBound() is Wilson's score bound for z = 3", () => {
  // n = 100, share 0.1: (0.1 + 0.045 - 3 * sqrt(0.0009 + 0.000225)) / 1.09.
  const expected = (0.145 - 3 * Math.sqrt(0.001125)) / 1.09;
  assert.ok(Math.abs(lowerBound(10, 100) - expected) < 1e-12);
});

const slots = fc.array(cases, { minLength: 1, maxLength: 40 });
const shares = fc.record({
  before: fc.double({ min: 0, max: 1, noNaN: true }),
  now: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("law: a change point has the largest sum of log likelihood ratios", () => {
  fc.assert(fc.property(slots, shares, (slots, { before, now }) => {
    const clip = (share: number) => Math.min(1 - 1e-4, Math.max(1e-4, share));
    const [p0, p1] = [clip(before), clip(now)];
    const sumFrom = (from: number) =>
      slots.slice(from).reduce((sum, [k, n]) =>
        sum + k * Math.log(p1 / p0) +
        (n - k) * Math.log((1 - p1) / (1 - p0)), 0);
    const { slot, spread } = changePoint(
      (slot) => ({ k: slots[slot]![0], n: slots[slot]![1] }),
      0,
      slots.length,
      { before, now },
    );
    const best = Math.max(...slots.map((_, from) => sumFrom(from)));
    assert.ok(Math.abs(sumFrom(slot) - best) <= 1e-6 * (1 + Math.abs(best)));
    assert.ok(spread >= 0 && spread < slots.length);
  }));
});

/** Steps of a model: records, freezing and thawing, and slots that pass. */
const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("add" as const),
      cell: fc.nat({ max: 2 }),
      by: fc.nat({ max: 100 }),
    }),
    fc.record({
      kind: fc.constant("pass" as const),
      slots: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.nat({ max: 90 })),
    }),
    fc.record({ kind: fc.constantFrom("freeze" as const, "thaw" as const) }),
  ),
  { maxLength: 120 },
);

const SECONDS = 10;
const KEPT = 66;
const PER_BLOCK = 30;
const BLOCKS = 10;

test("law: SlotCounts are the sums of what was counted", () => {
  fc.assert(fc.property(steps, (steps) => {
    const counts = new SlotCounts(3, SECONDS);
    const written = new Map<number, number[]>();
    const taken: number[][] = [];
    let [slot, calmFrom] = [0, 0];
    const at = (slot: number) => written.get(slot) ?? [0, 0, 0];
    for (const step of steps) {
      switch (step.kind) {
        case "add": {
          counts.add(slot, step.cell, step.by);
          const cells = [...at(slot)];
          cells[step.cell]! += step.by;
          written.set(slot, cells);
          break;
        }
        case "pass": {
          // Slots that were never kept do not become part of the past.
          const last = Math.min(slot, slot + step.slots - KEPT);
          for (let old = Math.max(0, slot - KEPT + 1); old <= last; old++) {
            if (old >= calmFrom) taken.push(at(old));
          }
          slot += step.slots;
          counts.moveTo(slot);
          break;
        }
        case "freeze":
          counts.freeze();
          calmFrom = Infinity;
          break;
        case "thaw":
          counts.thaw(slot);
          calmFrom = slot;
      }
      // Blocks are forgotten whole.
      const blocks = Math.ceil(taken.length / PER_BLOCK);
      const first = Math.max(0, blocks - BLOCKS) * PER_BLOCK;
      for (const cell of [0, 1, 2]) {
        const past = taken.slice(first).reduce((sum, c) => sum + c[cell]!, 0);
        assert.equal(counts.past[cell], past);
        const from = Math.max(0, slot - KEPT + 1);
        let recent = 0;
        for (let old = from; old <= slot; old++) recent += at(old)[cell]!;
        assert.equal(counts.sum(cell, -5, slot + 5), recent);
        const part = at(slot)[cell]! + (slot > from ? at(slot - 1)[cell]! : 0);
        assert.equal(counts.sum(cell, slot - 1, slot + 1), part);
      }
    }
  }));
});
