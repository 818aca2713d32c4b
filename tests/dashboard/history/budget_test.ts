import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameStore } from "../../../src/dashboard/history/frame_store.ts";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import { SeriesBook } from "../../../src/dashboard/sampling/series_book.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { familyDesc } from "../../../src/model/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import * as fc from "../../support/property.ts";

/** The least memory that a history accepts. */
const MAX = 2 ** 18;

test("law: the bytes of frames are those of their chunks, to the last one", () => {
  const frame = fc.record({
    family: fc.nat({ max: 3 }),
    tier: fc.constantFrom("fast", "slow"),
    ticks: fc.integer({ min: 0, max: 400 }),
    growth: fc.array(fc.nat({ max: 1e6 }), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), (frames) => {
      const book = new SeriesBook(Infinity, () => {});
      const store = new FrameStore(MAX, book);
      const families = [0, 1, 2, 3].map((at) =>
        book.familyOf(
          familyDesc({ name: `f${at}_total`, type: "counter", help: "X." }),
        )
      );
      const fixed = store.bytes;
      let tick = 1;
      for (const { family, tier, ticks, growth } of frames) {
        tick += ticks;
        const log = store.logOf(families[family]!);
        log.append(
          tier as "fast" | "slow",
          tick,
          growth.map((number, at) => [at + 1, number]),
        );
        const logs = [...store.logs.values()];
        const sum = logs.reduce(
          (sum, { fast, slow }) => sum + fast.bytes + slow.bytes,
          0,
        );
        assert.equal(store.bytes, fixed + sum);
      }
      store.shorten(tick, () => {});
      assert.ok(store.bytes <= MAX);
      for (const { fast, slow } of store.logs.values()) {
        fast.expire(tick);
        slow.expire(tick);
        assert.deepEqual([fast.bytes, slow.bytes], [0, 0]);
      }
      assert.equal(store.bytes, fixed);
    }),
    { numRuns: 300 },
  );
});

test("a history that is full stays within its limit, and says what is missing", () => {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry({ clock });
  const families = Array.from({ length: 12 }, (_, at) =>
    registry.histogram({
      name: `family_${at}_seconds`,
      help: "X.",
      labels: ["key"],
      buckets: [1, 2, 3],
    }));
  const requests = registry.histogram({
    name: "http_request_duration_seconds",
    help: "X.",
    labels: ["method", "route", "status_class"],
  });
  const route = { method: "GET", route: "/", status_class: "2xx" };
  const maxBytes = 380_000; // for about half of what this world would take
  using history = keepHistory(registry, { clock, timers, maxBytes });
  using _look = history.look();
  timers.advance(1);
  let most = 0;
  let sentence = "";
  for (let second = 0; second < 700; second++) {
    requests.with(route).observe(0.01);
    for (let at = 0; at < families.length; at++) {
      // Some families change rarely.
      if (at > 8 && second > 20) continue;
      for (let key = 0; key < 10; key++) {
        families[at]!.with({ key: `${key}` }).observe(second % 4 + 0.25);
      }
    }
    timers.advance(1);
    most = Math.max(most, history.state().history.bytes);
    sentence = history.state().history.shortened;
  }
  assert.ok(most <= maxBytes, `${most} bytes`);
  assert.match(sentence, /10 s tier \d+ min of 60 for \d+ of \d+ families\./);
  const slow = [...history.families.values()].filter(({ every }) => every);
  assert.ok(slow.length > 0 && slow.length < 12);
  // The family that the page needs most is complete.
  const { id, every } = history.role("requests")!;
  assert.equal(every, undefined);
  const fast = history.query([id], 300);
  assert.equal(fast.step, 1);
  assert.equal(fast.families[0]!.series[0]!.d.length, 300);
  const all = history.query([id], 3600).families[0]!.series[0]!;
  assert.equal(
    all.d.reduce((sum, [, , , growth]) => sum + (growth ?? 0), 0),
    700,
  );
  // A family that was shortened has no history, rather than zeros.
  const [cut] = slow;
  const { from, families: [answer] } = history.query([cut!.id], 3600);
  const [first] = answer!.series;
  assert.equal(first!.base, null);
  assert.ok(from < history.state().history.slow.since!);
});

test("series for which there is no room are counted, and not sampled", () => {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry({ clock, selfMetrics: false });
  const family = registry.counter({
    name: "c_total",
    help: "X.",
    labels: ["key"],
    maxSeries: 2000,
  });
  for (let key = 0; key < 2000; key++) family.with({ key: `${key}` }).inc();
  using history = keepHistory(registry, { clock, timers, maxBytes: MAX });
  timers.advance(20);
  const { sampled, of, history: state } = history.state();
  assert.equal(of, 2000);
  assert.ok(sampled > 100 && sampled < 1000, `${sampled} series`);
  assert.ok(state.bytes <= MAX);
  assert.match(state.shortened, /Sampling \d+ of 2000 series\./);
  for (let key = 0; key < 2000; key += 2) family.remove({ key: `${key}` });
  timers.advance(10);
  assert.equal(history.state().of, 1000);
});

test("a summary whose history was shortened has its sum from there on", () => {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry({ clock });
  const latency = registry.summary({
    name: "latency_seconds",
    help: "X.",
    labels: ["at"],
    quantiles: [0.5],
  });
  using history = keepHistory(registry, { clock, timers, maxBytes: 2 * MAX });
  for (let pass = 0; pass < 200; pass++) {
    for (let at = 0; at < 300; at++) latency.at(`${at}`).observe(pass / 7);
    timers.advance(10);
  }
  assert.match(history.state().history.shortened, /^10 s tier /);
  const { id } = history.family("latency_seconds")!;
  for (const { d } of history.query([id], 3600).families[0]!.series) {
    const [, count, sum] = d[0]!;
    assert.equal(count, 1);
    assert.ok(Number.isFinite(sum), `${sum}`);
  }
});
