/** A registry that is sampled behaves like one that is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepHistory } from "../../../src/dashboard/history/history.ts";
import { expose, openMetrics2 } from "../../../src/encode/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { refreshParts } from "../../../src/model/internal.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import * as fc from "../../support/property.ts";

/** Something that happens in a program. */
type Step =
  | { readonly record: string; readonly value: number }
  | { readonly remove: string }
  | { readonly seconds: number }
  | "scrape";

const key = fc.constantFrom("a", "b", "c", "d", "e");
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ record: key, value: fc.nat({ max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ remove: key }) },
    {
      weight: 4,
      arbitrary: fc.record({ seconds: fc.integer({ min: 1, max: 9 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.constant("scrape" as const),
    },
  ),
  { maxLength: 60 },
);

/** Waits until promises that are settled have been handled. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A program, with or without a history of its registry. */
function program(isSampled: boolean) {
  const timers = new FakeTimers();
  const { clock } = timers;
  const calls: string[] = [];
  const registry = createRegistry({
    clock,
    exemplars: () => {
      calls.push(`exemplar at ${clock.mono()}`);
      return { trace_id: `${calls.length}` };
    },
  });
  const common = { help: "X.", labels: ["key"], maxSeries: 3 } as const;
  const idle = { ...common, expireAfter: 8 };
  const counter = registry.counter({ name: "c_total", ...idle });
  const gauge = registry.gauge({ name: "g", ...common });
  const classic = registry.histogram({ name: "h", buckets: [2, 5], ...idle });
  const native = registry.histogram({
    name: "n",
    native: { maxBuckets: 2, resetAfter: 15 },
    ...common,
  });
  const summary = registry.summary({
    name: "s",
    quantiles: [0.5],
    maxAge: 10,
    ...idle,
  });
  const states = registry.stateSet({
    name: "state",
    help: "X.",
    states: ["on"],
  });
  registry.callbackGauge({
    name: "read",
    help: "X.",
    labels: ["key"],
    maxSeries: 2,
    read(report) {
      for (const key of ["a", "b", "c"]) report(clock.mono(), { key });
      report("wrong" as unknown as number, { key: "d" });
    },
  });
  registry.callbackCounter({
    name: "refreshed_total",
    help: "X.",
    refresh(report) {
      report(-1);
      report(7);
      return Promise.resolve();
    },
  });
  registry.callbackGauge({
    name: "failing",
    help: "X.",
    read() {
      throw new Error("no");
    },
  });
  const history = isSampled
    ? keepHistory(registry, { clock, timers })
    : undefined;
  history?.look();
  const scrape = async (): Promise<string> => {
    await refreshParts(registry, new AbortController().signal);
    return new TextDecoder().decode(expose(registry, openMetrics2));
  };
  return {
    timers,
    calls,
    record(key: string, value: number): void {
      counter.with({ key }).inc(value);
      gauge.with({ key }).set(value);
      classic.with({ key }).observe(value);
      native.with({ key }).observe(2 ** value);
      summary.with({ key }).observe(value);
      states.toggle("on", value > 4);
    },
    remove(key: string): void {
      for (const family of [counter, gauge, classic, native, summary]) {
        family.remove({ key });
      }
    },
    scrape,
    history,
  };
}

test("law: what is sampled each second is exposed as if it were not", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const [sampled, plain] = [program(true), program(false)];
      for (const step of [...all, "scrape" as const]) {
        for (const { timers, record, remove } of [sampled, plain]) {
          if (step === "scrape") continue;
          if ("seconds" in step) {
            for (let passed = 0; passed < step.seconds; passed++) {
              timers.advance(1);
              await turn();
            }
          } else if ("record" in step) record(step.record, step.value);
          else if ("remove" in step) remove(step.remove);
        }
        if (step !== "scrape") continue;
        const found = (await sampled.scrape()).split("\n");
        const expected = (await plain.scrape()).split("\n");
        // Line by line: a diff of whole expositions takes seconds.
        expected.forEach((line, at) => assert.equal(found[at], line));
        assert.equal(found.length, expected.length);
      }
      assert.deepEqual(sampled.calls, plain.calls);
      sampled.history![Symbol.dispose]();
    }),
    { numRuns: 250, endOnFailure: true },
  );
});

test("callbacks are called once in ten seconds, also while somebody looks", async () => {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry({ clock });
  const times = { read: 0, refresh: 0, collect: 0 };
  registry.callbackGauge({
    name: "read",
    help: "X.",
    read: (report) => report(++times.read),
  });
  registry.callbackGauge({
    name: "refreshed",
    help: "X.",
    refresh(report) {
      report(++times.refresh);
      return Promise.resolve();
    },
  });
  registry.add({
    descs: [],
    collect() {
      times.collect++;
    },
  });
  using history = keepHistory(registry, { clock, timers });
  using _look = history.look();
  for (let passed = 0; passed < 100; passed++) {
    timers.advance(1);
    await turn();
  }
  assert.deepEqual(times, { read: 11, refresh: 10, collect: 11 });
});
