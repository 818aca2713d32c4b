// Other code had added a property to `Object.prototype`. It became a label value,
// an option of a kind or of a layout, and declaring or removing threw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, openMetrics } from "../../src/encode/mod.ts";
import {
  counter,
  createRegistry,
  noopRegistry,
} from "../../src/metrics/mod.ts";
import { defineRecorder } from "../../src/recorders/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

const NAMES = [
  "current",
  "due",
  "initial",
  "instrument",
  "merge",
  "method",
  "noop",
  "ownLabel",
  "recording",
  "release",
  "restore",
  "source",
  "terms",
  "title",
];

const VALUES: readonly unknown[] = [5, "x", true, {}, ["x"], () => "x"];

function polluted<T>(name: string, value: unknown, run: () => T): T {
  Object.defineProperty(Object.prototype, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: true,
  });
  try {
    return run();
  } finally {
    delete (Object.prototype as Record<string, unknown>)[name];
  }
}

const help = "Help.";

/** Declares, records, removes and exposes metrics of each kind. */
function program(): string {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, selfMetrics: false });
  const labels = ["method"] as const;
  const calls = registry.counter({ name: "c_total", help, labels });
  calls.with({ method: "GET" }).inc();
  calls.with({} as { method: string }).inc();
  calls.with({} as { method: string }).inc();
  calls.remove({ method: "PUT" });
  calls.with({ method: "PUT" }).inc();
  calls.remove({ method: "PUT" });
  const sizes = registry.histogram({ name: "h", help, labels });
  sizes.with({ method: "GET" }).observe(1);
  sizes.clear();
  sizes.with({ method: "PUT" }).observe(1);
  registry.summary({ name: "s", help, quantiles: [0.5] }).observe(1);
  registry.gauge({ name: "g", help }).set(1);
  registry.info({ name: "i_info", help, labels }).set({ method: "GET" });
  registry.stateSet({ name: "st", help, states: ["a", "b"] }).set("a");
  const read = (report: (value: number) => void) => report(1);
  registry.callbackGauge({ name: "cb", help, read });
  counter({ name: "n_total", help }, noopRegistry).inc();
  const queue = defineRecorder({
    title: "queue",
    namespace: "q",
    instruments: { due: { type: "gauge", name: "due", help } },
    records: ({ due }) => ({ set: (value: number) => due.set(value) }),
  });
  queue.on(registry).set(3);
  return new TextDecoder().decode(expose(registry, openMetrics));
}

test("what other code adds to Object.prototype changes no metric", () => {
  const clean = program();
  for (const name of NAMES) {
    for (const value of VALUES) {
      assert.equal(polluted(name, value, program), clean, name);
    }
  }
});

test("a family that was declared before ignores an inherited label", () => {
  const calls = createRegistry().counter({
    name: "c_total",
    help,
    labels: ["method", "status"],
  });
  polluted("method", "GET", () => {
    const noMethod = { status: 200 } as { method: string; status: number };
    const one = calls.with(noMethod);
    assert.equal(calls.with({ method: "GET", status: 200 }) === one, false);
    assert.equal(calls.with(noMethod), one);
  });
});
