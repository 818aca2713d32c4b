/** Simulates the rule `source`: a single failure is no finding. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FailingSource,
  SOURCE_SLOT,
} from "../../../src/dashboard/findings/source.ts";
import {
  detect,
  falseFindings,
  histories,
  quantile,
  type Simulated,
} from "./simulation.ts";
import type { Random } from "./traffic.ts";

/** A source that fails in some slots. */
function source(fails: (slot: number) => boolean): Simulated {
  const state = new FailingSource("disk");
  return {
    state,
    step: (slot) =>
      state.observe(slot, fails(slot) ? `no disk at ${slot}` : undefined),
  };
}

/** Single failures, never two in a row. */
function calm(random: Random): Simulated[] {
  let last = -Infinity;
  return [source((slot) => {
    if (slot - last < 2 || random.next() > 0.01) return false;
    last = slot;
    return true;
  })];
}

test("source: single failures are no finding", () => {
  assert.equal(falseFindings(histories(100), SOURCE_SLOT, calm), 0);
});

test("source: two failures in a row are found, a minute without any ends it", () => {
  const runs = histories(40);
  const found = detect(
    runs,
    SOURCE_SLOT,
    900,
    (_, { from, to }) =>
      source((slot) => slot * SOURCE_SLOT >= from && slot * SOURCE_SLOT < to),
  );
  assert.equal(found.missed, 0);
  assert.equal(found.closedLive, 0);
  assert.ok(quantile(found.detection, 1) <= 30);
  assert.ok(quantile(found.off, 1) <= SOURCE_SLOT);
  assert.ok(quantile(found.closing, 1) <= 80);
  assert.ok(quantile(found.untilOff, 1) <= SOURCE_SLOT);
});

test("source: every third failure keeps it open, and counts", () => {
  const { state, step } = source((slot) => slot < 10 ? slot > 3 : slot % 3 < 1);
  for (let slot = 0; slot < 100; slot++) {
    step(slot);
    const what = state.judge((slot + 1) * SOURCE_SLOT);
    assert.equal(what, slot === 5 ? "opened" : undefined, `${slot}`);
  }
  const { k, n, window, since, isSinceExact } = state.evidence!;
  assert.equal(since, 4 * SOURCE_SLOT);
  assert.equal(isSinceExact, true);
  assert.equal(window, n * SOURCE_SLOT);
  assert.ok(k > n / 4 && k < n / 2, `${k} of ${n}`);
  assert.equal(state.cause, "no disk at 99");
});
