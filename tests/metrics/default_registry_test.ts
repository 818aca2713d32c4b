import assert from "node:assert/strict";
import { test } from "node:test";
import * as metrics from "../../src/metrics/mod.ts";
import { defaultSource } from "../../src/metrics/internal.ts";
import { loose, namesOf, valueOf } from "./fixtures.ts";

const KEY = Symbol.for("barograph.registry.4");
const shared = globalThis as { [KEY]?: metrics.BareRegistry | undefined };

/** Runs `work` without a default registry, and restores the old one. */
function isolated(work: () => void): void {
  const before = shared[KEY];
  delete shared[KEY];
  try {
    work();
  } finally {
    shared[KEY] = before;
    if (before === undefined) delete shared[KEY];
  }
}

test("defaultRegistry() creates the registry at its first use", () => {
  isolated(() => {
    assert.equal(shared[KEY], undefined);
    const registry = metrics.defaultRegistry();
    assert.notEqual(shared[KEY], undefined);
    assert.equal(metrics.defaultRegistry(), registry);
  });
});

test("counter() creates a default registry without methods for kinds", () => {
  isolated(() => {
    metrics.counter({ name: "x_total", help: "X." }).inc();
    assert.equal(loose(shared[KEY])["counter"], undefined);
    metrics.defaultRegistry().gauge({ name: "y", help: "Y." }).set(1);
    assert.deepEqual(namesOf(metrics.defaultRegistry()), ["x_total", "y"]);
  });
});

test("defaultRegistry() extends the registry that another copy has created", () => {
  isolated(() => {
    const first = metrics.createBareRegistry(); // as if by another copy
    shared[KEY] = first;
    metrics.counter({ name: "x_total", help: "X." }).inc();
    metrics.defaultRegistry().gauge({ name: "y", help: "Y." }).set(2);
    assert.equal(valueOf(first, "x_total"), 1);
    assert.equal(valueOf(first, "y"), 2);
  });
});

test("counter() and the other functions declare on the default registry", () => {
  isolated(() => {
    const common = { help: "X." };
    metrics.counter({ ...common, name: "a_total" }).inc();
    metrics.gauge({ ...common, name: "b" }).inc();
    metrics.histogram({ ...common, name: "c" }).observe(1);
    metrics.summary({ ...common, name: "d" }).observe(1);
    metrics.info({ ...common, name: "e_info", labels: ["v"] }).set({ v: 1 });
    metrics.stateSet({ ...common, name: "f", states: ["on"] }).set("on");
    metrics.callbackCounter({ ...common, name: "g_total", read: (r) => r(1) });
    metrics.callbackGauge({ ...common, name: "h", read: (r) => r(1) });
    assert.deepEqual(namesOf(metrics.defaultRegistry()), [
      "a_total",
      "b",
      "c",
      "d",
      "e_info",
      "f",
      "g_total",
      "h",
    ]);
  });
});

test("all views of the default registry declare, add and expose the same", () => {
  isolated(() => {
    const source = defaultSource();
    assert.equal(defaultSource(), source);
    metrics.counter({ name: "x_total", help: "X." }).inc();
    const other = metrics.createBareRegistry({ selfMetrics: false });
    metrics.gauge({ name: "y", help: "Y." }, other).set(1);
    using _added = metrics.defaultRegistry().add(other);
    assert.deepEqual(namesOf(source), ["x_total", "y"]);
    assert.throws(
      () => metrics.counter({ name: "y_total", help: "Y." }, source as never),
      { name: "FamilyConflictError" },
    );
  });
});

test("metrics/ exports a function for every declaring method of Registry", () => {
  const methods = Object.getOwnPropertyNames(
    Object.getPrototypeOf(metrics.createRegistry()),
  );
  const others = [
    "constructor",
    "declare",
    "scope",
    "add",
    "unregister",
    "descs",
    "parts",
    "refresh",
    "collect",
  ];
  for (const method of methods) {
    if (others.includes(method)) continue;
    assert.equal(typeof loose(metrics)[method], "function", method);
  }
});

test("counter() returns the same series if it is declared again", () => {
  isolated(() => {
    const options = { name: "x_total", help: "X." } as const;
    assert.equal(metrics.counter(options), metrics.counter(options));
  });
});
