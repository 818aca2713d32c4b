/** The rule for giving way, as laws over a simulated event loop. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import type { Timers } from "../../../src/base/mod.ts";
import {
  type Batches,
  TimeSlicedReader,
} from "../../../src/http/metrics/time_sliced.ts";
import { FakeClock } from "../../../src/testing/mod.ts";

/** The longest time for which a scrape may hold the event loop, in seconds. */
const MAX_HOLD = 0.002;

/** The cost of a turn of an idle loop, in seconds. */
const TURN = 1.5e-6;

/** A request that arrives at `at`, in seconds, and takes `seconds` to serve. */
interface FakeRequest {
  readonly at: number;
  readonly seconds: number;
}

/** A timer that is due at `due`, in seconds. */
interface FakeTimer {
  readonly due: number;
  readonly work: () => void;
}

/** An event loop that polls its sockets once in `interval` turns. */
class FakeLoop {
  readonly clock = new FakeClock();
  /** The longest time that a request has waited. */
  longestWait = 0;
  /** The longest time between two polls, without serving requests. */
  longestHold = 0;
  polls = 0;
  readonly #interval: number;
  /** Requests that have not been served, by the time of their arrival. */
  readonly #requests: FakeRequest[];
  #turns: (() => void)[] = [];
  readonly #timers = new Set<FakeTimer>();
  #tick: number;
  #lastPoll = 0;

  constructor(
    interval: number,
    phase: number,
    requests: readonly FakeRequest[] = [],
  ) {
    this.#interval = interval;
    this.#tick = phase;
    this.#requests = [...requests].sort((a, b) => a.at - b.at);
  }

  /** `hasTurns`: whether the timers have turns. */
  timers(hasTurns = true): Timers {
    return {
      after: (seconds, work, options) => {
        assert.equal(options?.holds, true);
        const timer = { due: this.clock.mono() + seconds, work };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
      every: () => assert.fail("nothing repeats"),
      turn: hasTurns ? (work) => void this.#turns.push(work) : undefined,
    };
  }

  /** Requests that have arrived and are not served. */
  get waiting(): number {
    return this.#requests.filter(({ at }) => at <= this.clock.mono()).length;
  }

  /** Runs turns until `work` has ended; it must never wait for nothing. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => void (isOver = true);
    work.then(end, end);
    for (;;) {
      for (let i = 0; i < 10; i++) await Promise.resolve(); // microtasks
      if (isOver) return work;
      this.clock.advance(TURN);
      if (this.#turns.length === 0) this.#park();
      else if (++this.#tick % this.#interval === 0) this.#poll();
      const turns = this.#turns;
      this.#turns = [];
      for (const turn of turns) turn();
    }
  }

  /** Waits for the next timer; a loop that is not busy always polls. */
  #park(): void {
    this.#poll();
    const dues = [...this.#timers].map(({ due }) => due);
    assert.ok(dues.length > 0, "the loop waits for nothing");
    this.clock.advance(Math.max(0, Math.min(...dues) - this.clock.mono()));
    this.#poll();
  }

  /** Serves the requests that are waiting, then runs the timers that are due. */
  #poll(): void {
    const { clock } = this;
    const hold = clock.mono() - this.#lastPoll;
    this.longestHold = Math.max(this.longestHold, hold);
    this.polls++;
    // Those that arrive while others are served wait for the next poll.
    for (let { waiting } = this; waiting > 0; waiting--) {
      const { at, seconds } = this.#requests.shift()!;
      this.longestWait = Math.max(this.longestWait, clock.mono() - at);
      clock.advance(seconds);
    }
    this.#lastPoll = clock.mono();
    for (const timer of this.#timers) {
      if (timer.due > clock.mono()) continue;
      this.#timers.delete(timer);
      timer.work();
    }
  }
}

const anyKind = fc.constantFrom(
  { interval: 1, hasTurns: true },
  { interval: 61, hasTurns: true },
  { interval: 1, hasTurns: false },
);
const anyPhase = fc.nat({ max: 60 });

/** Any steps of a scrape, by their seconds. */
function anySteps(max: number): fc.Arbitrary<readonly number[]> {
  const { array, double } = fc;
  const anySeconds = fc.oneof(
    double({ min: 0, max, noNaN: true }),
    fc.constantFrom(0, max),
  );
  return array(anySeconds, { maxLength: 200, size: "max" });
}

function scrape(
  loop: FakeLoop,
  steps: readonly number[],
  interval: number,
  timers = loop.timers(),
) {
  const { clock } = loop;
  const cost = { start: clock.mono(), blocked: 0, bytes: 0 };
  const reader = new TimeSlicedReader(clock, timers, cost, interval);
  const work = function* (): Batches {
    for (const step of steps) {
      clock.advance(step);
      yield [];
    }
  };
  return { cost, end: reader.read(work(), () => true) };
}

test("law: a scrape holds the event loop less than 2 ms, whatever its steps of up to 1 ms", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyKind,
      anyPhase,
      anySteps(0.001),
      async ({ interval, hasTurns }, phase, steps) => {
        const loop = new FakeLoop(interval, phase);
        const timers = loop.timers(hasTurns);
        const { cost, end } = scrape(loop, steps, interval, timers);
        await loop.run(end);
        assert.ok(cost.blocked < MAX_HOLD, `${cost.blocked} s`);
        assert.ok(loop.longestHold < MAX_HOLD, `${loop.longestHold} s`);
      },
    ),
    { numRuns: 1000 },
  );
});

test("law: a request waits less than 2 ms for the scrape, beside the requests before it", async () => {
  const anyRequests = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 0.05, noNaN: true }),
      seconds: fc.double({ min: 0, max: 0.0005, noNaN: true }),
    }),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 61),
      anyPhase,
      anySteps(0.0003),
      anyRequests,
      async (interval, phase, steps, requests) => {
        const loop = new FakeLoop(interval, phase, requests);
        await loop.run(scrape(loop, steps, interval).end);
        const others = requests.reduce((sum, { seconds }) => sum + seconds, 0);
        // The slice after a long rest is longer.
        const hold = 0.001 + 0.0003 + interval * TURN;
        assert.ok(hold < MAX_HOLD);
        const { longestWait } = loop;
        assert.ok(longestWait <= hold + others + 1e-9, `${longestWait} s`);
        assert.ok(loop.longestHold <= hold + 1e-9, `${loop.longestHold} s`);
      },
    ),
    { numRuns: 1000 },
  );
});

test("law: the rests on an idle loop take at most a fifth of the work", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 61),
      anyPhase,
      anySteps(0.0003),
      async (interval, phase, steps) => {
        const loop = new FakeLoop(interval, phase);
        await loop.run(scrape(loop, steps, interval).end);
        const work = steps.reduce((sum, step) => sum + step, 0);
        const rest = loop.clock.mono() - work;
        assert.ok(rest <= work / 5 + 1e-9, `${rest} s for ${work} s`);
      },
    ),
    { numRuns: 1000 },
  );
});
