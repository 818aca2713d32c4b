import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeTimers } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";

/** Returns timers, and a function that creates work which logs its runs. */
function setUp() {
  const timers = new FakeTimers();
  const log: [name: string, time: number][] = [];
  const run = (name: string) => () =>
    void log.push([name, timers.clock.mono()]);
  return { timers, log, run };
}

test("FakeTimers.after() runs its work once, when it is due", () => {
  const { timers, log, run } = setUp();
  timers.after(2, run("a"));
  timers.advance(1.5);
  assert.deepEqual(log, []);
  timers.advance(0.5);
  timers.advance(10);
  assert.deepEqual(log, [["a", 2]]);
  assert.equal(timers.clock.mono(), 12);
});

test("FakeTimers.every() repeats until it is cancelled", () => {
  const { timers, log, run } = setUp();
  const cancel = timers.every(2, run("a"));
  timers.advance(7);
  cancel();
  cancel();
  timers.advance(7);
  assert.deepEqual(log, [["a", 2], ["a", 4], ["a", 6]]);
});

test("FakeTimers.advance() runs timers without a delay at the current time", () => {
  for (const seconds of [0, -1, NaN]) {
    const { timers, log, run } = setUp();
    timers.after(seconds, run("a"));
    assert.deepEqual(log, []);
    timers.advance(0);
    assert.deepEqual(log, [["a", 0]]);
  }
});

test("FakeTimers.every() waits a millisecond for illegal periods", () => {
  for (const seconds of [0, -1, NaN]) {
    const { timers, log, run } = setUp();
    timers.every(seconds, run("a"));
    timers.after(1, run("b"));
    timers.advance(0.0025);
    assert.deepEqual(log, [["a", 0.001], ["a", 0.002]]);
    timers.advance(2);
    assert.ok(log.some(([name]) => name === "b"));
  }
});

test("FakeTimers.advance() respects timers that a run sets or cancels", () => {
  const { timers, log, run } = setUp();
  timers.after(1, () => {
    run("a")();
    cancel();
    timers.after(1, run("c"));
    timers.after(3, run("d"));
  });
  const cancel = timers.after(1, run("b"));
  timers.advance(2);
  assert.deepEqual(log, [["a", 1], ["c", 2]]);
  assert.equal(timers.pending, 1);
});

test("FakeTimers.every() does not repeat if its work cancels it", () => {
  const { timers, log, run } = setUp();
  const cancel = timers.every(1, () => {
    run("a")();
    cancel();
  });
  timers.advance(5);
  assert.deepEqual(log, [["a", 1]]);
  assert.equal(timers.pending, 0);
});

test("FakeTimers.every() runs once for the periods missed while the clock was ahead", () => {
  const { timers, log, run } = setUp();
  timers.every(1, run("a"));
  timers.clock.advance(3.5);
  timers.advance(0.5);
  assert.deepEqual(log, [["a", 3.5]]);
  timers.advance(1);
  assert.deepEqual(log, [["a", 3.5], ["a", 4.5]]);
});

test("FakeTimers.every() misses no run by rounding errors", () => {
  for (const step of [0.1, 0.05, 0.01, 0.3, 0.7, 1.1]) {
    for (const steps of [1, 2, 3, 5, 7, 10]) {
      const { timers, log, run } = setUp();
      timers.every(steps * step, run("a"));
      for (let i = 1; i <= 300; i++) {
        timers.advance(step);
        assert.equal(log.length, Math.floor(i / steps), `${steps} × ${step}`);
      }
    }
  }
});

test("FakeTimers.pending counts pending timers, FakeTimers.holding those that hold", () => {
  const { timers, run } = setUp();
  timers.after(1, run("a"), { holds: true });
  timers.every(1, run("b"), { holds: true });
  timers.after(2, run("c"));
  assert.deepEqual([timers.pending, timers.holding], [3, 2]);
  timers.advance(1);
  assert.deepEqual([timers.pending, timers.holding], [2, 1]);
});

test("FakeTimers.advance() throws the error of a timer", () => {
  const { timers, log, run } = setUp();
  timers.after(1, () => {
    throw new Error("boom");
  });
  timers.after(2, run("a"));
  assert.throws(() => timers.advance(5), /boom/);
  assert.deepEqual([timers.clock.mono(), timers.pending], [1, 1]);
  timers.advance(1);
  assert.deepEqual(log, [["a", 2]]);
});

test("FakeTimers.advance() refuses negative and non-finite seconds", () => {
  const { timers } = setUp();
  for (const seconds of [-1, NaN, Infinity]) {
    assert.throws(() => timers.advance(seconds), RangeError);
  }
  assert.equal(timers.clock.mono(), 0);
});

test("FakeTimers.advance() refuses timers that endlessly set timers", () => {
  const { timers } = setUp();
  const again = (): void => void timers.after(0, again);
  again();
  assert.throws(() => timers.advance(1), /ran at the same moment; give/);
});

test("FakeTimers advances the clock of its constructor", () => {
  const clock = new FakeClock(1000);
  const timers = new FakeTimers(clock);
  let seen = 0;
  timers.after(2, () => seen = clock.unix());
  timers.advance(3);
  assert.deepEqual([seen, clock.unix()], [1002, 1003]);
});

/** A step of a property test, in whole seconds, so that sums are exact. */
type Step =
  | { readonly kind: "after" | "every"; readonly seconds: number }
  | { readonly kind: "cancel"; readonly index: number }
  | { readonly kind: "advance"; readonly seconds: number };

const anySeconds = fc.integer({ min: 1, max: 6 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("after", "every"),
    seconds: anySeconds,
  }),
  fc.record({ kind: fc.constant("cancel"), index: fc.nat(7) }),
  fc.record({ kind: fc.constant("advance"), seconds: fc.nat(9) }),
);

/** A simple model of timers that advances second by second. */
class Model {
  readonly log: [name: number, time: number][] = [];
  #now = 0;
  #timers: { name: number; due: number; period: number }[] = [];
  #count = 0;

  get pending(): number {
    return this.#timers.length;
  }

  apply(step: Step): void {
    if (step.kind === "cancel") this.#remove(step.index);
    else if (step.kind === "advance") {
      for (let i = 0; i < step.seconds; i++) this.#tick();
    } else {
      const period = step.kind === "every" ? step.seconds : 0;
      const due = this.#now + step.seconds;
      this.#timers.push({ name: this.#count++, due, period });
    }
  }

  #tick(): void {
    this.#now++;
    for (const timer of this.#timers.filter(({ due }) => due === this.#now)) {
      this.log.push([timer.name, this.#now]);
      if (timer.period === 0) this.#remove(timer.name);
      else timer.due += timer.period;
    }
  }

  #remove(name: number): void {
    this.#timers = this.#timers.filter((timer) => timer.name !== name);
  }
}

test("law: FakeTimers runs the same timers in the same order as the model", () => {
  const anySteps = fc.array(anyStep, { maxLength: 30 });
  fc.assert(fc.property(anySteps, (steps) => {
    const timers = new FakeTimers();
    const model = new Model();
    const log: [name: number, time: number][] = [];
    const cancels: (() => void)[] = [];
    for (const step of steps) {
      model.apply(step);
      if (step.kind === "cancel") cancels[step.index]?.();
      else if (step.kind === "advance") timers.advance(step.seconds);
      else {
        const name = cancels.length;
        const work = () => void log.push([name, timers.clock.mono()]);
        cancels.push(timers[step.kind](step.seconds, work));
      }
      assert.equal(timers.pending, model.pending);
    }
    assert.deepEqual(log, model.log);
  }));
});

test("law: one long FakeTimers.advance() equals several short ones", () => {
  const anyTimers = fc.array(anySeconds, { maxLength: 8 });
  const anyCuts = fc.array(fc.nat(5), { maxLength: 20 });
  fc.assert(fc.property(anyTimers, anyCuts, (periods, cuts) => {
    const logs = [[cuts.reduce((sum, cut) => sum + cut, 0)], cuts].map(
      (times) => {
        const { timers, log, run } = setUp();
        for (const [i, period] of periods.entries()) {
          timers.every(period, run(String(i)));
        }
        for (const time of times) timers.advance(time);
        return log;
      },
    );
    assert.deepEqual(logs[0], logs[1]);
  }));
});
