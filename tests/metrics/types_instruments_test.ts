/**
 * Type checks of declarations and series: code that must compile, and code that
 * must not, all without `as const`.
 *
 * `deno check` is the test: a `@ts-expect-error` is an error if the next line
 * compiles. Nothing in this file is ever called.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Counter,
  counter as defaultCounter,
  type Gauge,
  type Histogram,
  type Registry,
  type StateSet,
  type Summary,
} from "../../src/metrics/mod.ts";

const help = "Help.";

/** `true` if two types are identical. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function proves<_T extends true>(): void {}

function declarations(registry: Registry): void {
  registry.gauge({ name: "g", help, labels: ["a"], known: [{ a: 1 }] });
  registry.gauge({ name: "g", help, labels: ["a"], known: "all" });
  // @ts-expect-error known with a wrong label
  registry.gauge({ name: "g", help, labels: ["a"], known: [{ b: 1 }] });
  // @ts-expect-error known with a label missing
  registry.gauge({ name: "g", help, labels: ["a", "b"], known: [{ a: 1 }] });
  registry.gauge({
    name: "g",
    help,
    labels: ["a"],
    values: { a: ["x"] },
    // @ts-expect-error known with a value outside the closed set
    known: [{ a: "y" }],
  });
  // @ts-expect-error known is a list or "all"
  registry.gauge({ name: "g", help, labels: ["a"], known: "some" });

  // @ts-expect-error help is missing
  registry.gauge({ name: "g" });
  // @ts-expect-error the name is missing
  registry.gauge({ help });
  // @ts-expect-error labelNames is an option of other clients
  registry.gauge({ name: "g", help, labelNames: ["a"] });
  // @ts-expect-error buckets are for histograms
  registry.gauge({ name: "g", help, buckets: [1] });
  // @ts-expect-error quantiles are for summaries
  registry.histogram({ name: "h", help, quantiles: [0.5] });
  // @ts-expect-error buckets are numbers
  registry.histogram({ name: "h", help, buckets: ["1"] });
  // @ts-expect-error native buckets are for histograms
  registry.counter({ name: "x_total", help, native: true });
  // @ts-expect-error a resolution is a number
  registry.histogram({ name: "x", help, native: { schema: "3" } });
  // @ts-expect-error there is no such option of native buckets
  registry.histogram({ name: "x", help, native: { factor: 1.1 } });
  // @ts-expect-error there is no such rule for merging
  registry.gauge({ name: "x", help, merge: "mean" });
  // @ts-expect-error there is no such rule for names
  registry.scope({ names: "ascii" });
  // @ts-expect-error an info has no unit
  registry.info({ name: "x_info", help, labels: ["v"], unit: "seconds" });
  // @ts-expect-error a stateset needs its states
  registry.stateSet({ name: "p", help });
}

/** With `exactOptionalPropertyTypes`, which `deno check` applies here. */
function undefinedOptions(registry: Registry, unit: string | undefined): void {
  const some = { name: "x", help, unit, namespace: undefined };
  registry.gauge({ ...some, subsystem: undefined, merge: undefined });
  registry.gauge({ ...some, values: undefined }).set(1);
  // @ts-expect-error labels decide the type of the result
  registry.gauge({ ...some, labels: undefined });
  registry.gauge({ ...some, labels: ["a"], known: undefined }).at("x").set(1);
  registry.counter({ ...some, maxSeries: undefined, expireAfter: undefined });
  registry.histogram({ ...some, buckets: undefined, dropNaN: undefined });
  registry.histogram({ ...some, native: undefined });
  registry.histogram({
    ...some,
    native: {
      schema: undefined,
      maxBuckets: undefined,
      zeroThreshold: undefined,
      maxZeroThreshold: undefined,
      resetAfter: undefined,
    },
  });
  registry.summary({ ...some, quantiles: undefined, maxAge: undefined });
  registry.summary({ ...some, ageBuckets: undefined });
  registry.stateSet({ name: "x", help, states: ["a"], merge: undefined });
  registry.info({ name: "x_info", help, labels: ["v"], known: undefined });
  const read = (report: (value: number) => void) => report(1);
  registry.callbackGauge({ ...some, read, refresh: undefined });
  // @ts-expect-error a name is required
  registry.gauge({ name: undefined, help });
  // @ts-expect-error states are required
  registry.stateSet({ name: "x", help, states: undefined });
}

function types(registry: Registry): void {
  const x = { name: "x", help };
  const counter = registry.counter(x);
  const gauge = registry.gauge(x);
  const histogram = registry.histogram({ ...x, buckets: [1, 2] });
  const summary = registry.summary({ ...x, quantiles: [0.5] });
  proves<Same<typeof counter, Counter>>();
  proves<Same<typeof gauge, Gauge>>();
  proves<Same<typeof histogram, Histogram>>();
  proves<Same<typeof summary, Summary>>();
  const none = registry.counter({ ...x, labels: [] });
  proves<Same<typeof none, Counter>>();
  const family = defaultCounter({ ...x, labels: ["a"] });
  const series = family.at("1");
  proves<Same<typeof series, Counter>>();
  const bound = family.bind({ a: 1 });
  proves<Same<typeof bound, Counter>>();

  counter.inc();
  counter.inc(5, { trace_id: "abc" });
  histogram.observe(5, 2, { trace_id: "abc" });
  // @ts-expect-error a counter does not go down
  counter.dec();
  // @ts-expect-error a counter cannot be set
  counter.set(5);
  // @ts-expect-error a step is a number
  counter.inc("5");
  // @ts-expect-error a step is not a bigint
  counter.inc(5n);
  // @ts-expect-error the labels of an exemplar are texts
  counter.inc(1, { trace_id: 5 });
  // @ts-expect-error a gauge has no observations
  gauge.observe(5);
  // @ts-expect-error an observation is needed
  histogram.observe();
  // @ts-expect-error the count comes before the exemplar
  histogram.observe(5, { trace_id: "abc" });
  // @ts-expect-error a summary has no exemplars
  summary.observe(5, 1, { trace_id: "abc" });

  const number: number = counter.countErrors(() => 5);
  const promise: Promise<string> = histogram.time(() => Promise.resolve("x"));
  // @ts-expect-error the result of the work keeps its type
  const text: string = gauge.trackInFlight(() => 5);
  assert.ok([number, promise, text]);
}

function infos(registry: Registry): void {
  const info = registry.info({
    name: "build_info",
    help,
    labels: ["version", "channel"],
    values: { channel: ["stable", "canary"] },
  });
  info.set({ version: "1.0", channel: "stable" });
  info.add({ version: 2, channel: "canary" });
  info.remove({ version: "1.0" });
  // @ts-expect-error a label is missing
  info.set({ version: "1.0" });
  // @ts-expect-error a value outside the closed set
  info.add({ version: "1.0", channel: "nightly" });
  // @ts-expect-error an unknown label
  info.remove({ revision: "a" });
  // @ts-expect-error an info has no value
  info.inc();
}

function states(registry: Registry): void {
  const phase = registry.stateSet({
    name: "phase",
    help,
    states: ["starting", "ready"],
  });
  proves<Same<typeof phase, StateSet<"starting" | "ready">>>();
  phase.set("ready");
  phase.set(undefined);
  phase.toggle("starting", true);
  const active: readonly ("starting" | "ready")[] = phase.active;
  // @ts-expect-error a state that is not declared
  phase.set("draining");
  // @ts-expect-error a state that is not declared
  phase.toggle("draining", true);
  // @ts-expect-error no state is undefined, not null
  phase.set(null);
  // @ts-expect-error isActive is missing
  phase.toggle("ready");

  const phases = registry.stateSet({
    name: "phase",
    help,
    states: ["on", "off"],
    labels: ["worker"],
  });
  phases.at(7).set("on");
  phases.with({ worker: "a" }).set("off");
  // @ts-expect-error the label of the state is given by set
  phases.with({ worker: "a", phase: "on" });
  // @ts-expect-error a state that is not declared
  phases.at(7).set("starting");
  // @ts-expect-error the labels are missing
  phases.set("on");
  assert.ok(active);
}

function callbacks(registry: Registry): void {
  registry.callbackGauge({
    name: "depth",
    help,
    labels: ["queue"],
    values: { queue: ["mail", "sms"] },
    read(report): void {
      report(5, { queue: "mail" });
      // @ts-expect-error a report without labels
      report(5);
      // @ts-expect-error a report with a wrong label
      report(5, { topic: "mail" });
      // @ts-expect-error a value outside the closed set
      report(5, { queue: "push" });
      // @ts-expect-error a value is a number
      report("5", { queue: "mail" });
    },
  });
  registry.callbackCounter({
    name: "x_total",
    help,
    refresh: async (report, signal) => {
      await Promise.resolve(signal.aborted);
      report(5);
      // @ts-expect-error labels where there are none
      report(5, { queue: "mail" });
    },
  });
  // @ts-expect-error neither read nor refresh
  registry.callbackGauge({ name: "x", help });
  // @ts-expect-error both read and refresh
  registry.callbackGauge({ name: "x", help, read() {}, async refresh() {} });
  // @ts-expect-error known has no meaning for callbacks
  registry.callbackGauge({ name: "x", help, known: "all", read() {} });
  // @ts-expect-error expireAfter has no meaning for callbacks
  registry.callbackGauge({ name: "x", help, expireAfter: 5, read() {} });
}

test("types: declarations and series compile as they should", () => {
  const cases = [
    declarations,
    undefinedOptions,
    types,
    infos,
    states,
    callbacks,
  ];
  for (const each of cases) assert.equal(typeof each, "function");
});
