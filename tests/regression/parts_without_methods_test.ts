// An object without the methods of a clock, tracer, signal or observer passed as
// one: the factory returned, and the first request failed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { healthHandler, metricsHandler } from "../../src/http/mod.ts";
import {
  instrumentEvents,
  instrumentFetch,
  instrumentHandler,
} from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { capture } from "../../src/model/mod.ts";
import { eventLoopDelay } from "../../src/runtime/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";

const registry = createRegistry();
const answer = () => new Response("");
const none = {} as never;

test("factories refuse a clock without its methods", () => {
  for (
    const make of [
      () => createBus({ clock: none }),
      () => createRegistry({ clock: none }),
      () => createTelemetry({ registry, clock: none }),
      () => createTracer({ clock: { unix: () => 0 } as never }),
      () => eventLoopDelay({ clock: none }),
      () => healthHandler(none),
      () => healthHandler(5 as never),
      () => instrumentHandler(answer, { registry, clock: none }),
      () => metricsHandler(registry, { clock: none }),
    ]
  ) {
    assert.throws(make, {
      name: "TypeError",
      message:
        /: clock is of type \w+; give a clock with unix\(\) and mono\(\)/,
    });
  }
});

test("factories refuse timers without their methods", () => {
  const timers = { after: () => () => {} } as never;
  for (
    const make of [
      () => createTelemetry({ registry, timers }),
      () => eventLoopDelay({ timers }),
      () => metricsHandler(registry, { timers }),
    ]
  ) {
    assert.throws(make, /timers is of type object; give an object with after/);
  }
});

test("factories refuse a tracer without its methods", () => {
  for (
    const make of [
      () => instrumentEvents({ registry, tracer: none }),
      () => instrumentFetch({ registry, tracer: none }),
      () => instrumentHandler(answer, { registry, tracer: none }),
    ]
  ) {
    assert.throws(make, /: tracer is of type object; give a tracer, such as/);
  }
});

test("factories refuse an observer whose methods are not functions", () => {
  const observer = { failed: 5 } as never;
  const advice =
    /observer is of type object; give an object, such as \{ failed/;
  assert.throws(() => metricsHandler(registry, { observer }), advice);
  assert.throws(() => capture(registry, { observer }), advice);
  capture(registry, { observer: {} });
});

test("Bus.subscribe() refuses a signal without its methods", () => {
  const bus = createBus();
  assert.throws(() => bus.subscribe({ signal: none }), /give an AbortSignal/);
  assert.equal(bus.stats().subscribers, 0);
});
