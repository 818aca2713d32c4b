import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf, loose, rejectionsOf, setUp, valueOf } from "./fixtures.ts";

const LOAD = { name: "load", help: "Load." } as const;

test("gauge() without labels is exposed at zero from the declaration on", () => {
  const { registry } = setUp();
  const load = registry.gauge(LOAD);
  assert.equal(load.value, 0);
  assert.equal(valueOf(registry, "load"), 0);
});

test("Gauge.set(), inc() and dec() set, add and subtract", () => {
  const { registry } = setUp();
  const load = registry.gauge(LOAD);
  load.set(10);
  load.inc();
  load.inc(5);
  load.dec();
  load.dec(2.5);
  load.inc(-1);
  load.dec(-2);
  assert.equal(load.value, 13.5);
  assert.equal(valueOf(registry, "load"), 13.5);
});

test("Gauge.set() accepts NaN and infinities", () => {
  const { registry } = setUp();
  const load = registry.gauge(LOAD);
  for (const value of [NaN, Infinity, -Infinity, -5, 0]) {
    load.set(value);
    assert.equal(load.value, value);
  }
  assert.deepEqual(rejectionsOf(registry), {});
});

test("Gauge drops and counts values that are not numbers", () => {
  for (const method of ["set", "inc", "dec"]) {
    const bad = ["5", "", 5n, null, true, {}, [], [5], new Date(0), Symbol()];
    if (method === "set") bad.push(undefined as never);
    const { registry } = setUp();
    const load = registry.gauge(LOAD);
    load.set(3);
    for (const value of bad) loose(load)[method]!(value);
    assert.equal(load.value, 3);
    assert.deepEqual(rejectionsOf(registry), { not_a_number: bad.length });
  }
});

test("Gauge throws in a strict registry on a value that is not a number", () => {
  const { registry } = setUp({ strict: true });
  const load = registry.gauge(LOAD);
  assert.throws(() => loose(load).set!("5"), {
    name: "RangeError",
    message:
      'Cannot record "5" in gauge "load": not a number, give a finite number',
  });
});

test("Gauge.setToCurrentTime() sets unix seconds", () => {
  const { registry, clock } = setUp();
  const last = registry.gauge({ name: "last_success", help: "When." });
  clock.advance(0.25);
  last.setToCurrentTime();
  assert.equal(last.value, 1_700_000_000.25);
});

test("Gauge exposes no start", () => {
  const { registry } = setUp();
  registry.gauge(LOAD).set(1);
  assert.deepEqual(familyOf(registry, "load")!.starts, Float64Array.of(0));
});
