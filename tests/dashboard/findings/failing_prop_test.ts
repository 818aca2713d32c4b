/**
 * Simulates the rule `failing`: false alarms and misses stay within the table by
 * which its windows and thresholds were chosen.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAILING_SLOT,
  FailingRoute,
} from "../../../src/dashboard/findings/failing.ts";
import {
  allowed,
  aroundMedian,
  detect,
  falseFindings,
  histories,
  quantile,
  type Simulated,
} from "./simulation.ts";
import { FailingTraffic, Load, Random } from "./traffic.ts";

const TWO_HOURS = 7200;

function route(): FailingRoute {
  return new FailingRoute({
    id: "failing:GET /",
    rule: "failing",
    subject: { route: "/" },
    family: "http_request_duration_seconds",
  });
}

function calm(random: Random): Simulated[] {
  const load = new Load(random, TWO_HOURS);
  return Array.from({ length: random.whole(3, 7) }, () => {
    const traffic = new FailingTraffic(random, load, TWO_HOURS, FAILING_SLOT);
    const state = route();
    return {
      state,
      step: (slot) => state.observe(slot, ...traffic.draw(slot, FAILING_SLOT)),
    };
  });
}

/** A route of `rate` requests a second, of which a share fails in the trouble. */
function failing(rate: number, share: number) {
  return (
    random: Random,
    { from, to }: { readonly from: number; readonly to: number },
  ): Simulated => {
    const state = route();
    const usual = random.log(0.0003, 0.005);
    return {
      state,
      step(slot) {
        const begin = slot * FAILING_SLOT;
        const end = begin + FAILING_SLOT;
        const part = Math.max(0, Math.min(end, to) - Math.max(begin, from));
        const n = random.poisson(rate * FAILING_SLOT);
        const k = random.binomial(n, usual);
        const more = random.binomial(n - k, share * part / FAILING_SLOT);
        state.observe(slot, n, k + more);
      },
    };
  };
}

test("failing: calm services have at most 5 findings in 200 hours", () => {
  const hours = histories(100);
  const found = falseFindings(hours, FAILING_SLOT, calm);
  assert.ok(found <= allowed(5, hours), `${found} in ${hours} hours`);
});

test("failing: a fixed share of a minute would be wrong far more often", () => {
  const hours = histories(100);
  let found = 0;
  for (let seed = 0; seed < hours; seed++) {
    const random = new Random(7919 * seed + 13);
    const load = new Load(random, TWO_HOURS);
    const slots = TWO_HOURS / FAILING_SLOT;
    const traffic = new FailingTraffic(random, load, TWO_HOURS, FAILING_SLOT);
    const drawn = Array.from(
      { length: slots },
      (_, slot) => traffic.draw(slot, FAILING_SLOT),
    );
    let wasBad = false;
    for (let slot = slots / 2; slot < slots; slot += 2) {
      const minute = drawn.slice(slot - 12, slot);
      const n = minute.reduce((sum, each) => sum + each[0], 0);
      const k = minute.reduce((sum, each) => sum + each[1], 0);
      const isBad = k > 0.01 * n;
      if (isBad && !wasBad) found++;
      wasBad = isBad;
    }
  }
  assert.ok(found > hours, `${found} in ${hours} hours of one route`);
});

/** Requests a second, failing share: missed of 200, median of the detection. */
const TABLE: readonly (readonly [number, number, number, number])[] = [
  [0.2, 0.03, 175, 580],
  [1, 0.03, 76, 400],
  [5, 0.03, 4, 180],
  [50, 0.03, 0, 50],
  [0.2, 0.05, 91, 580],
  [1, 0.05, 3, 180],
  [5, 0.05, 0, 40],
  [50, 0.05, 0, 20],
  [0.2, 0.1, 1, 350],
  [1, 0.1, 0, 80],
  [5, 0.1, 0, 20],
  [50, 0.1, 0, 20],
  [0.2, 0.2, 0, 160],
  [1, 0.2, 0, 30],
  [5, 0.2, 0, 20],
  [50, 0.2, 0, 20],
  [0.2, 1, 0, 30],
  [1, 1, 0, 20],
  [5, 1, 0, 20],
  [50, 1, 0, 20],
];

test("failing: 15 minutes of trouble are found as often and as soon as said", () => {
  const runs = histories(60);
  for (const [rate, share, missed, median] of TABLE) {
    if (allowed(missed, runs) >= runs) continue; // too few to tell
    const found = detect(runs, FAILING_SLOT, 900, failing(rate, share));
    const text = `${share} of ${rate} a second`;
    assert.ok(found.missed <= allowed(missed, runs), `${text} ${found.missed}`);
    const detection = quantile(found.detection, 0.5);
    assert.ok(
      detection <= aroundMedian(median, runs),
      `${text} ${detection} s`,
    );
  }
});

test("failing: begin and end are right within seconds from 10 % of 1/s on", () => {
  const runs = histories(60);
  for (const rate of [1, 5, 50]) {
    const found = detect(runs, FAILING_SLOT, 900, failing(rate, 0.1));
    assert.ok(quantile(found.off, 0.5) <= 10, `since, ${rate}/s`);
    assert.ok(quantile(found.off, 0.9) <= 45, `since, ${rate}/s`);
    assert.ok(quantile(found.untilOff, 0.5) <= 10, `until, ${rate}/s`);
    assert.ok(quantile(found.untilOff, 0.9) <= 45, `until, ${rate}/s`);
  }
});

test("failing: a begin that is not known well is not called exact", () => {
  const runs = histories(60);
  const found = detect(runs, FAILING_SLOT, 900, failing(0.2, 0.1));
  const { exactOff, detection } = found;
  assert.ok(exactOff.length <= detection.length / 2, `${exactOff.length}`);
});

test("failing: it closes a minute after the end, and not before it", () => {
  const runs = histories(20);
  // Of 200: closed while it lasted.
  const cases = [
    [3.7, 0.1, 80, 1],
    [3.7, 0.2, 80, 1],
    [20, 0.05, 80, 1],
    [0.5, 0.2, 180, 23],
    [5, 0.03, 100, 38],
  ] as const;
  for (const [rate, share, median, live] of cases) {
    const found = detect(runs, FAILING_SLOT, 75 * 60, failing(rate, share));
    const limit = allowed(live, runs);
    assert.ok(found.closedLive <= limit, `${rate}/s: ${found.closedLive}`);
    const closing = quantile(found.closing, 0.5);
    assert.ok(closing <= median, `${rate}/s: ${closing} s`);
  }
});

test("failing: a finding that has closed shows the share of its trouble", () => {
  const random = new Random(1);
  const { state, step } = failing(20, 0.2)(random, { from: 3600, to: 4500 });
  for (let slot = 0; slot < 1000; slot++) {
    step(slot);
    if (slot % 2 === 1) state.judge((slot + 1) * FAILING_SLOT);
  }
  const { k, n, window } = state.evidence!;
  assert.equal(state.isOpen, false);
  assert.equal(window, 30);
  assert.ok(k / n > 0.15 && k / n < 0.25, `${k} of ${n}`);
});

test("failing: a long incident does not become the usual of the next one", () => {
  const random = new Random(2);
  const first = failing(5, 0.3)(random, { from: 3600, to: 6600 });
  const state = first.state as FailingRoute;
  const opened: { now: number; usual: number | null }[] = [];
  for (let slot = 0; slot < 1800; slot++) {
    const time = slot * FAILING_SLOT;
    if (time < 7200) first.step(slot);
    else state.observe(slot, 25, time < 7500 ? 0 : 5);
    if (slot % 2 === 0) continue;
    const now = time + FAILING_SLOT;
    if (state.judge(now) !== "opened") continue;
    opened.push({ now, usual: state.evidence!.usual });
  }
  assert.equal(opened.length, 2);
  assert.ok(opened[1]!.now > 7500 && opened[1]!.now <= 7560);
  assert.ok(opened[1]!.usual! < 0.01, `${opened[1]!.usual}`);
});
