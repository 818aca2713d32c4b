/** The runtime metrics that telemetries expose by default. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  createRegistry,
  createTelemetry,
  noopRegistry,
  observe,
  type ProcessObserveOptions,
  type Registry,
  type Source,
  type TelemetryOptions,
} from "../../mod.ts";
import { familyDesc, Labels } from "../../src/model/mod.ts";
import {
  eventLoopDelay,
  processMetrics,
  runtimeMetrics,
} from "../../src/runtime/mod.ts";
import { FakeClock, FakeTimers, lint } from "../../src/testing/mod.ts";
import { linesOf } from "../contract/lines.ts";
import { fakeProcess } from "../runtime/fixtures.ts";
import { runArgs } from "../support/programs.ts";

/** A process that knows its processor time, memory, version and files. */
const KNOWN = fakeProcess({
  version: () => "1.0.0",
  cpuSeconds: () => 2,
  memory: () => ({ resident: 9, heapTotal: 5, heapUsed: 4, external: 1 }),
  openFiles: () => 7,
});

/** The lines of all its metrics, without the empty event loop. */
const LINES = [
  "process_cpu_seconds_total 2",
  "process_resident_memory_bytes 9",
  "process_open_fds 7",
  "js_heap_size_total_bytes 5",
  "js_heap_size_used_bytes 4",
  "js_external_memory_bytes 1",
  'js_version_info{version="1.0.0"} 1',
];

/** Returns a telemetry of that process, and what it is made of. */
function telemetryOf(
  registry: Registry = createRegistry({ selfMetrics: false }),
  options: TelemetryOptions = {},
) {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  const telemetry = createTelemetry({
    registry,
    clock,
    timers,
    runtime: { processInfo: KNOWN },
    ...options,
  });
  return { telemetry, registry, timers };
}

/** Returns the lines of an exposition that runtime metrics could have written. */
function runtimeLines(registry: Registry): string[] {
  return linesOf(registry).filter((line) =>
    /^(process|js|app)_/.test(line) && !line.includes("eventloop")
  );
}

/** Returns how often the family of the event loop is declared. */
function loops(registry: Source): number {
  return registry.descs
    .filter(({ name }) => name === "js_eventloop_delay_seconds").length;
}

test("createTelemetry() exposes the runtime metrics, and `false` none", async () => {
  const { telemetry, registry, timers } = telemetryOf();
  assert.deepEqual(runtimeLines(registry), LINES);
  assert.deepEqual([loops(registry), timers.pending, timers.holding], [
    1,
    1,
    0,
  ]);
  await telemetry.close();
  assert.deepEqual(runtimeLines(registry), []);
  assert.deepEqual([loops(registry), timers.pending], [0, 0]);

  const none = telemetryOf(undefined, { runtime: false });
  assert.deepEqual(runtimeLines(none.registry), []);
  assert.equal(none.timers.pending, 0);
});

test("createTelemetry() exposes the metrics of its own process", async () => {
  const registry = createRegistry({ selfMetrics: false });
  await using _telemetry = createTelemetry({ registry });
  const names = new Set(registry.descs.map(({ name }) => name));
  for (const name of runtimeMetricNames()) assert.ok(names.has(name), name);
  assert.ok(runtimeLines(registry).length > 5);
  const errors = lint(registry).filter(({ level }) => level === "error");
  assert.deepEqual(errors, []);
});

function runtimeMetricNames(): string[] {
  using metrics = runtimeMetrics();
  return metrics.descs.map(({ name }) => name);
}

test("service and version are build facts, and options refine them", () => {
  const facts = { service: "shop", version: "1.2.0" };
  const build = (options: TelemetryOptions) =>
    runtimeLines(telemetryOf(undefined, options).registry)
      .filter((line) => line.startsWith("app"));
  assert.deepEqual(build({ ...facts, runtime: true }), [
    'app_build_info{service="shop",version="1.2.0"} 1',
  ]);
  const runtime = {
    parts: ["build"],
    build: { version: "2", revision: "4bf92f3" },
    processInfo: KNOWN,
  } as const;
  const { registry, timers } = telemetryOf(undefined, { ...facts, runtime });
  assert.deepEqual(runtimeLines(registry), [
    LINES.at(-1),
    'app_build_info{revision="4bf92f3",service="shop",version="2"} 1',
  ]);
  assert.equal(timers.pending, 0);
});

test("telemetries on one registry share the metrics until the last closes", async () => {
  const registry = createRegistry({ selfMetrics: false });
  const first = telemetryOf(registry);
  const second = telemetryOf(registry, { runtime: true });
  const third = telemetryOf(registry.scope({ prefix: "shop_" }), {
    runtime: { processInfo: KNOWN, build: { version: "3" } },
  });
  const pending = () =>
    [first, second, third].map(({ timers }) => timers.pending);
  const lines = [...LINES, 'app_build_info{version="3"} 1'];
  assert.deepEqual(runtimeLines(registry), lines, "the last given options");
  assert.deepEqual([loops(registry), pending()], [1, [0, 0, 1]]);
  await third.telemetry.close();
  await third.telemetry.close();
  await first.telemetry.close();
  assert.deepEqual(runtimeLines(registry), lines);
  assert.deepEqual([loops(registry), pending()], [1, [0, 0, 1]]);
  await second.telemetry.close();
  assert.deepEqual(runtimeLines(registry), []);
  assert.deepEqual([loops(registry), pending()], [0, [0, 0, 0]]);
  const again = telemetryOf(registry);
  assert.deepEqual(runtimeLines(registry), LINES);
  await again.telemetry.close();
});

test("families that the program has already are left to it", async () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "process_open_fds", help: "Mine." }).set(1);
  using own = eventLoopDelay({ timers: new FakeTimers(), processInfo: KNOWN });
  registry.add(own);
  const { telemetry, timers } = telemetryOf(registry);
  assert.deepEqual(runtimeLines(registry), [
    "process_open_fds 1",
    ...LINES.filter((line) => !line.includes("fds")),
  ]);
  assert.deepEqual([loops(registry), timers.pending], [1, 0]);
  await telemetry.close();
  assert.deepEqual(runtimeLines(registry), ["process_open_fds 1"]);
  assert.equal(loops(registry), 1);
});

test("families that the program declares or adds later become its own", async () => {
  const { telemetry, registry, timers } = telemetryOf();
  registry.gauge({ name: "process_open_fds", help: "Mine." }).set(1);
  assert.deepEqual(
    runtimeLines(registry).filter((line) => line.includes("fds")),
    ["process_open_fds 1"],
  );
  assert.equal(registry.unregister("process_open_fds"), true);
  registry.add(processMetrics(fakeProcess({ cpuSeconds: () => 1 })));
  const others = LINES.filter((line) => !line.startsWith("process"));
  const after = ["process_cpu_seconds_total 1", ...others].sort();
  assert.deepEqual(runtimeLines(registry).sort(), after);
  assert.equal(timers.pending, 1);
  const loop = eventLoopDelay({ timers: new FakeTimers(), processInfo: KNOWN });
  registry.add(loop);
  assert.deepEqual([loops(registry), timers.pending], [1, 0]);
  await telemetry.close();
  assert.deepEqual(runtimeLines(registry), ["process_cpu_seconds_total 1"]);
  loop[Symbol.dispose]();
});

test("what a described process throws fails no declaration", () => {
  const { registry } = telemetryOf(undefined, {
    runtime: {
      parts: ["gc"],
      processInfo: fakeProcess({
        onGc: () => ({ [Symbol.dispose]: () => assert.fail("broken") }),
      }),
    },
  });
  const name = "js_gc_duration_seconds";
  registry.histogram({ name, help: "Mine." }).observe(1);
  assert.equal(registry.descs.filter((desc) => desc.name === name).length, 1);
});

test("runtimeMetrics() that the program adds, before or after, take the place", async () => {
  for (const isFirst of [true, false]) {
    const registry = createRegistry({ selfMetrics: false });
    const timers = new FakeTimers();
    using metrics = runtimeMetrics({
      build: { version: "7" },
      eventLoop: { timers },
      processInfo: KNOWN,
    });
    if (isFirst) registry.add(metrics);
    const made = telemetryOf(registry);
    if (!isFirst) registry.add(metrics);
    const lines = [...LINES, 'app_build_info{version="7"} 1'];
    assert.deepEqual(runtimeLines(registry), lines);
    const pending = [loops(registry), timers.pending, made.timers.pending];
    assert.deepEqual(pending, [1, 1, 0]);
    await made.telemetry.close();
    assert.deepEqual(runtimeLines(registry), lines);
    assert.deepEqual([loops(registry), timers.pending], [1, 1]);
  }
});

test("a source that writes families without announcing them takes the place", () => {
  const desc = familyDesc({
    name: "process_open_fds",
    type: "gauge",
    help: "Mine.",
  });
  const { registry } = telemetryOf();
  registry.add({
    descs: [],
    collect(sink) {
      if (sink.family(desc)) sink.number(Labels.NONE, 1, 0);
    },
  });
  linesOf(registry); // the registry learns of the family
  assert.deepEqual(
    runtimeLines(registry).filter((line) => line.includes("fds")),
    ["process_open_fds 1"],
  );
});

test("nested registries have one set of runtime metrics", async () => {
  const outer = createRegistry({ selfMetrics: false });
  const nested = telemetryOf();
  using added = outer.add(nested.registry);
  assert.deepEqual(runtimeLines(outer), LINES);
  using metrics = runtimeMetrics({
    eventLoop: { timers: new FakeTimers() },
    processInfo: KNOWN,
  });
  outer.add(metrics);
  assert.deepEqual(runtimeLines(outer), LINES, "added above");
  assert.deepEqual([loops(outer), loops(nested.registry)], [1, 0]);
  assert.equal(nested.timers.pending, 0);

  const later = telemetryOf();
  added[Symbol.dispose]();
  outer.add(later.registry);
  assert.deepEqual(runtimeLines(outer), LINES, "nested later");
  assert.deepEqual([loops(outer), later.timers.pending], [1, 0]);
  await nested.telemetry.close();
  await later.telemetry.close();
  assert.deepEqual(runtimeLines(outer), LINES);
});

test("a registry that does nothing gets no runtime metrics", () => {
  assert.equal(telemetryOf(noopRegistry).timers.pending, 0);
});

test("wrong runtime options are refused, and nothing stays", () => {
  const wrong: readonly [unknown, RegExp][] = [
    ["none", /runtime is of type string; give false, or options, such as/],
    [null, /runtime is of type null/],
    [{ part: [] }, /runtime metrics: there is no option "part"/],
    [{ parts: ["heap"] }, /runtime metrics: parts is \["heap"\]/],
    [{ build: "1" }, /runtime metrics: build is of type string/],
    [{ build: { "a b": "1" } }, /label "a b"/],
    [{ eventLoop: { resolution: 0 } }, /event loop: resolution is 0/],
  ];
  for (const [runtime, message] of wrong) {
    const registry = createRegistry({ selfMetrics: false });
    const timers = new FakeTimers();
    const options = { registry, timers, runtime } as TelemetryOptions;
    assert.throws(() => createTelemetry(options), message);
    assert.deepEqual([registry.descs, timers.pending], [[], 0]);
    assert.throws(
      () => observe(() => new Response(), { runtime } as ProcessObserveOptions),
      message,
    );
  }
  const { telemetry } = telemetryOf();
  assert.throws(
    () => telemetry.observe(() => new Response(), { runtime: false } as never),
    /there is no option "runtime"/,
  );
});

test("observe() exposes them with the first handler that wants them", {
  timeout: 120_000,
}, () => {
  const file = fileURLToPath(new URL("print_observed.ts", import.meta.url));
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    runArgs(file),
    { encoding: "utf8", timeout: 120_000 },
  );
  assert.deepEqual([status, signal, stderr], [0, null, ""]);
  const [none, first, second, given, last] = stdout.trimEnd().split("\n");
  assert.equal(none, "");
  assert.match(first!, /process_cpu_seconds_total.* \w+_heap_size_used_bytes/);
  assert.equal(second, first);
  assert.equal(given, "app_build_info");
  assert.equal(last, given, "the options that were given last");
});
