import assert from "node:assert/strict";
import { test } from "node:test";
import type { Timers } from "../../../src/base/mod.ts";
import {
  type Batches,
  TimeSlicedReader,
} from "../../../src/http/metrics/time_sliced.ts";
import { type FakeClock, FakeTimers } from "../../../src/testing/mod.ts";

/** Seconds of work between two rests. */
const SLICE = 0.0005;

/** A reader whose batches take `step` seconds each. */
function setUp(step: number, timers: Timers, clock: FakeClock, turns?: number) {
  const cost = { start: clock.mono(), blocked: 0, bytes: 0 };
  const reader = new TimeSlicedReader(clock, timers, cost, turns);
  const log: string[] = [];
  const batches = function* (count = Infinity): Batches {
    for (let i = 1; i <= count; i++) {
      clock.advance(step);
      log.push("step");
      yield [Uint8Array.of(i)];
    }
  };
  return { reader, cost, log, batches };
}

test("TimeSlicedReader rests by timer after a slice, if timers have no turns", async () => {
  const timers = new FakeTimers();
  const step = 2 ** -13; // 0.00012 s
  const { reader, cost, log, batches } = setUp(step, timers, timers.clock);
  const all = batches();
  for (let slice = 1; slice <= 3; slice++) {
    while (log.length < 5 * slice) await reader.next(all);
    assert.equal(timers.pending, 0);
    const next = reader.next(all);
    assert.deepEqual([timers.pending, timers.holding], [1, 1]);
    timers.advance(0.0009);
    assert.equal(timers.pending, 1);
    timers.advance(0.0001);
    await next;
    assert.equal(log.length, 5 * slice + 1);
    assert.equal(cost.blocked, 5 * step);
  }
});

/** Fake timers with turns, which run when `next` is called. */
function timersWithTurns() {
  const fake = new FakeTimers();
  const pending: (() => void)[] = [];
  const timers: Timers = {
    after: (...args) => fake.after(...args),
    every: (...args) => fake.every(...args),
    turn: (work) => void pending.push(work),
  };
  const next = async () => {
    assert.equal(pending.length, 1);
    pending.pop()!();
    for (let i = 0; i < 5; i++) await Promise.resolve(); // the reader goes on
  };
  return { fake, timers, pending, next };
}

test("TimeSlicedReader rests for the turns of the runtime, one after the other", async () => {
  for (const turns of [1, 61]) {
    const { fake, timers, pending, next } = timersWithTurns();
    const { reader, log, batches } = setUp(SLICE, timers, fake.clock, turns);
    const end = reader.read(batches(3), () => true);
    for (let slice = 1; slice <= 3; slice++) {
      for (let left = turns; left > 0; left--) {
        assert.equal(log.length, slice);
        const timers = turns === 1 ? 0 : 1;
        assert.deepEqual([fake.pending, fake.holding], [timers, timers]);
        await next();
      }
    }
    await end;
    assert.deepEqual([pending.length, fake.pending], [0, 0]);
  }
});

test("TimeSlicedReader rests until a timer fires, if the turns take longer", async () => {
  const { fake, timers, pending, next } = timersWithTurns();
  const { reader, log, batches } = setUp(SLICE, timers, fake.clock, 61);
  const end = reader.read(batches(2), () => true);
  for (let i = 0; i < 10; i++) await next();
  fake.advance(0.001);
  for (let i = 0; i < 5; i++) await Promise.resolve();
  assert.equal(log.length, 2);
  // The last turn of the first rest and the first one of the second.
  assert.equal(pending.length, 2);
  pending.shift()!();
  assert.equal(pending.length, 1);
  for (let i = 0; i < 61; i++) await next();
  await end;
  assert.deepEqual([pending.length, fake.pending], [0, 0]);
});

test("TimeSlicedReader works for a quarter of a long rest, up to 1 ms", async () => {
  const step = SLICE / 8;
  const { fake, timers, next } = timersWithTurns();
  const { reader, log, batches } = setUp(step, timers, fake.clock, 1);
  const all = batches();
  const rests = [
    [0, 8],
    [0.002, 8],
    [0.003, 12],
    [0.004, 16],
    [1, 16],
    [0.001, 8],
  ] as const;
  void reader.read(all, () => true);
  for (const [seconds, steps] of rests) {
    log.length = 0;
    fake.clock.advance(seconds); // the time that others take
    await next();
    assert.equal(log.length, steps, `${seconds} s`);
  }
});

test("TimeSlicedReader.read() does not rest before a slice is over", async () => {
  const timers = new FakeTimers();
  const { reader, cost, log, batches } = setUp(
    SLICE / 8,
    timers,
    timers.clock,
  );
  const taken: number[] = [];
  const end = reader.read(batches(7), ([bytes]) => taken.push(bytes![0]!) > 0);
  assert.equal(timers.pending, 0);
  await end;
  assert.deepEqual(taken, [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(log.length, 7);
  assert.equal(cost.blocked, SLICE / 8 * 7);
});

test("TimeSlicedReader.restIfDue() rests if the steps have filled a slice", async () => {
  const { fake, timers, pending, next } = timersWithTurns();
  const { reader } = setUp(0, timers, fake.clock, 1);
  for (const seconds of [SLICE / 2, SLICE]) {
    reader.run(() => fake.clock.advance(seconds));
    const rest = reader.restIfDue();
    assert.equal(pending.length, seconds < SLICE ? 0 : 1);
    if (pending.length > 0) await next();
    await rest;
  }
  await reader.restIfDue();
  assert.equal(pending.length, 0);
});

test("TimeSlicedReader reads a small body at once if timers have no turns", async () => {
  const timers = new FakeTimers();
  const { reader, log, batches } = setUp(SLICE, timers, timers.clock);
  const taken: number[] = [];
  const all = batches(7);
  const take = ([bytes]: readonly Uint8Array[]) => taken.push(bytes![0]!) < 5;
  await reader.readSmall(all, take);
  await reader.restIfDue();
  assert.deepEqual([taken, timers.pending], [[1, 2, 3, 4, 5], 0]);
  await reader.readSmall(all, take);
  assert.deepEqual(taken, [1, 2, 3, 4, 5, 6], "one batch more");
  assert.equal(log.length, 6);
});
