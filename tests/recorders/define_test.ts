/** Recorders: one declaration, every backend. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { defineRecorder } from "../../src/recorders/mod.ts";
import { channels } from "../../src/recorders/presets/channels.ts";
import { liveView } from "../../src/recorders/presets/live_view.ts";
import { servicePlatform } from "../../src/recorders/presets/service_platform.ts";
import { workerFleet } from "../../src/recorders/presets/worker_fleet.ts";
import { distributionOf, lint, valueOf } from "../../src/testing/mod.ts";

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

const weights = defineRecorder({
  title: "weights",
  namespace: "scale",
  subsystem: "kitchen",
  instruments: {
    sum: { type: "counter", name: "sum_total", help: "Sum." },
    weight: { type: "histogram", name: "weight_grams", help: "Weights." },
  },
  records: ({ sum, weight }) => ({
    add: (by: number) => sum.inc(by),
    weigh: (grams: number, count: number) => weight.observe(grams, count),
  }),
});

test("defineRecorder() returns backends that all have every function", () => {
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

test("defineRecorder() types records, totals and options", () => {
  const registry = createRegistry();
  const backend = kitchen.on(registry, { buckets: { waits: [1, 2] } });
  backend.dish("soup");
  // @ts-expect-error: there is no such course
  backend.dish("cheese");
  const stats = kitchen.stats();
  const { dishes, oven, waits } = stats.read();
  assert.deepEqual([dishes, oven, waits], [0, 0, { count: 0, sum: 0 }]);
  assert.throws(
    // @ts-expect-error: a counter has no buckets
    () => kitchen.on(createRegistry(), { buckets: { dishes: [1] } }),
    /buckets has "dishes".*give any of waits/,
  );
  assert.throws(
    // @ts-expect-error: `waits` is not a gauge
    () => kitchen.on(createRegistry(), { current: { waits: () => {} } }),
    /current has "waits".*give any of oven/,
  );
  assert.throws(
    () => kitchen.on(createRegistry(), { prefix: "x" } as never),
    /there is no option "prefix"; give any of namespace/,
  );
});

test("Recorder.stats() adds up only values that metrics accept", () => {
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

test("Recorder.stats() records with all methods of instruments", async () => {
  const help = "Help.";
  const all = defineRecorder({
    title: "all",
    namespace: "all",
    instruments: {
      total: { type: "counter", name: "a_total", help, labels: ["a"] },
      level: { type: "gauge", name: "level", help },
      took: { type: "histogram", name: "took", help, labels: ["a"] },
    },
    records: ({ total, level, took }) => ({
      add: (by: number) => total.at("x").inc(by),
      fail: (work: () => unknown) => void total.at("x").countErrors(work),
      set: (to: number) => level.set(to),
      now: () => level.setToCurrentTime(),
      track: (work: () => unknown) => void level.trackInFlight(work),
      time: (work: () => unknown) => void took.bind({ a: "y" }).time(work),
      start: () => void took.with({ a: "z" }).startTimer().stop(),
      observe: (value: number, count: number) =>
        took.at("x").observe(value, count),
      forget: () => {
        total.remove({ a: "x" });
        total.clear();
        total.init([{ a: "x" }]);
      },
    }),
  });
  const stats = all.stats();
  stats.add("5" as never);
  stats.add(1);
  assert.throws(() =>
    stats.fail(() => {
      throw new Error("boom");
    }), /boom/);
  stats.forget();
  stats.set("x" as never);
  stats.observe(1, 0.5);
  stats.time(() => {});
  stats.start();
  const { promise, resolve } = Promise.withResolvers<void>();
  stats.track(() => promise);
  const { total, level, took } = stats.read();
  assert.deepEqual([total, level, took.count], [2, 1, 2]);
  resolve();
  await promise;
  assert.equal(stats.read().level, 0);
  stats.now();
  assert.ok(stats.read().level > 1e9);
  assert.equal(all.stats().read().total, 0);
});

test("Recorder.stats() ignores infinite increments and counts of zero or less", () => {
  const stats = weights.stats();
  stats.add(2);
  stats.add(Infinity);
  stats.add(-1);
  stats.weigh(3, 2);
  stats.weigh(3, 0);
  stats.weigh(3, -1);
  assert.deepEqual(stats.read(), { sum: 2, weight: { count: 2, sum: 6 } });
});

test("Recorder.stats() keeps removed series in the totals", () => {
  const removed: number[] = [];
  const stats = defineRecorder({
    title: "jobs",
    namespace: "worker",
    instruments: {
      jobs: {
        type: "counter",
        name: "jobs_total",
        help: "Jobs.",
        labels: ["queue"],
      },
    },
    records: ({ jobs }) => ({
      done: (queue: string) => jobs.with({ queue }).inc(),
      queueRemoved: (queue: string) =>
        void removed.push(jobs.remove({ queue })),
    }),
  }).stats();
  stats.done("mail");
  stats.queueRemoved("mail");
  assert.deepEqual(stats.read(), { jobs: 1 });
  assert.deepEqual(removed, [0]);
});

test("Recorder.stats() adds and subtracts one by default", () => {
  const stats = defineRecorder({
    title: "jobs",
    namespace: "worker",
    instruments: {
      done: { type: "counter", name: "done_total", help: "Jobs." },
      open: { type: "gauge", name: "open", help: "Open jobs." },
      sizes: { type: "histogram", name: "size_bytes", help: "Sizes." },
    },
    records: ({ done, open, sizes }) => ({
      start: () => open.inc(),
      end: () => {
        open.dec();
        done.inc();
        sizes.observe(5);
      },
    }),
  }).stats();
  for (let i = 0; i < 3; i++) stats.start();
  stats.end();
  const sizes = { count: 1, sum: 5 };
  assert.deepEqual(stats.read(), { done: 1, open: 2, sizes });
});

test("Slot.use() replaces the backend, and null removes it", () => {
  const { global } = weights;
  const [first, second] = [weights.recording(), weights.recording()];
  global.record.add(1);
  global.use(first);
  global.record.add(2);
  global.use(second);
  assert.equal(global.current, second);
  global.record.add(3);
  global.use(null);
  global.record.add(4);
  assert.deepEqual(first.calls, [["add", 2]]);
  assert.deepEqual(second.calls, [["add", 3]]);
  assert.equal(global.failures, 0);
});

test("Slot.failures counts backends that throw or reject", async () => {
  const { global } = weights;
  global.use({
    add: () => {
      throw new Error("disk full");
    },
    weigh: () => Promise.reject(new Error("disk full")) as unknown as void,
  });
  global.record.add(1);
  assert.equal(global.failures, 1);
  global.record.weigh(1, 1);
  await Promise.resolve();
  assert.equal(global.failures, 2);
  global.use(null);
});

test("Recorder.attach() listens until it is disposed", () => {
  const emitter = new EventEmitter();
  const backend = weights.recording();
  const attached = weights.attach(emitter, backend);
  emitter.emit("add", 1);
  attached[Symbol.dispose]();
  emitter.emit("add", 2);
  assert.deepEqual(backend.calls, [["add", 1]]);
  assert.equal(emitter.listenerCount("add"), 0);
});

test("Recorder.on() replaces namespace, subsystem, labels and buckets", () => {
  const registry = createRegistry();
  const record = weights.on(registry, {
    namespace: "a",
    subsystem: "b",
    labels: { zone: "eu" },
    buckets: { weight: [1, 2] },
  });
  record.add(3);
  record.weigh(1, 1);
  const labels = { zone: "eu" };
  assert.equal(valueOf(registry, "a_b_sum_total", labels), 3);
  const { bounds } = distributionOf(registry, "a_b_weight_grams", labels) as {
    bounds: Iterable<number>;
  };
  assert.deepEqual([...bounds], [1, 2]);
});

test("Recorder.families() describes names, labels and closed sets", () => {
  assert.deepEqual(kitchen.families()[0], {
    name: "kitchen_dishes_total",
    type: "counter",
    help: "Dishes.",
    labels: [["course", ["soup", "main"]]],
    buckets: undefined,
    twin: false,
  });
  assert.equal(weights.families()[0]!.name, "scale_kitchen_sum_total");
});

test("Recorder.recording() stores calls in order", () => {
  const backend = kitchen.recording();
  backend.dish("soup");
  backend.wait(2);
  assert.deepEqual(backend.calls, [["dish", "soup"], ["wait", 2]]);
});

test("Recorder.on() reports a gauge of `current` by its callback alone", () => {
  const registry = createRegistry();
  let celsius = 100;
  const backend = kitchen.on(registry, {
    current: { oven: (report) => report(celsius) },
  });
  backend.oven(7);
  celsius = 150;
  assert.equal(valueOf(registry, "kitchen_oven_celsius"), 150);
});

test("Recorder.on() throws the errors of the registry", () => {
  const bad = defineRecorder({
    title: "bad",
    namespace: "bad",
    instruments: { x: { type: "counter", name: "no suffix", help: "X." } },
    records: ({ x }) => ({ x: () => x.inc() }),
  });
  bad.noop().x();
  assert.throws(() => bad.on(createRegistry()), RangeError);
});

test("lint() reports only the metrics in milliseconds of the presets", () => {
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
