/** Families that are full, or nearly so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FullFamily,
  NearlyFullFamily,
  OVERFLOW_SLOT,
} from "../../../src/dashboard/findings/overflow.ts";

test("overflow: any look-up is a finding until none has come for 10 minutes", () => {
  const state = new FullFamily("searches_total");
  const events: [string, number][] = [];
  for (let slot = 0; slot < 240; slot++) {
    if (slot === 5) state.observe(slot, 1);
    if (slot === 50) state.observe(slot, 213);
    if (slot === 200) state.observe(slot, 7);
    const what = state.judge((slot + 1) * OVERFLOW_SLOT);
    if (what !== undefined) events.push([what, slot]);
    if (slot === 51) {
      const { k, n, window, since } = state.evidence!;
      assert.deepEqual([k, n, window, since], [214, 214, 520, 50]);
    }
    if (slot === 111) {
      const { since, until } = state.toFinding((time) => time);
      assert.deepEqual([since, until], [50, 510]);
    }
  }
  assert.deepEqual(events, [["opened", 5], ["closed", 110], ["opened", 200]]);
  const { k, since } = state.evidence!;
  assert.deepEqual([k, since], [7, 2000]);
});

/** Judges sizes of one family with a limit of 1000, one a slot. */
function judged(known: number, sizes: readonly number[], fullFrom = Infinity) {
  let isFull = false;
  const state = new NearlyFullFamily("searches_total", known, () => isFull);
  const events: [string, number][] = [];
  sizes.forEach((series, slot) => {
    isFull = slot >= fullFrom;
    state.observe(slot, { series, limit: 1000 });
    const what = state.judge((slot + 1) * OVERFLOW_SLOT);
    if (what !== undefined) events.push([what, slot]);
  });
  return { state, events };
}

const repeated = (size: number, times: number) =>
  Array.from({ length: times }, () => size);

test("overflow: 90 % and rising is a finding, a full house at rest is not", () => {
  assert.deepEqual(judged(950, repeated(950, 100)).events, []);
  assert.deepEqual(judged(700, [800, 850, 899]).events, []);
  const { state, events } = judged(850, [880, 910, 930]);
  assert.deepEqual(events, [["opened", 1]]);
  const { k, n, limit, since, isSinceExact } = state.evidence!;
  assert.deepEqual([k, n, limit, since], [930, 1000, 0.9, 20]);
  assert.equal(isSinceExact, true);
});

test("overflow: a family that has stopped to grow is no finding any longer", () => {
  const { state, events } = judged(850, [910, ...repeated(910, 80)]);
  assert.deepEqual(events, [["opened", 0], ["closed", 61]]);
  assert.equal(state.toFinding((time) => time).until, 10);
});

test("overflow: a family that comes and goes below its peak does not grow", () => {
  const waves = Array.from({ length: 200 }, (_, i) => 950 - 20 * (i % 2));
  assert.deepEqual(judged(850, waves).events, [["opened", 0], ["closed", 61]]);
});

test("overflow: a smaller or full family ends it, and growth begins it again", () => {
  assert.deepEqual(
    judged(850, [920, 920, 700, 700, 930]).events,
    [["opened", 0], ["closed", 2], ["opened", 4]],
  );
  assert.deepEqual(
    judged(850, [920, 990, 1000, 1000], 2).events,
    [["opened", 0], ["closed", 2]],
  );
});
