/** Vocabularies: declared once, with every backend. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { defineRecorder } from "../../src/recorders/mod.ts";
import { channels } from "../../src/recorders/presets/channels.ts";
import { liveView } from "../../src/recorders/presets/live_view.ts";
import { servicePlatform } from "../../src/recorders/presets/service_platform.ts";
import { workerFleet } from "../../src/recorders/presets/worker_fleet.ts";
import { lint, valueOf } from "../../src/testing/mod.ts";

const kitchen = defineRecorder({
  title: "a kitchen",
  namespace: "kitchen",
  instruments: {
    dishes: {
      type: "counter",
      name: "dishes_total",
      help: "Dishes.",
      labels: ["course"],
      values: { course: ["soup", "main"] },
    },
    oven: { type: "gauge", name: "oven_celsius", help: "Oven." },
    waits: { type: "histogram", name: "wait_seconds", help: "Waits." },
  },
  records: ({ dishes, oven, waits }) => ({
    dish: (course: "soup" | "main") => dishes.at(course).inc(),
    oven: (celsius: number) => oven.set(celsius),
    wait: (seconds: number) => waits.observe(seconds),
    warm: (celsius: number) => oven.inc(celsius),
  }),
});

test("every backend has every function", () => {
  const names = ["dish", "oven", "wait", "warm"];
  const backends = [
    kitchen.on(createRegistry()),
    kitchen.noop(),
    kitchen.tee(),
    kitchen.global.record,
  ];
  for (const backend of backends) assert.deepEqual(Object.keys(backend), names);
  const { read: _, ...stats } = kitchen.stats();
  assert.deepEqual(Object.keys(stats), names);
});

test("what is told is typed, and so are totals and options", () => {
  const registry = createRegistry();
  const of = kitchen.on(registry, { buckets: { waits: [1, 2] } });
  of.dish("soup");
  // @ts-expect-error: there is no such course
  of.dish("cheese");
  const stats = kitchen.stats();
  const { dishes, oven, waits } = stats.read();
  assert.deepEqual([dishes, oven, waits], [0, 0, { count: 0, sum: 0 }]);
  assert.throws(
    // @ts-expect-error: it has no buckets
    () => kitchen.on(createRegistry(), { buckets: { dishes: [1] } }),
    /buckets has "dishes".*give any of waits/,
  );
  assert.throws(
    // @ts-expect-error: it is no gauge
    () => kitchen.on(createRegistry(), { current: { waits: () => {} } }),
    /current has "waits".*give any of oven/,
  );
  assert.throws(
    () => kitchen.on(createRegistry(), { prefix: "x" } as never),
    /there is no option "prefix"; give any of namespace/,
  );
});

test("totals take what metrics take, and nothing else", () => {
  const stats = kitchen.stats();
  stats.oven(200);
  stats.warm(-20);
  stats.wait(2);
  stats.wait(NaN);
  stats.dish("soup");
  assert.deepEqual(stats.read(), {
    dishes: 1,
    oven: 180,
    waits: { count: 1, sum: 2 },
  });
});

test("a test sees what was told, in its order", () => {
  const test = kitchen.recording();
  test.dish("soup");
  test.wait(2);
  assert.deepEqual(test.calls, [["dish", "soup"], ["wait", 2]]);
});

test("a gauge that is asked for is not recorded", () => {
  const registry = createRegistry();
  let celsius = 100;
  const of = kitchen.on(registry, {
    current: { oven: (report) => report(celsius) },
  });
  of.oven(7);
  celsius = 150;
  assert.equal(valueOf(registry, "kitchen_oven_celsius"), 150);
});

test("a vocabulary that cannot be declared is refused by the registry", () => {
  const bad = defineRecorder({
    title: "bad",
    namespace: "bad",
    instruments: { x: { type: "counter", name: "no suffix", help: "X." } },
    records: ({ x }) => ({ x: () => x.inc() }),
  });
  bad.noop().x();
  assert.throws(() => bad.on(createRegistry()), RangeError);
});

test("the linter passes over every metric but the kept milliseconds", () => {
  const registry = createRegistry();
  channels.on(registry, { seconds: true });
  liveView.on(registry, { seconds: true });
  servicePlatform.on(registry, { seconds: true });
  workerFleet.on(registry, { seconds: true });
  const errors = [...lint(registry)].filter(({ level }) => level === "error");
  assert.deepEqual(errors.map(({ family, rule }) => [family, rule]), [
    ["vango_resource_duration_ms", "base-unit"],
    ["vango_action_duration_ms", "base-unit"],
    ["semstreams_nats_rtt_milliseconds", "base-unit"],
  ]);
  const others = [...lint(registry)].filter(({ level }) => level !== "error");
  for (const { rule, family, message } of others) {
    assert.equal(rule, "cardinality", `${family}: ${message}`);
  }
});
