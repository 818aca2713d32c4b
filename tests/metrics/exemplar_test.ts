import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import type { Exemplar } from "../../src/model/mod.ts";
import { anyText } from "../base/arbitraries.ts";
import { familyOf, loose, rejectionsOf, setUp } from "./fixtures.ts";

/** Returns the exemplar that a counter stores for `labels`, and rejections. */
function stored(labels: unknown): {
  readonly exemplar: Exemplar | undefined;
  readonly rejections: Record<string, number>;
} {
  const { registry } = setUp();
  const counter = registry.counter({ name: "x_total", help: "X." });
  loose(counter).inc!(2, labels);
  assert.equal(counter.value, 2, "the step itself is recorded");
  const family = familyOf(registry, "x_total")!;
  return {
    exemplar: family.exemplars.get(0),
    rejections: rejectionsOf(registry),
  };
}

/** Asserts that `labels` become an exemplar. */
function accepts(labels: Readonly<Record<string, string>>): void {
  const { exemplar, rejections } = stored(labels);
  assert.deepEqual(exemplar?.labels, labels);
  assert.deepEqual(rejections, {});
}

/** Asserts that an exemplar of `labels` is rejected. */
function drops(labels: unknown): void {
  const { exemplar, rejections } = stored(labels);
  assert.equal(exemplar, undefined);
  assert.deepEqual(rejections, { exemplar: 1 });
}

test("Counter.inc() stores an exemplar with its value and the time", () => {
  assert.deepEqual(stored({ trace_id: "abc" }).exemplar, {
    labels: { trace_id: "abc" },
    value: 2,
    timestamp: 1_700_000_000,
  });
});

test("Counter.inc() accepts an exemplar without labels", () => {
  accepts({});
});

test("Counter.inc() accepts an exemplar of 128 code points, names included", () => {
  accepts({ a: "x".repeat(127) });
  drops({ a: "x".repeat(128) });
  accepts({ abc: "x".repeat(60), defg: "y".repeat(61) });
  drops({ abc: "x".repeat(60), defg: "y".repeat(62) });
  drops({ a: "x".repeat(1_000_000) });
});

test("Counter.inc() counts code points of an exemplar, not UTF-16 units", () => {
  accepts({ a: "🔥".repeat(127) });
  drops({ a: "🔥".repeat(128) });
  accepts({ a: "e\u0301".repeat(63) });
  drops({ a: "e\u0301".repeat(64) });
});

test("Counter.inc() drops an exemplar with an illegal label name", () => {
  for (const name of ["trace-id", "a:b", "", "1a", "__name__", "ü", "a b"]) {
    drops({ [name]: "x" });
  }
});

test("Counter.inc() drops an exemplar with a lone surrogate", () => {
  drops({ a: "\ud800" });
  drops({ a: "x\udc00" });
});

test("Counter.inc() accepts labels named like properties of Object.prototype", () => {
  accepts({ constructor: "a", toString: "b", hasOwnProperty: "c" });
  drops(JSON.parse('{ "__proto__": "x" }'));
});

test("Counter.inc() drops an exemplar that is not a record of strings", () => {
  for (const labels of [null, 5, "trace", () => {}, ["x"], { a: 5 }, true]) {
    drops(labels);
  }
  drops({ a: undefined });
  drops({ a: null });
});

test("Counter.inc() copies the labels of an exemplar", () => {
  const { registry } = setUp();
  const counter = registry.counter({ name: "x_total", help: "X." });
  const labels = { trace_id: "before" };
  counter.inc(1, labels);
  labels.trace_id = "after";
  const exemplar = familyOf(registry, "x_total")!.exemplars.get(0);
  assert.deepEqual(exemplar?.labels, { trace_id: "before" });
});

test("Counter.inc() throws on an illegal exemplar after it has recorded, if strict", () => {
  const { registry } = setUp({ strict: true });
  const counter = registry.counter({ name: "x_total", help: "X." });
  assert.throws(() => counter.inc(1, { "a-b": "x" }), {
    name: "RangeError",
    message: /{"a-b":"x"} in counter "x_total": exemplar, give at most 128/,
  });
  assert.equal(counter.value, 1);
});

test("Histogram.observe() replaces the exemplar of its bucket only", () => {
  const { registry, clock } = setUp();
  const sizes = registry.histogram({
    name: "sizes",
    help: "Sizes.",
    buckets: [1, 10],
  });
  sizes.observe(0.5, 1, { at: "first" });
  clock.advance(1);
  sizes.observe(0.7, 1, { at: "second" });
  sizes.observe(99, 3, { at: "third" });
  sizes.observe(5);
  assert.deepEqual(familyOf(registry, "sizes")!.histograms[0]!.exemplars, [
    { labels: { at: "second" }, value: 0.7, timestamp: 1_700_000_001 },
    undefined,
    { labels: { at: "third" }, value: 99, timestamp: 1_700_000_001 },
  ]);
});

test("law: Counter.inc() stores exactly the exemplars that every reader accepts", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(
          fc.constantFrom("trace_id", "span_id", "constructor"),
          anyText(),
        ),
        fc.oneof(anyText(), fc.string({ minLength: 50, maxLength: 140 })),
        { maxKeys: 4 },
      ),
      (labels) => {
        const isLegal = Object.entries(labels).every(([name, value]) =>
          // A leading underscore is reserved (OpenMetrics 1.0).
          /^[a-zA-Z][a-zA-Z0-9_]*$/.test(name) && value.isWellFormed()
        );
        const size = Object.entries(labels)
          .reduce((sum, pair) => sum + [...pair.join("")].length, 0);
        if (isLegal && size <= 128) accepts({ ...labels });
        else drops(labels);
      },
    ),
    { numRuns: 200 },
  );
});
