// A hot reload evaluates modules again in the same process. An edited help text,
// edited buckets and runtimeMetrics() then threw, and the old code went on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { SCOPE } from "../../src/metrics/families.ts";
import {
  expose,
  ExpositionCache,
  prometheusText,
} from "../../src/encode/mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { namesOf, rowsOf, valueOf } from "../metrics/fixtures.ts";

const URL = "file:///barograph/metrics.ts";

/** Makes `registry` the default one of an evaluation of a module. */
function share(registry: Registry, url: string): void {
  const { families } = (registry as unknown as {
    [SCOPE]: { families: { share(evaluation: { url: string }): void } };
  })[SCOPE];
  families.share({ url });
}

function shared(): Registry {
  const registry = createRegistry({ selfMetrics: false });
  share(registry, URL);
  return registry;
}

const cache = new ExpositionCache(prometheusText, { left: Infinity });

/** Returns the exposition, which must be the same with and without a cache. */
function exposeText(registry: Registry): string {
  const decoder = new TextDecoder();
  const text = decoder.decode(expose(registry, prometheusText));
  let cached = "";
  for (const chunks of cache.owned(registry)) {
    for (const chunk of chunks) cached += decoder.decode(chunk);
  }
  assert.equal(cached, text);
  return text;
}

test("a default registry takes over another help text and keeps the total", () => {
  const registry = shared();
  const orders = registry.counter({ name: "x_total", help: "X." });
  orders.inc(3);
  assert.match(exposeText(registry), /# HELP x_total X\.\n/);
  const again = registry.counter({ name: "x_total", help: "Y." });
  again.inc();
  assert.equal(again, orders);
  assert.equal(
    exposeText(registry),
    "# HELP x_total Y.\n# TYPE x_total counter\nx_total 4\n",
  );
});

test("other terms replace a family that was declared before a reload", () => {
  const registry = shared();
  const X = { name: "x", help: "X." } as const;
  registry.histogram({ ...X, buckets: [1] }).observe(1);
  registry.counter({ name: "y_total", help: "Y." }).inc(7);
  assert.throws(
    () => registry.histogram({ ...X, buckets: [2] }),
    /call unregister\("x"\) on the registry before this one/,
  );
  share(registry, "file:///another.ts"); // another copy: both are alive
  assert.throws(() => registry.histogram({ ...X, buckets: [2] }));

  share(registry, URL);
  registry.histogram({ ...X, buckets: [2] });
  assert.throws(() => registry.histogram({ ...X, buckets: [3] }));
  registry.counter({ name: "y_total", help: "Y." });
  assert.throws(() => registry.gauge({ name: "y_total", help: "Y." }));
  assert.equal(valueOf(registry, "y_total"), 7);

  share(registry, URL);
  registry.gauge({ name: "x_count", help: "Takes a name of the histogram." });
  assert.deepEqual(namesOf(registry), ["y_total", "x_count"]);
});

test("a source that was added before a reload gives its names up", () => {
  const registry = shared();
  const inner = () => {
    const source = createRegistry({ selfMetrics: false });
    source.gauge({ name: "z", help: "Z." }).set(1);
    const { descs, collect } = { descs: source.descs, collect: source.collect };
    return { descs, collect: collect.bind(source) };
  };
  const first = registry.add(inner());
  assert.throws(() => registry.add(inner()), { name: "FamilyConflictError" });
  share(registry, URL);
  registry.add(inner());
  first[Symbol.dispose]();
  assert.deepEqual(rowsOf(registry, "z"), [[1]]);
});

test("a source that is refused replaces nothing", () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.add(runtimeMetrics());
  registry.info({ name: "app_build_info", help: "B.", labels: ["v"] });
  const names = namesOf(registry);
  const build = { version: "1" };
  assert.throws(() => registry.add(runtimeMetrics({ build })), {
    name: "FamilyConflictError",
  });
  assert.deepEqual(namesOf(registry), names);
});

test("runtimeMetrics() replace earlier ones that they cover", () => {
  const registry = createRegistry({ selfMetrics: false });
  const first = registry.add(runtimeMetrics({ parts: ["process"] }));
  const count = namesOf(registry).length;
  registry.add(runtimeMetrics({ parts: ["memory"] })); // nothing in common
  assert.ok(namesOf(registry).length > count);
  const all = runtimeMetrics();
  using _added = registry.add(all);
  const names = namesOf(registry);
  assert.equal(new Set(names).size, names.length);
  first[Symbol.dispose](); // it is gone already
  assert.deepEqual(namesOf(registry), names);
  assert.throws(
    () => registry.add(runtimeMetrics({ parts: ["process"] })),
    { name: "FamilyConflictError" }, // the rest would be gone
  );
  registry.add(runtimeMetrics())[Symbol.dispose]();
  assert.deepEqual(namesOf(registry), []);
});

test("a registry that is added again after a reload replaces the earlier one", () => {
  const registry = shared();
  const nested = () => {
    const made = createRegistry({ selfMetrics: false });
    made.counter({ name: "nested_total", help: "N." }).inc();
    return made;
  };
  const earlier = nested();
  const removeEarlier = registry.add(earlier);
  assert.throws(() => registry.add(nested()), /nested_total/);
  share(registry, URL);
  earlier.gauge({ name: "late", help: "L." });
  const later = nested();
  const remove = registry.add(later);
  assert.match(exposeText(registry), /nested_total 1\n/);
  removeEarlier[Symbol.dispose]();
  assert.doesNotMatch(exposeText(registry), /late/);
  assert.throws(() => registry.add(later), /twice/);
  share(registry, URL);
  registry.add(later); // it was kept, such as on `globalThis`
  remove[Symbol.dispose]();
  assert.match(exposeText(registry), /nested_total 1\n/);
  share(registry, URL);
  const empty = createRegistry({ selfMetrics: false });
  registry.add(empty);
  empty.counter({ name: "nested_total", help: "Declared after it was added." });
  assert.match(exposeText(registry), /nested_total 0\n/);
});

test("a source that a reloaded module has kept can be added again", () => {
  const registry = shared();
  const kept = createRegistry({ selfMetrics: false });
  kept.counter({ name: "kept_total", help: "K." });
  const source = {
    descs: kept.descs,
    collect: (sink: Parameters<typeof kept.collect>[0]) => kept.collect(sink),
  };
  registry.add(source);
  assert.throws(() => registry.add(source), /twice/);
  share(registry, URL);
  registry.add(source);
  assert.match(exposeText(registry), /kept_total 0\n/);
});
