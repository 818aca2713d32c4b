/** The delay of the event loop, by timers and by the monitor of a runtime. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import type { Timers } from "../../src/base/mod.ts";
import { eventLoopDelay } from "../../src/runtime/mod.ts";
import {
  distributionOf,
  FakeClock,
  FakeTimers,
} from "../../src/testing/mod.ts";
import { linesOf } from "../contract/lines.ts";
import { fakeProcess } from "./fixtures.ts";

test("eventLoopDelay() has the lag gauges of a runtime with a monitor", () => {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  const stats = {
    min: 0.01,
    max: 0.03,
    mean: 0.02,
    stddev: 0.005,
    p50: 0.02,
    p90: 0.03,
    p99: 0.03,
  };
  const taken = [undefined, stats, undefined];
  const started: number[] = [];
  let isDisposed = false;
  const delay = eventLoopDelay({
    clock,
    timers,
    processInfo: fakeProcess({
      runtime: "nodejs",
      monitorDelays: (resolution) => {
        started.push(resolution);
        return {
          take: () => taken.shift(),
          [Symbol.dispose]: () => void (isDisposed = true),
        };
      },
    }),
  });
  const registry = createRegistry({ selfMetrics: false });
  registry.add(delay);
  const lags = () => linesOf(registry).filter((line) => line.includes("_lag_"));
  assert.deepEqual(lags(), [], "nothing was measured yet");
  clock.advance(0.5); // late by 0.49 seconds
  timers.advance(0);
  const expected = [
    "nodejs_eventloop_lag_seconds 0.49",
    ...Object.entries(stats).map(([name, value]) =>
      `nodejs_eventloop_lag_${name}_seconds ${value}`
    ),
  ];
  assert.deepEqual(lags(), expected);
  assert.deepEqual(lags(), expected, "the last ones, as nothing is new");
  delay[Symbol.dispose]();
  assert.deepEqual([started, isDisposed, timers.pending], [[0.01], true, 0]);
});

test("eventLoopDelay() measures how late a timer runs", () => {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  const delay = eventLoopDelay({ clock, timers, processInfo: fakeProcess() });
  const registry = createRegistry();
  registry.add(delay);
  assert.deepEqual([timers.pending, timers.holding], [1, 0]);
  for (const late of [0, 0.004, 0.09]) {
    clock.advance(0.01 + late); // the loop is blocked
    timers.advance(0);
  }
  const view = distributionOf(registry, "js_eventloop_delay_seconds");
  assert.equal(view?.count, 3);
  assert.equal(Math.round(view.sum * 1e6) / 1e6, 0.094);
  delay[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});

test("eventLoopDelay() counts a timer that runs early as on time", () => {
  let run = () => {};
  const timers: Timers = {
    after: () => assert.fail("a repeating timer is expected"),
    every(seconds, work) {
      assert.equal(seconds, 0.5);
      run = work;
      return () => {};
    },
  };
  const clock = new FakeClock();
  const registry = createRegistry();
  registry.add(eventLoopDelay({
    resolution: 0.5,
    clock,
    timers,
    processInfo: fakeProcess(),
  }));
  clock.advance(0.4);
  run();
  const view = distributionOf(registry, "js_eventloop_delay_seconds");
  assert.deepEqual([view?.count, view?.sum], [1, 0]);
});

test("eventLoopDelay() refuses wrong and misspelt options", () => {
  for (const resolution of [0, -1, NaN, 11, 0.0009]) {
    assert.throws(() => eventLoopDelay({ resolution }), {
      name: "RangeError",
      message: `Cannot measure the event loop: resolution is ${resolution}; ` +
        "give a number from 0.001 to 10, such as 0.01",
    });
  }
  assert.throws(() => eventLoopDelay({ repeat: () => {} } as never), {
    name: "TypeError",
    message: 'Cannot measure the event loop: there is no option "repeat"; ' +
      "give any of resolution, clock, timers, processInfo, names",
  });
  const timers = new FakeTimers();
  for (const resolution of [0.001, 10]) eventLoopDelay({ resolution, timers });
  assert.equal(timers.pending, 2);
});

test("eventLoopDelay() measures a loop that is blocked for 100 ms", {
  timeout: 120_000,
}, async () => {
  const registry = createRegistry();
  using delay = eventLoopDelay({ processInfo: fakeProcess() });
  registry.add(delay);
  const count = () =>
    distributionOf(registry, "js_eventloop_delay_seconds")!.count;
  const ticks = async (number: number) => {
    const start = count();
    while (count() < start + number) {
      await new Promise((done) => setTimeout(done, 1));
    }
  };
  await ticks(2);
  const view = () =>
    distributionOf(registry, "js_eventloop_delay_seconds") as {
      counts: Float64Array;
      bounds: Float64Array;
    };
  const long = () => {
    const { counts, bounds } = view();
    return counts.filter((_, at) => (bounds[at - 1] ?? 0) >= 0.05)
      .reduce((sum, count) => sum + count, 0);
  };
  const before = long();
  const end = performance.now() + 100;
  while (performance.now() < end);
  await ticks(1);
  assert.ok(long() > before, "a delay of over 50 ms");
});
