/**
 * Type checks of labels: code that must compile, and code that must not, all
 * without `as const`.
 *
 * `deno check` is the test: a `@ts-expect-error` is an error if the next line
 * compiles. Nothing in this file is ever called.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Counter,
  Family,
  Info,
  LabelsOf,
  Names,
  Registry,
  SomeLabelsOf,
  ValueSets,
} from "../../src/metrics/mod.ts";

const help = "Help.";

function labels(registry: Registry): void {
  const family = registry.counter({
    name: "requests_total",
    help,
    labels: ["method", "status"],
  });

  family.with({ method: "GET", status: 200 }).inc();
  family.with({ status: "200", method: "GET" }).inc();
  family.with({ method: true, status: 200 }).inc();
  // @ts-expect-error a label is missing
  family.with({ method: "GET" });
  // @ts-expect-error all labels are missing
  family.with({});
  // @ts-expect-error all labels are missing
  family.with();
  // @ts-expect-error a label too many
  family.with({ method: "GET", status: 200, route: "/" });
  // @ts-expect-error a label is misspelt
  family.with({ method: "GET", sattus: 200 });
  // @ts-expect-error an object is not a label value
  family.with({ method: "GET", status: {} });
  // @ts-expect-error undefined is not a label value
  family.with({ method: "GET", status: undefined });
  // @ts-expect-error null is not a label value
  family.with({ method: null, status: 200 });

  family.at("GET", 200).inc();
  // @ts-expect-error a value is missing
  family.at("GET");
  // @ts-expect-error a value too many
  family.at("GET", 200, "/");
  // @ts-expect-error undefined is not a label value
  family.at("GET", undefined);

  // @ts-expect-error a family has no inc: the labels are missing
  family.inc();
  // @ts-expect-error a family has no value
  family.value;

  // @ts-expect-error the value of a counter is read-only
  family.with({ method: "GET", status: 200 }).value = 5;
}

function closedSets(registry: Registry): void {
  const family = registry.counter({
    name: "jobs_total",
    help,
    labels: ["queue", "outcome"],
    values: { outcome: ["done", "failed", 7] },
    known: [{ queue: "mail", outcome: "done" }],
  });

  family.with({ queue: "anything", outcome: "done" }).inc();
  family.at("anything", "failed").inc();
  family.at("anything", 7).inc();
  // @ts-expect-error a value outside the closed set
  family.with({ queue: "mail", outcome: "dnoe" });
  // @ts-expect-error the number is in the set, its text is not
  family.with({ queue: "mail", outcome: "7" });
  // @ts-expect-error a value outside the closed set, by position
  family.at("mail", "dnoe");
  // @ts-expect-error the values in the wrong order
  family.at("done", "mail");
  // @ts-expect-error a value outside the closed set
  family.bind({ outcome: "dnoe" });
  // @ts-expect-error a value outside the closed set, bound later
  family.bind({ queue: "mail" }).at("dnoe");
  // @ts-expect-error a value outside the closed set
  family.remove({ outcome: "dnoe" });
  // @ts-expect-error a value outside the closed set
  family.init([{ queue: "mail", outcome: "dnoe" }]);
  // @ts-expect-error a value outside the closed set, in a list
  family.init({ queue: ["mail"], outcome: ["dnoe"] });
  family.init({ queue: ["mail"], outcome: ["done", 7] });

  registry.counter({
    name: "x_total",
    help,
    labels: ["a"],
    // @ts-expect-error values for a label that is not declared
    values: { b: ["1"] },
  });
  registry.counter({
    name: "x_total",
    help,
    // @ts-expect-error values without any label
    values: { b: ["1"] },
  });
}

function binding(registry: Registry): void {
  const family = registry.gauge({
    name: "g",
    help,
    labels: ["a", "b", "c"],
  });

  family.bind({ a: 1 }).with({ b: 2, c: 3 }).set(1);
  family.bind({ b: 1 }).at("a", "c").set(1);
  family.bind({ c: 1 }).bind({ a: 1 }).at("b").set(1);
  family.bind({ a: 1, b: 2, c: 3 }).set(1);
  family.bind({ a: 1, b: 2 }).bind({ c: 3 }).set(1);
  // @ts-expect-error a label is bound twice
  family.bind({ a: 1 }).bind({ a: 2 });
  // @ts-expect-error an unknown label is bound
  family.bind({ d: 1 });
  // @ts-expect-error an unknown label beside a known one
  family.bind({ a: 1, d: 1 });
  // @ts-expect-error a bound label is given again
  family.bind({ a: 1 }).with({ a: 1, b: 2, c: 3 });
  // @ts-expect-error an unbound label is missing
  family.bind({ a: 1 }).with({ b: 2 });
  // @ts-expect-error too many values: one label is bound
  family.bind({ a: 1 }).at(1, 2, 3);
  // @ts-expect-error a label is unbound: this is a family
  family.bind({ a: 1, b: 2 }).set(1);
  // @ts-expect-error all labels are bound: this is a series
  family.bind({ a: 1, b: 2, c: 3 }).at();

  family.remove({ a: 1 });
  family.remove({});
  // @ts-expect-error remove() with an unknown label
  family.remove({ d: 1 });
  // @ts-expect-error remove() with a bound label
  family.bind({ a: 1 }).remove({ a: 1 });
}

/** Labels in variables, which may have more than TypeScript expects. */
function wideObjects(registry: Registry): void {
  const family = registry.gauge({ name: "g", help, labels: ["a", "b"] });
  const wide = { a: 1, b: 2, c: 3 };
  // @ts-expect-error a label too many, in a variable
  family.with(wide);
  // @ts-expect-error a label too many, in a variable
  family.bind(wide);
  // @ts-expect-error a label too many, in a variable
  family.remove(wide);
  // @ts-expect-error a label too many, in a list
  family.init([wide]);
  const exact = { a: 1, b: 2 };
  family.with(exact).set(1);
  family.bind(exact).set(1);
  family.remove(exact);
  family.init([exact]);
  const labels: Record<"a" | "b", string> = { a: "1", b: "2" };
  family.with(labels).set(1);

  // Undefined means that a label is absent.
  family.remove({ a: undefined });
  const some: { a?: string | undefined } = {};
  family.remove(some);
  family.bind({ a: undefined }).with({ b: 1 }).set(1);
  registry.scope({ labels: { zone: undefined } });

  const facts = registry.info({ name: "i_info", help, labels: ["a"] });
  facts.set({ a: 1 });
  // @ts-expect-error a label too many, in a variable
  facts.set(exact);
  // @ts-expect-error a label too many, in a variable
  facts.add(exact);
  // @ts-expect-error a label too many, in a variable
  facts.remove(exact);
}

/** Label names that are known only at run time are checked at run time. */
function dynamic(registry: Registry, names: readonly string[]): void {
  const family = registry.counter({ name: "x_total", help, labels: names });
  family.with({ whatever: 1 }).inc();
  family.at("a", "b").inc();
  // @ts-expect-error a family has no inc
  family.inc();
}

/** A library can accept any family that has the labels that it uses. */
function libraries(registry: Registry): void {
  const use = (
    family: Family<readonly ["a"], Counter, Record<never, never>>,
  ) => family.at("x").inc();
  use(registry.counter({ name: "x_total", help, labels: ["a"] }));
  // @ts-expect-error other labels
  use(registry.counter({ name: "x_total", help, labels: ["b"] }));
  // @ts-expect-error another kind of series
  use(registry.gauge({ name: "x", help, labels: ["a"] }));
}

/** A function can take a family of any labels, and its labels. */
function generic<S, N extends Names, V extends ValueSets>(
  family: Family<N, S, V>,
  facts: Info<N, V>,
  labels: LabelsOf<N, V>,
  some: SomeLabelsOf<N, V>,
): void {
  const series: S = family.with(labels);
  family.bind(labels);
  family.bind(some);
  family.remove(labels);
  family.remove(some);
  family.init([labels]);
  facts.set(labels);
  facts.add(labels);
  facts.remove(some);
  // @ts-expect-error other labels
  family.with({ a: series });
}

test("types: labels compile as they should", () => {
  const cases = [
    labels,
    closedSets,
    binding,
    wideObjects,
    dynamic,
    libraries,
    generic,
  ];
  for (const each of cases) assert.equal(typeof each, "function");
});
