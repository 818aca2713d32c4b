/** Laws of findings for any traffic, however strange. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAILING_SLOT,
  FailingRoute,
} from "../../../src/dashboard/findings/failing.ts";
import { TOLD } from "../../../src/dashboard/findings/finding_state.ts";
import { MAX_ROUTES, Routes } from "../../../src/dashboard/findings/routes.ts";
import { SLOW_SLOT, SlowRoute } from "../../../src/dashboard/findings/slow.ts";
import * as fc from "../../support/property.ts";
import { PERIOD, run, type Simulated } from "./simulation.ts";

/** Phases of traffic: seconds, requests a slot, and the share that is bad. */
const phases = fc.array(
  fc.record({
    seconds: fc.integer({ min: 5, max: 1500 }),
    requests: fc.nat({ max: 60 }),
    share: fc.oneof(
      fc.constantFrom(0, 0, 0.01, 0.05, 0.2, 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
    /** Bad requests come in one of so many slots. */
    every: fc.constantFrom(1, 1, 2, 5, 12),
  }),
  { minLength: 1, maxLength: 8 },
);

type Phases = typeof phases extends fc.Arbitrary<infer P> ? P : never;

/** Calls `observe` with the requests of a slot, and those that are bad. */
function play(
  phases: Phases,
  slotSeconds: number,
  observe: (slot: number, n: number, k: number) => void,
): (slot: number) => void {
  const ends: number[] = [];
  for (const { seconds } of phases) ends.push((ends.at(-1) ?? 0) + seconds);
  return (slot) => {
    const index = ends.findIndex((end) => slot * slotSeconds < end);
    const phase = phases[index];
    if (phase === undefined) return;
    const { requests: n, share, every } = phase;
    const k = slot % every === 0
      ? Math.min(n, Math.round(n * share * every))
      : 0;
    observe(slot, n, k);
  };
}

const BOUNDS = [0.01, 0.1, 1];

const RULES = {
  failing(phases: Phases): Simulated {
    const about = {
      id: "a",
      subject: {},
      family: null,
      rule: "failing",
    } as const;
    const state = new FailingRoute(about);
    return {
      state,
      step: play(phases, FAILING_SLOT, (...of) => state.observe(...of)),
    };
  },
  slow(phases: Phases): Simulated {
    const about = { id: "a", subject: {}, family: null, rule: "slow" } as const;
    const state = new SlowRoute(about, BOUNDS);
    return {
      state,
      step: play(phases, SLOW_SLOT, (slot, n, k) => {
        state.observe(slot, 0, n - k);
        state.observe(slot, 2, k);
      }),
    };
  },
};

const SECONDS = { failing: FAILING_SLOT, slow: SLOW_SLOT };

for (const rule of ["failing", "slow"] as const) {
  test(`law: ${rule} opens with enough cases, keeps its terms, closes once`, () => {
    let all = 0;
    fc.assert(
      fc.property(phases, (phases) => {
        const simulated = RULES[rule](phases);
        const { state } = simulated;
        const total = phases.reduce((sum, { seconds }) => sum + seconds, 1500);
        let opened = 0;
        let closed = 0; // when the finding before has closed
        let terms: (number | null)[] = [];
        const { step } = simulated;
        const watched = {
          state,
          step(slot: number) {
            step(slot);
            if (!state.isOpen) return;
            const { usual, limit, above } = state.evidence!;
            assert.equal(usual, terms[0]);
            assert.equal(limit, terms[1]);
            assert.equal(above, terms[2]);
          },
        };
        run(watched, SECONDS[rule], { from: 0, to: total }, (what, now) => {
          const { since, k, n, usual, limit, above } = state.evidence!;
          if (what === "opened") {
            const isFirst = rule === "failing" && now < 600;
            assert.ok(k >= (isFirst ? 10 : 5), `${k}`);
            assert.ok(k <= n && k / n > limit!);
            assert.ok(since >= closed, `since ${since}, closed ${closed}`);
            assert.ok(since < now);
            terms = [usual, limit, above];
            opened = now;
            all++;
          } else {
            const { until } = state.toFinding((time) => time);
            assert.ok(since <= until! && until! <= now);
            assert.ok(now - since >= 60);
            assert.ok(now > opened);
            closed = now;
          }
          assert.ok(state.isReported(now));
        });
        // There are no requests for 25 minutes: nothing stays open.
        assert.equal(state.isOpen, false);
        assert.equal(state.isReported(closed + TOLD), false);
      }),
      { numRuns: 150 },
    );
    assert.ok(all > 0, "no traffic has opened a finding");
  });
}

test("law: routes are bounded, and those without a place are counted", () => {
  const visits = fc.array(
    fc.record({
      slot: fc.nat({ max: 300 }),
      first: fc.nat({ max: 2000 }),
      routes: fc.nat({ max: 400 }),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(visits, (visits) => {
      const routes = new Routes();
      const sorted = visits.toSorted((a, b) => a.slot - b.slot);
      for (const { slot, first, routes: number } of sorted) {
        const without = new Set<string>();
        for (let route = first; route < first + number; route++) {
          const key = `GET /${route}`;
          const name = { key, subject: { route: `/${route}` }, family: "f" };
          const before = routes.leftOut;
          routes.observe(slot, name, undefined, {
            isFailed: false,
            buckets: [[0, 1]],
          });
          if (routes.leftOut > before) without.add(key);
        }
        assert.ok(routes.size <= MAX_ROUTES);
        assert.equal([...routes.states()].length, routes.size);
        assert.ok(routes.leftOut >= without.size);
        if (number > MAX_ROUTES) {
          assert.ok(routes.leftOut >= number - MAX_ROUTES);
        }
        routes.forget(slot);
      }
      routes.forget(10_000);
      assert.deepEqual([routes.size, routes.leftOut], [0, 0]);
    }),
    { numRuns: 80 },
  );
});

test("routes: an idle one makes room, one with a finding does not", () => {
  const routes = new Routes();
  const name = (route: number) => ({
    key: `${route}`,
    subject: {},
    family: "f",
  });
  const visit = (route: number, slot: number, isFailed = false) =>
    routes.observe(slot, name(route), undefined, {
      isFailed,
      buckets: [[0, 20]],
    });
  for (let route = 0; route < MAX_ROUTES; route++) visit(route, 0);
  for (let slot = 0; slot < 6; slot++) visit(0, slot, true);
  const failing = [...routes.states()][0]!;
  assert.equal(failing.judge(3 * PERIOD), "opened");

  visit(1000, 100);
  assert.deepEqual([routes.size, routes.leftOut], [MAX_ROUTES, 1]);
  visit(1000, 130);
  assert.deepEqual([routes.size, routes.leftOut], [MAX_ROUTES, 0]);
  assert.ok([...routes.states()].includes(failing));
});
