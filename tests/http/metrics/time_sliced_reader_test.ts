import assert from "node:assert/strict";
import { test } from "node:test";
import type { Timers } from "../../../src/base/mod.ts";
import {
  type Batches,
  TimeSlicedReader,
} from "../../../src/http/metrics/time_sliced.ts";
import { FakeClock, FakeTimers } from "../../../src/testing/mod.ts";

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

test("TimeSlicedReader rests for the turns of the runtime, one after the other", async () => {
  for (const turns of [1, 61]) {
    const clock = new FakeClock();
    const pending: (() => void)[] = [];
    const turn = (work: () => void) => void pending.push(work);
    const timers = { ...new FakeTimers(clock), turn } as unknown as Timers;
    const { reader, log, batches } = setUp(SLICE, timers, clock, turns);
    const end = reader.read(batches(3), () => true);
    for (let slice = 1; slice <= 3; slice++) {
      assert.equal(log.length, slice);
      for (let left = turns; left > 0; left--) {
        assert.equal(pending.length, 1);
        pending.pop()!();
        await Promise.resolve();
      }
      await Promise.resolve();
    }
    assert.equal(pending.length, 0);
    await end;
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
  const timers = new FakeTimers();
  const { reader } = setUp(0, timers, timers.clock);
  for (const seconds of [SLICE / 2, SLICE]) {
    reader.run(() => timers.clock.advance(seconds));
    const rest = reader.restIfDue();
    assert.equal(timers.pending, seconds < SLICE ? 0 : 1);
    timers.advance(0.001);
    await rest;
  }
  await reader.restIfDue();
  assert.equal(timers.pending, 0);
});
