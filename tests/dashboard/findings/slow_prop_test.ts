/**
 * Simulates the rule `slow`: false alarms and misses stay within the table by
 * which its bounds and thresholds were chosen.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf } from "../../../src/dashboard/findings/cells.ts";
import { Routes } from "../../../src/dashboard/findings/routes.ts";
import { SLOW_SLOT, SlowRoute } from "../../../src/dashboard/findings/slow.ts";
import {
  allowed,
  aroundMedian,
  detect,
  falseFindings,
  histories,
  quantile,
  type Simulated,
  type Trouble,
} from "./simulation.ts";
import { Load, type Random, SlowTraffic } from "./traffic.ts";

const TWO_HOURS = 7200;

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const CLASSIC = cellsOf({ bounds: BOUNDS, native: false })!;

const LAYOUTS = {
  classic: CLASSIC.bounds,
  native: cellsOf({ bounds: null, native: true })!.bounds,
};

function route(bounds: readonly number[]): SlowRoute {
  return new SlowRoute({
    id: "slow:GET /",
    rule: "slow",
    subject: { route: "/" },
    family: "http_request_duration_seconds",
  }, bounds);
}

function simulated(
  traffic: SlowTraffic,
  bounds: readonly number[],
  factorOf: (time: number) => number,
): Simulated {
  const state = route(bounds);
  return {
    state,
    step: (slot) =>
      traffic.draw(
        slot,
        SLOW_SLOT,
        factorOf(slot * SLOW_SLOT),
        (cell, count) => state.observe(slot, cell, count),
      ),
  };
}

function calm(bounds: readonly number[]) {
  return (random: Random): Simulated[] => {
    const load = new Load(random, TWO_HOURS);
    return Array.from({ length: random.whole(3, 7) }, () => {
      const traffic = new SlowTraffic(random, load, TWO_HOURS, bounds);
      return simulated(traffic, bounds, () => 1);
    });
  };
}

/** A route of `rate` requests a second that is `factor` times slower. */
function slow(bounds: readonly number[], rate: number, factor: number) {
  return (random: Random, { from, to }: Trouble): Simulated => {
    const steady = { at: () => 1 };
    const traffic = new SlowTraffic(random, steady, 0, bounds, rate);
    return simulated(
      traffic,
      bounds,
      (time) => time + SLOW_SLOT > from && time < to ? factor : 1,
    );
  };
}

for (const layout of ["classic", "native"] as const) {
  test(`slow: calm services have few findings, ${layout}`, () => {
    const hours = histories(60);
    const found = falseFindings(hours, SLOW_SLOT, calm(LAYOUTS[layout]));
    const limit = allowed(layout === "classic" ? 1 : 2, hours);
    assert.ok(found <= limit, `${found} in ${hours} hours`);
  });
}

/** Factor, requests a second: missed of 200, median of the detection. */
const TABLES = {
  classic: [
    [2, 5, 148, Infinity],
    [3, 5, 47, 230],
    [3, 1, 66, 250],
    [5, 5, 0, 80],
    [5, 1, 1, 150],
  ],
  native: [
    [2, 5, 62, Infinity],
    [3, 5, 0, 170],
    [3, 1, 0, 210],
    [5, 5, 0, 50],
    [5, 1, 0, 60],
  ],
} as const;

for (const layout of ["classic", "native"] as const) {
  test(`slow: 15 minutes are found as often and as soon as said, ${layout}`, () => {
    const runs = histories(50);
    for (const [factor, rate, missed, median] of TABLES[layout]) {
      if (allowed(missed, runs) >= runs) continue; // too few to tell
      const made = slow(LAYOUTS[layout], rate, factor);
      const found = detect(runs, SLOW_SLOT, 900, made);
      const text = `${factor} times at ${rate}/s`;
      assert.ok(
        found.missed <= allowed(missed, runs),
        `${text} ${found.missed}`,
      );
      const detection = quantile(found.detection, 0.5);
      assert.ok(
        detection <= aroundMedian(median, runs),
        `${text} ${detection} s`,
      );
      if (factor < 5) continue;
      assert.ok(quantile(found.off, 0.9) <= 45, `${text} since`);
      assert.ok(quantile(found.closing, 0.9) <= 90, `${text} closing`);
      assert.ok(quantile(found.untilOff, 0.9) <= 45, `${text} until`);
    }
  });
}

/** A route on which half of the requests time out in the trouble. */
function timeouts(rule: "failing" | "slow") {
  return (random: Random, { from, to }: Trouble): Simulated => {
    const routes = new Routes();
    const name = { key: "GET /", subject: { route: "/" }, family: "f" };
    const traffic = new SlowTraffic(random, { at: () => 1 }, 0, BOUNDS, 5);
    const observe = (
      slot: number,
      isFailed: boolean,
      cell: number,
      n: number,
    ) =>
      routes.observe(2 * slot + 1, name, CLASSIC, {
        isFailed,
        buckets: n > 0 ? [[cell, n]] : [],
      });
    observe(0, false, 0, 0);
    return {
      state: [...routes.states()].find(({ about }) => about.rule === rule)!,
      step(slot) {
        const time = slot * SLOW_SLOT;
        const share = time + SLOW_SLOT > from && time < to ? 0.5 : 0.002;
        traffic.draw(slot, SLOW_SLOT, 1, (cell, count) => {
          const lost = random.binomial(count, share);
          observe(slot, false, cell, count - lost);
          observe(slot, true, BOUNDS.length, lost);
        });
      },
    };
  };
}

test("slow: requests that time out are failures, not slow ones", () => {
  const runs = histories(30);
  const [failing, slow] = (["failing", "slow"] as const).map((rule) =>
    detect(runs, SLOW_SLOT, 900, timeouts(rule))
  );
  assert.equal(failing!.missed, 0);
  assert.ok(slow!.detection.length <= allowed(1, runs), `${slow!.detection}`);
});

test("slow: a route without a hundred requests of past has no usual", () => {
  const state = route(LAYOUTS.classic);
  for (let slot = 0; slot < 240; slot++) {
    if (slot < 90) state.observe(slot, 1, 1); // 90 requests of past
    if (slot >= 180) state.observe(slot, 9, 100);
    assert.equal(state.judge((slot + 1) * SLOW_SLOT), undefined);
  }
});

test("slow: the finding names the bound, and compares with the own past", () => {
  const state = route(LAYOUTS.classic);
  for (let slot = 0; slot < 366; slot++) {
    state.observe(slot, slot < 360 ? 1 : 6, 20);
    state.judge((slot + 1) * SLOW_SLOT);
  }
  const { above, usual, limit, k, n } = state.evidence!;
  // All were in (5 ms, 10 ms]: 25 ms is the first bound above twice the p95.
  assert.equal(above, 0.025);
  assert.ok(usual! > 0 && usual! < 0.001);
  assert.equal(limit, 0.1);
  assert.ok(k >= 40 && k <= n);
  assert.match(state.evidence!.threshold, /more than 10 % .* 25 ms .*p95/i);
});
