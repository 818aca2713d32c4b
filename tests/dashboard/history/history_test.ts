import assert from "node:assert/strict";
import { test } from "node:test";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import type {
  Frame,
  KeptHistory,
} from "../../../src/dashboard/history/kept_history.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { setUp } from "./fixtures.ts";

/** Returns the changes of one family in frames, without ids of series. */
function changesOf(
  frames: readonly Frame[],
  history: KeptHistory,
  name: string,
) {
  const { id } = history.family(name)!;
  return frames.flatMap(({ changes }) =>
    (changes.get(id) ?? []).map(([, ...numbers]) => numbers)
  );
}

test("keepHistory() counts nothing that was there before, but what is new", () => {
  const { registry, timers, start } = setUp();
  const jobs = registry.counter({
    name: "jobs_total",
    help: "X.",
    labels: ["q"],
  });
  jobs.with({ q: "a" }).inc(5);
  using history = start();
  const frames: Frame[] = [];
  history.follow((frame) => frames.push(frame));
  timers.advance(3);
  jobs.with({ q: "a" }).inc(2);
  jobs.with({ q: "b" }).inc(9);
  registry.counter({ name: "late_total", help: "X." }).inc(4);
  timers.advance(10);
  assert.deepEqual(changesOf(frames, history, "jobs_total"), [[0], [2], [9]]);
  assert.deepEqual(changesOf(frames, history, "late_total"), [[4]]);
});

test("a series that comes back has its id, and a gap in between", () => {
  const { registry, timers, start } = setUp();
  const gauge = registry.gauge({ name: "g", help: "X.", labels: ["q"] });
  gauge.with({ q: "a" }).set(3);
  using history = start();
  timers.advance(20);
  gauge.remove({ q: "a" });
  timers.advance(20);
  gauge.with({ q: "a" }).set(4);
  timers.advance(20);
  const { id } = history.family("g")!;
  const { series } = history.query([id], 60).families[0]!;
  assert.deepEqual(series.map(({ d }) => d), [[[2, null], [4, 4, 4, 4]]]);
});

test("a total that falls is a reset, never a negative growth", () => {
  const { registry, timers, start } = setUp();
  let total = 10;
  registry.callbackCounter({
    name: "c_total",
    help: "X.",
    read: (report) => report(total),
  });
  using history = start();
  const frames: Frame[] = [];
  history.follow((frame) => frames.push(frame));
  timers.advance(10);
  total = 15;
  timers.advance(10);
  total = 3;
  timers.advance(10);
  assert.deepEqual(changesOf(frames, history, "c_total"), [[0], [5], [3]]);
});

test("the fast tier is on while somebody looks, and five minutes longer", () => {
  const { timers, start } = setUp();
  using history = start();
  const steps: number[] = [];
  history.follow(({ step }) => steps.push(step));
  timers.advance(30);
  assert.equal(history.state().history.fast.isOn, false);
  const look = history.look();
  timers.advance(10);
  look[Symbol.dispose]();
  assert.deepEqual(steps, [10, 10, 10, 10, ...Array(10).fill(1)]);
  timers.advance(299);
  assert.equal(history.state().history.fast.isOn, true);
  timers.advance(11);
  assert.equal(history.state().history.fast.isOn, false);
  assert.equal(history.query([], 60).step, 10);
});

test("a history never keeps the process alive, and ends all timers", () => {
  const { timers, start } = setUp();
  const history = start();
  history.look();
  timers.advance(5);
  assert.equal(timers.holding, 0);
  history[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});

test("the first pass is cut into steps that hold the loop only briefly", () => {
  const { registry, timers, clock } = setUp();
  const family = registry.counter({
    name: "c_total",
    help: "X.",
    labels: ["q"],
    maxSeries: 5000,
  });
  for (let i = 0; i < 5000; i++) family.with({ q: `${i}` }).inc();
  let reads = 0;
  const slow = {
    unix: () => clock.unix(),
    mono: () => clock.mono() + 0.001 * reads++,
  };
  let turns = 0;
  using history = keepHistory(registry, {
    clock: slow,
    timers: {
      after: (...rest) => timers.after(...rest),
      every: (...rest) => timers.every(...rest),
      turn(work) {
        turns++;
        timers.after(0, work);
      },
    },
  });
  timers.advance(0.1);
  assert.ok(turns > 3, `${turns} turns`);
  assert.equal(history.names([history.family("c_total")!.id]).s.length, 5000);
});

test("time that was slept through is a gap, and a clock set back is none", () => {
  const timers = new FakeTimers();
  let shift = 0;
  const clock = {
    unix: () => timers.clock.unix() + shift,
    mono: () => timers.clock.mono(),
  };
  const registry = createRegistry({ clock });
  using history = keepHistory(registry, { clock, timers });
  using _look = history.look();
  const frames: Frame[] = [];
  history.follow((frame) => frames.push(frame));
  timers.advance(5.5);
  shift += 60;
  timers.advance(5);
  const gap = frames.find(({ gap }) => gap !== null)!.gap!;
  assert.equal(gap.why, "asleep");
  assert.equal(gap.to - gap.from, 60);
  assert.deepEqual(history.query([], 300).gaps.at(-1), gap);
  const before = frames.at(-1)!;
  shift -= 3600;
  timers.advance(15);
  const after = frames.at(-1)!;
  assert.ok(after.seq > before.seq);
  assert.ok(Math.abs(after.t - clock.unix()) < 11);
  assert.equal(frames.filter(({ gap }) => gap !== null).length, 1);
  const seqs = frames.map(({ seq }) => seq);
  assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b));
});

test("after() gives frames of ten seconds, or a gap, to those far behind", () => {
  const { registry, timers, start } = setUp();
  const counter = registry.counter({ name: "c_total", help: "X." });
  using history = start();
  timers.advance(1);
  const begin = history.seq;
  for (let second = 0; second < 45; second++) {
    counter.inc();
    timers.advance(1);
  }
  const { id } = history.family("c_total")!;
  const { gaps, frames } = history.after(begin + 3, [id]);
  assert.deepEqual(gaps.map(({ why, to, from }) => [why, to - from]), [
    ["slow", 7],
  ]);
  assert.deepEqual(frames.map(({ step }) => step), [10, 10, 10]);
  for (const { changes } of frames) {
    assert.deepEqual(changes.get(id), [[
      history.query([id], 60).names.s[0]!.id,
      10,
    ]]);
  }
});

test("roles are found in both naming schemes, in any spelling", () => {
  const { registry, timers, start } = setUp();
  const conventional = registry.scope({ names: "utf-8" });
  conventional.histogram({
    name: "http.server.request.duration_seconds",
    help: "X.",
    unit: "seconds",
    labels: ["http.request.method", "http.route", "http.response.status_code"],
  });
  registry.histogram({
    name: "http_client_request_duration_seconds",
    help: "X.",
    unit: "seconds",
    labels: ["method", "peer", "outcome"],
  });
  registry.histogram({ name: "deno_eventloop_delay_seconds", help: "X." });
  using history = start();
  timers.advance(1);
  assert.equal(
    history.role("requests")?.name,
    "http.server.request.duration_seconds",
  );
  assert.deepEqual(history.labels("requests"), {
    method: "http.request.method",
    route: "http.route",
    status: "http.response.status_code",
    peer: null,
  });
  assert.deepEqual(history.labels("calls"), {
    method: "method",
    route: null,
    status: "outcome",
    peer: "peer",
  });
  assert.equal(history.role("loopDelay")?.role, "loopDelay");
  registry.histogram({ name: "http_request_duration_seconds", help: "X." });
  timers.advance(20);
  assert.equal(history.role("requests")?.name, "http_request_duration_seconds");
  assert.equal(
    history.family("http.server.request.duration_seconds")?.role,
    null,
  );
});

test("keepHistory() refuses wrong options", () => {
  const { registry } = setUp();
  assert.throws(
    () => keepHistory(registry, { maxBytes: 5 }),
    /Cannot keep a history: .*bytes from 262144/,
  );
});
