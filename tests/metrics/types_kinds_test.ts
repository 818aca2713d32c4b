/**
 * Type checks of kinds on a bare registry: code that must compile, and code that
 * must not, all without `as const`.
 *
 * `deno check` is the test: a `@ts-expect-error` is an error if the next line
 * compiles. Nothing in this file is ever called.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BareRegistry,
  callbackGauge,
  type Counter,
  counter,
  counters,
  type Family,
  gauge,
  gauges,
  type Histogram,
  histogram,
  histograms,
  info,
  type Instrument,
  type InstrumentKind,
  type NoSets,
  type Registry,
  type StateSet,
  stateSet,
  stateSets,
  summaries,
} from "../../src/metrics/mod.ts";

const help = "Help.";

function labels(registry: BareRegistry): void {
  const family = registry.declare(counters, {
    name: "requests_total",
    help,
    labels: ["method", "status"],
    values: { status: ["ok", "error"] },
  });
  family.with({ method: "GET", status: "ok" }).inc();
  family.at("GET", "error").inc();
  // @ts-expect-error a label is missing
  family.with({ method: "GET" });
  // @ts-expect-error a label is misspelt
  family.with({ methd: "GET", status: "ok" });
  // @ts-expect-error a label too many
  family.with({ method: "GET", status: "ok", route: "/" });
  // @ts-expect-error the value is outside the closed set
  family.with({ method: "GET", status: "lost" });
  // @ts-expect-error a value is missing
  family.at("GET");
  // @ts-expect-error a value too many
  family.at("GET", "ok", "/");
  // @ts-expect-error the value is outside the closed set
  family.at("GET", "lost");
  // @ts-expect-error a family has no inc
  family.inc();
  const bound = family.bind({ method: "GET" });
  bound.at("ok").inc();
  // @ts-expect-error the label is bound already
  bound.with({ method: "GET", status: "ok" });
  // @ts-expect-error the label is bound already
  bound.bind({ method: "GET" });
  bound.bind({ status: "ok" }).inc();
  // @ts-expect-error values of a label that is not declared
  counter({ name: "a_total", help, labels: ["a"], values: { b: ["x"] } });
}

function results(registry: BareRegistry): void {
  const one: Counter = registry.declare(counters, { name: "a_total", help });
  const many: Family<readonly ["k"], Histogram, NoSets> = registry.declare(
    histograms,
    { name: "h", help, labels: ["k"], buckets: [1, 2] },
  );
  one.inc();
  many.at("x").observe(1);
  // @ts-expect-error a counter cannot be set
  one.set(1);
  // @ts-expect-error without labels there is no with()
  registry.declare(gauges, { name: "g", help }).with({});
  const states: StateSet = registry.declare(stateSets, {
    name: "s",
    help,
    states: ["up"],
  });
  states.set("up");
}

function options(registry: BareRegistry): void {
  // @ts-expect-error help is missing
  registry.declare(counters, { name: "a_total" });
  // @ts-expect-error name is missing
  registry.declare(counters, { help });
  // @ts-expect-error an option is misspelt
  registry.declare(counters, { name: "a_total", help, lables: ["a"] });
  // @ts-expect-error buckets are an option of histograms
  registry.declare(counters, { name: "a_total", help, buckets: [1] });
  // @ts-expect-error an own option is misspelt
  registry.declare(histograms, { name: "h", help, bukets: [1] });
  // @ts-expect-error an own option of another type
  registry.declare(histograms, { name: "h", help, buckets: "1" });
  // @ts-expect-error quantiles are an option of summaries
  registry.declare(histograms, { name: "h", help, quantiles: [0.5] });
  registry.declare(summaries, { name: "s", help, quantiles: [0.5] });
  // @ts-expect-error states are required
  registry.declare(stateSets, { name: "p", help });
}

/** One series of a custom kind. */
interface Ratio {
  hit(): void;
  miss(weight: number): void;
}

/** The options of the custom kind. */
interface RatioOptions {
  readonly window: number;
  readonly smooth?: boolean;
}

declare const ratios: InstrumentKind<Ratio, RatioOptions>;

function ownKind(registry: BareRegistry): void {
  registry.declare(ratios, { name: "r", help, window: 1 }).hit();
  const options = { name: "r", help, window: 1, labels: ["k"] } as const;
  registry.declare(ratios, options).at("x").miss(2);
  // @ts-expect-error a required own option is missing
  registry.declare(ratios, { name: "r", help });
  // @ts-expect-error an own option is misspelt
  registry.declare(ratios, { name: "r", help, window: 1, smoth: true });
  // @ts-expect-error an own option of another type
  registry.declare(ratios, { name: "r", help, window: "1" });
  // @ts-expect-error the series has no such method
  registry.declare(ratios, { name: "r", help, window: 1 }).inc();
  // @ts-expect-error the argument is missing
  registry.declare(ratios, { name: "r", help, window: 1 }).miss();
  const scoped = registry.scope({ prefix: "x_" });
  scoped.declare(ratios, { name: "r", help, window: 1 }).hit();
}

/** Every own option needs a rule, with a default if `plan` expects a value. */
const plan: InstrumentKind<Ratio, RatioOptions>["plan"] = (options) => {
  const smooth: boolean = options.smooth; // never undefined in plan()
  assert.ok(smooth);
  throw new Error("never called");
};

const ROW = { id: "x", type: "gauge", plan } as const;
const number = {
  accepts: () => true,
  advice: "a number",
  fallback: 1,
  isShown: true,
};
const boolean = { ...number, fallback: true };
export const whole: InstrumentKind<Ratio, RatioOptions> = {
  ...ROW,
  rules: { window: number, smooth: boolean },
};
export const lacking: InstrumentKind<Ratio, RatioOptions> = {
  ...ROW,
  // @ts-expect-error an own option has no rule
  rules: { window: number },
};
export const without: InstrumentKind<Ratio, RatioOptions> = {
  ...ROW,
  // @ts-expect-error a rule without the default that plan() expects
  rules: { window: number, smooth: { ...boolean, fallback: undefined } },
};
export const extra: InstrumentKind<Ratio, RatioOptions> = {
  ...ROW,
  // @ts-expect-error a rule of an option that does not exist
  rules: { window: number, smooth: boolean, smoth: boolean },
};

function functions(registry: BareRegistry, full: Registry): void {
  const made: Instrument<readonly ["k"], Counter, NoSets> = counter(
    { name: "a_total", help, labels: ["k"] },
    registry,
  );
  made.at("x").inc();
  gauge({ name: "g", help }, full).set(1);
  histogram({ name: "h", help, native: { schema: 4 } }, registry).observe(1);
  const states = { name: "s", help, states: ["up", "down"] } as const;
  stateSet(states, registry).set("up");
  // @ts-expect-error there is no such state
  stateSet(states, registry).set("left");
  // @ts-expect-error a stateset has no unit
  stateSet({ ...states, unit: "seconds" }, registry);
  info({ name: "i_info", help, labels: ["v"] }, registry).set({ v: "1" });
  // @ts-expect-error a label is missing
  info({ name: "i_info", help, labels: ["v"] }, registry).set({});
  callbackGauge({ name: "c", help, read: (report) => report(1) }, registry);
  callbackGauge({
    name: "c",
    help,
    labels: ["k"],
    read: (report) => report(1, { k: "x" }),
  }, registry);
  // @ts-expect-error neither read nor refresh
  callbackGauge({ name: "c", help }, registry);
  // @ts-expect-error a label is missing in the report
  callbackGauge({ name: "c", help, labels: ["k"], read: (r) => r(1) }, full);
  callbackGauge({
    name: "c",
    help,
    // @ts-expect-error known is not an option of callback metrics
    known: "all",
    read: () => {},
  }, registry);
  // @ts-expect-error a bare registry has no method per kind
  registry.counter({ name: "a_total", help });
  const bare: BareRegistry = full; // every registry is one
  bare.declare(counters, { name: "a_total", help }).inc();
}

test("types: kinds on a bare registry compile as they should", () => {
  for (const each of [labels, results, options, ownKind, functions]) {
    assert.equal(typeof each, "function");
  }
});
