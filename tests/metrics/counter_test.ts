import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRegistry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

function rejected(
  registry: ReturnType<typeof createRegistry>,
  reason: string,
): number | undefined {
  const name = "barograph_rejected_observations_total";
  return valueOf(registry, name, { reason });
}

test("a counter starts at 0 and counts by 1 unless told", () => {
  const counter = createRegistry().counter({ name: "x_total", help });
  assert.equal(counter.value, 0);
  counter.inc();
  counter.inc(2.5);
  counter.inc(0);
  assert.equal(counter.value, 3.5);
});

test("a bad step is dropped, counted by reason, and never throws", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "x_total", help });
  const bad: readonly (readonly [unknown, string])[] = [
    [-1, "negative"],
    [-Infinity, "negative"],
    [NaN, "not_a_number"],
    [Infinity, "infinite"],
    ["5", "not_a_number"],
    [5n, "not_a_number"],
    [null, "not_a_number"],
    [{}, "not_a_number"],
    [Symbol("five"), "not_a_number"],
    [true, "not_a_number"],
  ];
  for (const [step, reason] of bad) {
    const before = rejected(registry, reason)!;
    counter.inc(step as number);
    assert.equal(counter.value, 0);
    assert.equal(rejected(registry, reason), before + 1, String(step));
  }
});

test("a strict registry throws, and says what to give instead", () => {
  const registry = createRegistry({ strict: true });
  const counter = registry.counter({ name: "x_total", help });
  assert.throws(() => counter.inc(-1), {
    name: "RangeError",
    message: /Cannot record -1 in counter "x_total".*use a gauge/,
  });
  assert.throws(() => counter.inc(Symbol("s") as never), RangeError);
  assert.equal(rejected(registry, "negative"), 1);
});

test("law: a counter never falls, whatever it is told", () => {
  const step = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom<unknown>("1", null, 1n, {}, [], "x"),
  );
  fc.assert(fc.property(fc.array(step), (steps) => {
    const counter = createRegistry().counter({ name: "x_total", help });
    let before = 0;
    for (const by of steps) {
      counter.inc(by as number);
      assert.ok(counter.value >= before);
      before = counter.value;
    }
  }));
});

test("countErrors() counts what throws and what rejects, and hides neither", async () => {
  const counter = createRegistry().counter({ name: "errors_total", help });
  const error = new Error("broken");
  assert.equal(counter.countErrors(() => 7), 7);
  assert.equal(await counter.countErrors(() => Promise.resolve(8)), 8);
  assert.equal(counter.value, 0);
  assert.throws(() =>
    counter.countErrors(() => {
      throw error;
    }), error);
  assert.equal(counter.value, 1);
  await assert.rejects(counter.countErrors(() => Promise.reject(error)), error);
  assert.equal(counter.value, 2);
});

test("an exemplar is kept with its value and the time", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "x_total", help });
  counter.inc(3, { trace_id: "4bf9" });
  assert.equal(rejected(registry, "exemplar"), 0);
  assert.equal(counter.value, 3);
});

test("an exemplar that no reader takes is dropped and the count kept", () => {
  const registry = createRegistry();
  const counter = registry.counter({ name: "x_total", help });
  const bad: readonly unknown[] = [
    { trace_id: "x".repeat(121) },
    { trace_id: "🚀".repeat(121) },
    { trace_id: "x".repeat(1_000_000) },
    { "trace-id": "x" },
    { __name__: "x" },
    { trace_id: "\ud800" },
    { trace_id: 7 },
    "4bf9",
    null,
  ];
  for (const exemplar of bad) counter.inc(1, exemplar as never);
  assert.equal(counter.value, bad.length);
  assert.equal(rejected(registry, "exemplar"), bad.length);
  counter.inc(1, { trace_id: "🚀".repeat(120) }); // 8 + 120 code points
  assert.equal(rejected(registry, "exemplar"), bad.length);
});
