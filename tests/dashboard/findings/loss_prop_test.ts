/** Simulates the rule `loss`: a batch that is lost now and then is no finding. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Loss, LOSS_SLOT } from "../../../src/dashboard/findings/loss.ts";
import {
  allowed,
  detect,
  falseFindings,
  histories,
  quantile,
  type Simulated,
} from "./simulation.ts";
import type { Random } from "./traffic.ts";

/** Losses of a moment: a collector that restarts, a batch that is refused. */
function calm(random: Random): Simulated[] {
  const state = new Loss("spans");
  const rate = random.log(1, 200);
  const blips = new Map(
    Array.from({ length: random.poisson(3) }, () => {
      const slot = Math.floor(random.between(0, 720));
      return [slot, random.between(0.1, 1)] as const;
    }),
  );
  return [{
    state,
    step(slot) {
      const all = random.poisson(rate * LOSS_SLOT);
      const lost = random.binomial(all, blips.get(slot) ?? 0);
      state.observe(slot, all, lost);
    },
  }];
}

test("loss: calm services have no finding", () => {
  const hours = histories(100);
  const found = falseFindings(hours, LOSS_SLOT, calm);
  assert.ok(found <= allowed(1, hours), `${found} in ${hours} hours`);
});

test("loss: 5 % are found in a minute, all spans in half a minute", () => {
  const runs = histories(40);
  for (const [share, slowest] of [[0.05, 80], [1, 40]] as const) {
    const found = detect(runs, LOSS_SLOT, 900, (random, { from, to }) => {
      const state = new Loss("spans");
      return {
        state,
        step(slot) {
          const begin = slot * LOSS_SLOT;
          const all = random.poisson(50 * LOSS_SLOT);
          const isBad = begin + LOSS_SLOT > from && begin < to;
          state.observe(slot, all, isBad ? random.binomial(all, share) : 0);
        },
      };
    });
    assert.equal(found.missed, 0);
    assert.equal(found.closedLive, 0);
    const detection = quantile(found.detection, 0.9);
    assert.ok(detection <= slowest, `${share}: ${detection} s`);
    assert.ok(quantile(found.off, 0.9) <= 20, `${share}: since`);
    assert.ok(quantile(found.closing, 0.9) <= 90, `${share}: closing`);
  }
});

test("loss: points that are sent once a minute are found as well", () => {
  const state = new Loss("points");
  const opened: number[] = [];
  for (let slot = 0; slot < 120; slot++) {
    if (slot % 6 === 3) state.observe(slot, 300, slot > 60 ? 300 : 0);
    if (state.judge((slot + 1) * LOSS_SLOT) === "opened") opened.push(slot);
  }
  assert.equal(opened.length, 1);
  assert.ok(opened[0]! > 60 && opened[0]! <= 80, `${opened}`);
  assert.equal(state.about.subject["items"], "points");
  assert.equal(state.about.family, "barograph_points_lost_total");
});

test("loss: less than five items are no finding", () => {
  const state = new Loss("logs");
  for (let slot = 0; slot < 60; slot++) {
    if (slot % 15 === 0) state.observe(slot, 1, 1);
    assert.equal(state.judge((slot + 1) * LOSS_SLOT), undefined);
  }
});
