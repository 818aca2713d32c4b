/** Simulates the rules `loop`: pauses of a calm process are no finding. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LateLoop, LOOP_SLOT } from "../../../src/dashboard/findings/loop.ts";
import {
  allowed,
  detect,
  falseFindings,
  histories,
  quantile,
  type Simulated,
  type Trouble,
} from "./simulation.ts";
import { Random } from "./traffic.ts";

const TWO_HOURS = 7200;

/** Lower bounds of the buckets of `eventLoopDelay`. */
const LOWER = [
  ...[0, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
];

/** Holds of the loop: when, and for how many seconds. */
type Holds = readonly (readonly [time: number, seconds: number])[];

function loop(holds: Holds): Simulated {
  const state = new LateLoop("deno_eventloop_delay_seconds");
  const bySlot = new Map<number, number[]>();
  for (const [time, seconds] of holds) {
    const slot = Math.floor(time / LOOP_SLOT);
    bySlot.set(slot, [...bySlot.get(slot) ?? [], seconds]);
  }
  return {
    state,
    step(slot) {
      state.observe(slot, 0.001, 800);
      for (const seconds of bySlot.get(slot) ?? []) {
        const lower = LOWER.findLast((bound) => bound < seconds)!;
        state.observe(slot, lower, 1);
      }
    },
  };
}

/** Collections of garbage, loads of modules, a large answer now and then. */
function pauses(random: Random): [number, number][] {
  const rare = Array.from({ length: random.poisson(24) }, () => {
    const time = random.between(0, TWO_HOURS);
    return [time, random.log(0.1, 0.6)] as [number, number];
  });
  const small = Array.from({ length: random.poisson(400) }, () => {
    const time = random.between(0, TWO_HOURS);
    return [time, random.log(0.02, 0.1)] as [number, number];
  });
  const start = random.between(0, TWO_HOURS);
  const burst = Array.from(
    { length: random.whole(3, 10) },
    (_, index) => [start + index / 2, 0.15] as [number, number],
  );
  return [...rare, ...small, ...burst];
}

test("loop: pauses and a busy moment of a calm process are no finding", () => {
  const hours = histories(100);
  let longest = 0;
  const found = falseFindings(hours, LOOP_SLOT, (random) => {
    const holds = pauses(random);
    if (holds.some(([time, seconds]) => time > 3600 && seconds > 0.1)) {
      longest++;
    }
    return [loop(holds)];
  });
  assert.ok(found <= allowed(1, hours), `${found} in ${hours} hours`);
  assert.ok(longest > 0.9 * hours); // "max > 100 ms" would be wrong in all
});

/** Seconds of a hold, seconds between two: the bound, the detection. */
const TABLE = [
  [0.3, 5, 0.1, 40],
  [0.15, 2, 0.1, 40],
  [0.06, 0.07, 0.05, 40],
  [1.01, 30, 1, 100],
] as const;

test("loop: steady holds are found within a minute, a second each half later", () => {
  const runs = histories(40);
  for (const [seconds, every, above, slowest] of TABLE) {
    let bound: number | null = null;
    const found = detect(runs, LOOP_SLOT, 900, (_, trouble: Trouble) => {
      const holds: [number, number][] = [];
      for (let time = trouble.from; time < trouble.to; time += every) {
        holds.push([time, seconds]);
      }
      const simulated = loop(holds);
      return {
        ...simulated,
        step(slot) {
          simulated.step(slot);
          bound = simulated.state.evidence?.above ?? bound;
        },
      };
    });
    const text = `${seconds} s each ${every} s`;
    assert.equal(found.missed, 0, text);
    assert.equal(bound, above, text);
    assert.equal(found.closedLive, 0, text);
    const detection = quantile(found.detection, 1);
    assert.ok(detection <= slowest, `${text}: ${detection} s`);
    const closing = quantile(found.closing, 0.9);
    assert.ok(closing <= (above === 1 ? 630 : 90), `${text}: ${closing} s`);
  }
});

test("loop: one hold of any length is no finding", () => {
  for (const seconds of [0.2, 1.5, 20]) {
    const simulated = loop([[3605, seconds]]);
    for (let slot = 0; slot < 400; slot++) {
      simulated.step(slot);
      const now = (slot + 1) * LOOP_SLOT;
      assert.equal(simulated.state.judge(now), undefined, `${seconds} s`);
    }
  }
});

test("loop: the finding counts seconds, or times of a second", () => {
  const busy = loop(Array.from({ length: 60 }, (_, i) => [60 + 2 * i, 0.15]));
  const held = loop([[60, 1.2], [90, 1.2], [120, 1.2]]);
  for (let slot = 0; slot < 15; slot++) {
    for (const { step, state } of [busy, held]) {
      step(slot);
      state.judge((slot + 1) * LOOP_SLOT);
    }
  }
  const { k, n, window, above, since } = busy.state.evidence!;
  assert.deepEqual([n, window, above, since], [60, 60, 0.1, 60]);
  assert.ok(Math.abs(k - 3) < 0.2, `${k}`);
  const times = held.state.evidence!;
  assert.deepEqual([times.k, times.above], [3, 1]);
  assert.match(times.threshold, /1 s at least 3 times in 10 min/);
});

test("Random draws the same numbers from a seed", () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return [random.next(), random.poisson(3), random.binomial(100, 0.1)];
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});
