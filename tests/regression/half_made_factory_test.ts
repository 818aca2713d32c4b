// A factory that failed half-way kept what it had made: runtimeMetrics() the timer
// of the event loop, createTelemetry() the families of a bus that nobody had.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exposeBus } from "../../src/bridge/mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { namesOf } from "../metrics/fixtures.ts";

test("runtimeMetrics() leaves no timer if a build fact is wrong", () => {
  const timers = new FakeTimers();
  const options = { build: { "a-b": "x" }, eventLoop: { timers } };
  assert.throws(() => runtimeMetrics(options), RangeError);
  assert.equal(timers.pending, 0);
});

test("exposeBus() exposes nothing if a family is in conflict", () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "barograph_events_capacity", help: "Other." });
  const before = namesOf(registry);
  assert.throws(() => exposeBus(registry, createBus()), {
    name: "FamilyConflictError",
  });
  assert.deepEqual(namesOf(registry), before);
});

test("createTelemetry() exposes nothing if a family is in conflict", () => {
  for (
    const name of [
      "barograph_events_capacity",
      "barograph_trace_failures_total",
      "barograph_spans_queued",
    ]
  ) {
    const registry = createRegistry({ selfMetrics: false });
    if (name.endsWith("_total")) {
      registry.counter({ name, help: "Not of the telemetry." });
    } else registry.gauge({ name, help: "Not of the telemetry." });
    const before = namesOf(registry);
    const options = { registry, collector: "http://localhost:4318" };
    assert.throws(() => createTelemetry(options), {
      name: "FamilyConflictError",
    });
    assert.deepEqual(namesOf(registry), before);
  }
});
