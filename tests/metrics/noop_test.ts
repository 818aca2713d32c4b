import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRegistry,
  noopRegistry,
  type Registry,
} from "../../src/metrics/mod.ts";
import { capture } from "../../src/model/mod.ts";
import { BAD_STEPS, loose } from "./fixtures.ts";

/** Returns every member of an object, also inherited ones. */
function membersOf(value: object): Set<string | symbol> {
  const members = new Set<string | symbol>();
  for (
    let at = value;
    at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const key of Reflect.ownKeys(at)) members.add(key);
  }
  members.delete("constructor");
  return members;
}

/** Internal members: they are in no public interface. */
const INNER = new Set<string | symbol>([
  "bound",
  "find",
  "fix",
  "names",
  "row",
  "store",
  "table",
]);

/** Asserts that `noop` has every member of `real`, of the same type. */
function covers(noop: unknown, real: object, optional: string[] = []): void {
  for (const key of membersOf(real)) {
    if (typeof key === "symbol" && key !== Symbol.dispose) continue;
    if (INNER.has(key) || optional.includes(String(key))) continue;
    const name = key as keyof typeof real;
    assert.equal(
      typeof (noop as typeof real)[name],
      typeof real[name],
      `${String(key)} is missing or of another type`,
    );
  }
}

const LABELS = { help: "X.", labels: ["a", "b"] } as const;

/** Declares a family of each kind, with and without labels. */
function declareAll(registry: Registry) {
  return {
    counter: registry.counter({ name: "c_total", help: "X." }),
    gauge: registry.gauge({ name: "g", help: "X." }),
    histogram: registry.histogram({ name: "h", help: "X." }),
    summary: registry.summary({ name: "s", help: "X." }),
    stateSet: registry.stateSet({ name: "p", help: "X.", states: ["on"] }),
    info: registry.info({ name: "i_info", ...LABELS }),
    counters: registry.counter({ name: "cs_total", ...LABELS }),
    gauges: registry.gauge({ name: "gs", ...LABELS }),
    histograms: registry.histogram({ name: "hs", ...LABELS }),
    summaries: registry.summary({ name: "ss", ...LABELS }),
    stateSets: registry.stateSet({ name: "ps", ...LABELS, states: ["on"] }),
    callbackCounter: registry.callbackCounter({
      name: "cc_total",
      help: "X.",
      read: () => assert.fail("it is never collected"),
    }),
    callbackGauge: registry.callbackGauge({
      name: "cg",
      help: "X.",
      read: () => assert.fail("it is never collected"),
    }),
    scope: registry.scope({ prefix: "s_", labels: { app: "x" } }),
    added: registry.add({ descs: [], collect: () => {} }),
  };
}

test("noopRegistry has every method of a registry", () => {
  // Optional in a source: there is nothing to refresh.
  covers(noopRegistry, createRegistry(), ["refresh"]);
});

test("noopRegistry returns instruments with every method of real ones", () => {
  const noop = declareAll(noopRegistry);
  const real = declareAll(createRegistry());
  for (const key of Object.keys(real) as (keyof typeof real)[]) {
    covers(noop[key], real[key], ["refresh"]);
  }
});

test("noopRegistry returns series with every method of real ones", () => {
  const noop = declareAll(noopRegistry);
  const real = declareAll(createRegistry());
  for (
    const key of [
      "counters",
      "gauges",
      "histograms",
      "summaries",
      "stateSets",
    ] as const
  ) {
    const labels = { a: 1, b: 2 };
    covers(noop[key].with(labels), real[key].with(labels));
    covers(noop[key].at(1, 2), real[key].at(1, 2));
    covers(noop[key].bind(labels), real[key].bind(labels));
    covers(noop[key].bind({ a: 1 }), real[key].bind({ a: 1 }));
    covers(noop[key].bind({ a: 1 }).bind({ b: 2 }), real[key].at(1, 2));
  }
  covers(noop.histogram.startTimer(), real.histogram.startTimer());
  covers(noop.scope, real.scope, ["refresh"]);
});

test("noopRegistry ignores records and never throws", () => {
  const { counter, gauge, histogram, stateSet, info, counters } = declareAll(
    noopRegistry,
  );
  for (const [step] of BAD_STEPS) loose(counter).inc!(step);
  counter.inc(5);
  gauge.set(5);
  gauge.inc();
  gauge.dec();
  gauge.setToCurrentTime();
  histogram.observe(5);
  stateSet.set("on");
  stateSet.toggle("on", true);
  info.set({ a: 1, b: 2 });
  info.add({ a: 1, b: 2 });
  counters.init();
  counters.at(1, 2).inc();
  assert.equal(counter.value, 0);
  assert.equal(gauge.value, 0);
  assert.equal(histogram.count, 0);
  assert.equal(histogram.sum, 0);
  assert.deepEqual(stateSet.active, []);
  assert.equal(counters.size, 0);
  assert.equal(counters.remove({}), 0);
  assert.equal(info.remove({}), 0);
  counters.clear();
});

test("noopRegistry runs the work that is passed to its series", async () => {
  const { counter, gauge, histogram, summary } = declareAll(noopRegistry);
  const failure = new Error("as it was thrown");
  for (
    const run of [
      counter.countErrors,
      gauge.trackInFlight,
      gauge.time,
      histogram.time,
      summary.time,
    ]
  ) {
    assert.equal(run(() => 5), 5);
    const promise = Promise.resolve(6);
    assert.equal(await run(() => promise), 6);
    assert.throws(() =>
      run(() => {
        throw failure;
      }), failure);
    await assert.rejects(
      run(() => Promise.reject(failure)),
      (error) => error === failure,
    );
  }
});

test("noopRegistry returns timers that can be stopped, cancelled and disposed", () => {
  const { histogram } = declareAll(noopRegistry);
  using timer = histogram.startTimer();
  assert.equal(timer.stop(), 0);
  timer.cancel();
});

test("noopRegistry is a source without families", () => {
  declareAll(noopRegistry);
  assert.deepEqual(capture(noopRegistry).families, []);
  assert.deepEqual(noopRegistry.descs, []);
  assert.deepEqual(noopRegistry.parts, []);
  assert.equal(noopRegistry.unregister("c_total"), false);
});

test("noopRegistry can be added to a registry", () => {
  const registry = createRegistry({ selfMetrics: false });
  using _added = registry.add(noopRegistry);
  assert.deepEqual(capture(registry).families, []);
});
