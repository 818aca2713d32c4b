import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, FamilyConflictError } from "../../src/metrics/mod.ts";
import { capture, replay } from "../../src/model/mod.ts";
import { familyOf, namesOf, rowsOf, setUp, valueOf } from "./fixtures.ts";

const X = { name: "x_total", help: "X." } as const;

test("createRegistry() returns a registry that shares nothing with others", () => {
  const [first, second] = [createRegistry(), createRegistry()];
  first.counter(X).inc();
  assert.deepEqual(namesOf(second), []);
  assert.equal(second.counter(X).value, 0);
});

test("Registry returns the same series for the same declaration", () => {
  const { registry } = setUp();
  assert.equal(registry.counter(X), registry.counter({ ...X }));
  const options = { name: "y", help: "Y.", labels: ["a"] } as const;
  assert.equal(
    registry.gauge(options).at("1"),
    registry.gauge(options).at("1"),
  );
  assert.deepEqual(namesOf(registry), ["x_total", "y"]);
});

test("Registry accepts a second declaration of every kind", () => {
  const { registry } = setUp();
  for (let i = 0; i < 2; i++) {
    registry.counter({ name: "a_total", help: "A." }).inc();
    registry.gauge({ name: "b", help: "B." }).inc();
    registry.histogram({ name: "c", help: "C.", buckets: [1, 2] }).observe(1);
    registry.summary({ name: "d", help: "D.", quantiles: [0.5] }).observe(1);
    registry.info({ name: "e_info", help: "E.", labels: ["v"] }).add({
      v: "1",
    });
    registry.stateSet({ name: "f", help: "F.", states: ["on"] }).set("on");
    registry.callbackGauge({ name: "g", help: "G.", read: (r) => r(i) });
  }
  assert.equal(valueOf(registry, "a_total"), 2);
  assert.equal(valueOf(registry, "b"), 2);
  assert.equal(familyOf(registry, "c")!.histograms[0]!.count, 2);
  assert.equal(familyOf(registry, "d")!.summaries[0]!.count, 2);
  assert.deepEqual(rowsOf(registry, "e_info"), [["1", 1]]);
  assert.deepEqual(rowsOf(registry, "f"), [["on", 1]]);
  assert.equal(valueOf(registry, "g"), 1);
});

test("Registry takes an explicit default as the same declaration", () => {
  const { registry } = setUp();
  const plain = registry.counter(X);
  const explicit = registry.counter({
    ...X,
    unit: "",
    labels: [],
    maxSeries: 10_000,
    expireAfter: Infinity,
  });
  assert.equal(plain, explicit);
  registry.histogram({ name: "h", help: "H.", buckets: [1, 2] });
  registry.histogram({
    name: "h",
    help: "H.",
    buckets: [1, 2, Infinity],
    dropNaN: false,
  });
});

test("Registry refuses a different declaration and names the difference", () => {
  const { registry } = setUp();
  const first = {
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
    values: { a: ["1"] },
  } as const;
  registry.counter(first);
  const others: [object, string][] = [
    [{ ...first, help: "Y." }, 'with help "X." and not "Y."'],
    [{ ...first, labels: ["a"] }, 'with labels ["a","b"] and not ["a"]'],
    [
      { ...first, labels: ["b", "a"] },
      'with labels ["a","b"] and not ["b","a"]',
    ],
    [{ ...first, values: {} }, 'with values {"a":["1"]} and not {}'],
    [{ ...first, maxSeries: 5 }, "with maxSeries 10000 and not 5"],
    [{ ...first, expireAfter: 5 }, "with expireAfter Infinity and not 5"],
  ];
  for (const [options, difference] of others) {
    assert.throws(
      () => registry.counter(options as typeof first),
      (error) => {
        assert.ok(error instanceof FamilyConflictError);
        assert.ok(error.message.includes(difference), error.message);
        assert.ok(error.message.includes('counter "x_total"'), error.message);
        assert.match(error.message, /choose another name$/);
        return true;
      },
    );
  }
  assert.deepEqual(namesOf(registry), ["x_total"]);
});

test("Registry refuses a declaration of another type or layout", () => {
  const { registry } = setUp();
  const conflicts = (declare: () => unknown, message: RegExp) =>
    assert.throws(declare, { name: "FamilyConflictError", message });
  registry.gauge({ name: "g_total", help: "G." });
  conflicts(
    () => registry.counter({ name: "g_total", help: "G." }),
    /with type gauge and not counter/,
  );
  registry.histogram({ name: "h", help: "H.", buckets: [1] });
  conflicts(
    () => registry.histogram({ name: "h", help: "H.", buckets: [2] }),
    /with buckets \[1\] and not \[2\]/,
  );
  conflicts(
    () =>
      registry.histogram({
        name: "h",
        help: "H.",
        buckets: [1],
        dropNaN: true,
      }),
    /with dropNaN false and not true/,
  );
  registry.summary({ name: "s", help: "S.", quantiles: [0.5] });
  conflicts(
    () => registry.summary({ name: "s", help: "S." }),
    /with quantiles \[0\.5\] over 600 s in 5 and not \[\]/,
  );
  registry.stateSet({ name: "p", help: "P.", states: ["a", "b"] });
  conflicts(
    () => registry.stateSet({ name: "p", help: "P.", states: ["b", "a"] }),
    /with states \["a","b"\] and not \["b","a"\]/,
  );
  registry.callbackGauge({ name: "c", help: "C.", read: () => {} });
  conflicts(
    () => registry.gauge({ name: "c", help: "C." }),
    /with recording by callback.* and not direct/,
  );
  conflicts(
    () => registry.callbackCounter({ name: "g_total", help: "G.", read() {} }),
    /with type gauge and not counter/,
  );
});

test("Registry refuses two families with a common sample name, in either order", () => {
  const { registry } = setUp();
  registry.histogram({ name: "x", help: "X." });
  assert.throws(() => registry.gauge({ name: "x_count", help: "C." }), {
    name: "FamilyConflictError",
    message: /gauge "x_count": histogram "x" already writes "x_count"/,
  });
  registry.gauge({ name: "y_bucket", help: "Y." });
  assert.throws(
    () => registry.histogram({ name: "y", help: "Y." }),
    /histogram "y": gauge "y_bucket" already writes "y_bucket"/,
  );
  assert.deepEqual(namesOf(registry), ["x", "y_bucket"]);
});

test("Registry reserves the names of self-metrics", () => {
  for (const selfMetrics of [true, false]) {
    const { registry } = setUp({ selfMetrics });
    assert.throws(
      () =>
        registry.gauge({
          name: "barograph_rejected_observations_total",
          help: "X.",
        }),
      FamilyConflictError,
    );
  }
});

test("Registry reserves no name of a refused declaration", () => {
  const { registry } = setUp();
  assert.throws(() => registry.counter({ name: "x_total", help: "" }));
  assert.throws(() => registry.counter({ ...X, labels: ["a-b"] }));
  assert.throws(() => registry.counter({ ...X, maxSeries: 0 }));
  assert.deepEqual(namesOf(registry), []);
  registry.counter(X).inc();
  assert.equal(valueOf(registry, "x_total"), 1);
});

test("Registry exposes families in the order of declaration", () => {
  const { registry } = setUp();
  registry.gauge({ name: "z", help: "Z." });
  registry.gauge({ name: "a", help: "A." });
  registry.counter({ name: "m_total", help: "M." });
  registry.gauge({ name: "z", help: "Z." });
  assert.deepEqual(namesOf(registry), ["z", "a", "m_total"]);
  const own = setUp().registry.descs.map(({ name }) => name);
  assert.deepEqual(
    registry.descs.map(({ name }) => name),
    ["z", "a", "m_total", ...own],
  );
});

test("Registry exposes target_info first", () => {
  const { registry } = setUp();
  registry.gauge({ name: "a", help: "A." });
  registry.gauge({ name: "b", help: "B." });
  const target = registry.info({
    name: "target_info",
    help: "The target.",
    labels: ["service_name"],
  });
  registry.gauge({ name: "c", help: "C." });
  target.set({ service_name: "shop" });
  assert.deepEqual(namesOf(registry), ["target_info", "a", "b", "c"]);
});

test("Registry.unregister() removes a family whose held series still record", () => {
  const { registry } = setUp();
  const held = registry.counter(X);
  assert.equal(registry.unregister("x_total"), true);
  assert.equal(registry.unregister("x_total"), false);
  held.inc(5);
  assert.equal(held.value, 5);
  assert.deepEqual(namesOf(registry), []);
  const again = registry.counter({ name: "x_total", help: "Other help." });
  assert.equal(again.value, 0);
  assert.notEqual(again, held);
  assert.equal(valueOf(registry, "x_total"), 0);
});

test("Registry.unregister() frees all names of the family", () => {
  const { registry } = setUp();
  registry.histogram({ name: "x", help: "X." });
  registry.unregister("x");
  registry.gauge({ name: "x_count", help: "C." });
  assert.deepEqual(namesOf(registry), ["x_count"]);
});

test("Registry.unregister() ignores self-metrics and unknown names", () => {
  const { registry } = setUp();
  for (
    const name of [
      "barograph_rejected_observations_total",
      "x",
      "",
      "__proto__",
      "constructor",
    ]
  ) assert.equal(registry.unregister(name), false);
});

test("Registry is a source that can be captured and collected", () => {
  const { registry } = setUp();
  registry.counter(X).inc(3);
  assert.equal(valueOf(replay(capture(registry)), "x_total"), 3);
  const names: string[] = [];
  registry.collect({
    family: (desc) => names.push(desc.name) === 0,
    number: () => {},
    histogram: () => {},
    summary: () => {},
  });
  assert.equal(names[0], "x_total");
});

test("Registry joins namespace, subsystem and name", () => {
  const { registry } = setUp();
  registry.counter({ ...X, namespace: "shop", subsystem: "cart" });
  registry.counter({ ...X, namespace: "shop" });
  registry.counter({ ...X, subsystem: "cart", namespace: "" });
  assert.deepEqual(namesOf(registry), [
    "shop_cart_x_total",
    "shop_x_total",
    "cart_x_total",
  ]);
  assert.throws(
    () => registry.gauge({ name: "x", help: "X.", namespace: "a-b" }),
    /"a-b_x".*try "a_b_x"/,
  );
});
