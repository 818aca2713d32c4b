/** Runtime metrics: known facts are exposed, unknown ones are left out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import type { Source } from "../../src/model/mod.ts";
import {
  buildInfo,
  gcMetrics,
  memoryMetrics,
  processMetrics,
  runtimeMetrics,
} from "../../src/runtime/mod.ts";
import { distributionOf, FakeTimers, lint } from "../../src/testing/mod.ts";
import { linesOf } from "../contract/lines.ts";
import { METRICS_PREFIX, RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";
import { fakeProcess } from "./fixtures.ts";

function linesFrom(source: Source): string[] {
  const registry = createRegistry({ selfMetrics: false });
  registry.add(source);
  return linesOf(registry);
}

test("processMetrics() and memoryMetrics() use the standard names", () => {
  const info = fakeProcess({
    startTime: () => 1000,
    cpuSeconds: () => 1.5,
    memory: () => ({
      resident: 100,
      heapTotal: 50,
      heapUsed: 40,
      external: 5,
    }),
    virtualMemory: () => 900,
    maxVirtualMemory: () => 9000,
    openFiles: () => 7,
    maxFiles: () => 1024,
  });
  assert.deepEqual(linesFrom(processMetrics(info)), [
    "process_cpu_seconds_total 1.5",
    "process_resident_memory_bytes 100",
    "process_virtual_memory_bytes 900",
    "process_virtual_memory_max_bytes 9000",
    "process_open_fds 7",
    "process_max_fds 1024",
    "process_start_time_seconds 1000",
  ]);
  assert.deepEqual(linesFrom(memoryMetrics(info)), [
    "js_heap_size_total_bytes 50",
    "js_heap_size_used_bytes 40",
    "js_external_memory_bytes 5",
  ]);
});

test("runtimeMetrics() leaves out unknown facts, but not zeros", () => {
  const metrics = runtimeMetrics({
    processInfo: fakeProcess(),
    parts: ["process", "memory", "gc", "build"],
  });
  assert.deepEqual(linesFrom(metrics), []);
  const some = processMetrics(fakeProcess({ cpuSeconds: () => 0 }));
  assert.deepEqual(linesFrom(some), ["process_cpu_seconds_total 0"]);
});

test("processMetrics() reads CPU time once for its three families", () => {
  let reads = 0;
  const info = fakeProcess({
    cpuSeconds: () => assert.fail("the parts are known"),
    cpu: () => ({ user: ++reads, system: 0.5 }),
  });
  assert.deepEqual(linesFrom(processMetrics(info)), [
    "process_cpu_user_seconds_total 1",
    "process_cpu_system_seconds_total 0.5",
    "process_cpu_seconds_total 1.5",
  ]);
});

test("processMetrics() takes virtual memory and its heap from one reading", () => {
  const info = fakeProcess({
    virtualMemory: () => assert.fail("it is in the reading"),
    mapped: () => ({ all: 900, heap: 300 }),
  });
  assert.deepEqual(linesFrom(processMetrics(info)), [
    "process_virtual_memory_bytes 900",
    "process_heap_bytes 300",
  ]);
});

test("processMetrics() counts what the event loop waits for", () => {
  const info = fakeProcess({
    runtime: "nodejs",
    active: (kind) => new Map(kind === "requests" ? [] : [["A", 1], ["B", 2]]),
  });
  const registry = createRegistry({ selfMetrics: false });
  registry.add(processMetrics(info));
  assert.deepEqual(lint(registry), []);
  assert.deepEqual(linesOf(registry), [
    'nodejs_active_resources{type="A"} 1',
    'nodejs_active_resources{type="B"} 2',
    "nodejs_active_resources_total 3",
    'nodejs_active_handles{type="A"} 1',
    'nodejs_active_handles{type="B"} 2',
    "nodejs_active_handles_total 3",
    "nodejs_active_requests_total 0",
  ]);
});

test("memoryMetrics() has the spaces of the heap", () => {
  const info = fakeProcess({
    runtime: "nodejs",
    heapSpaces: () => [
      { name: "old", total: 30, used: 20, available: 10 },
      { name: "new", total: 3, used: 2, available: 1 },
    ],
  });
  assert.deepEqual(linesFrom(memoryMetrics(info)), [
    'nodejs_heap_space_size_total_bytes{space="old"} 30',
    'nodejs_heap_space_size_total_bytes{space="new"} 3',
    'nodejs_heap_space_size_used_bytes{space="old"} 20',
    'nodejs_heap_space_size_used_bytes{space="new"} 2',
    'nodejs_heap_space_size_available_bytes{space="old"} 10',
    'nodejs_heap_space_size_available_bytes{space="new"} 1',
  ]);
});

test("gcMetrics() measures collections by kind until it is disposed", () => {
  let report: (kind: string, seconds: number) => void = () => {};
  let listening = true;
  const info = fakeProcess({
    onGc: (listener) => {
      report = listener;
      return { [Symbol.dispose]: () => void (listening = false) };
    },
  });
  const gc = gcMetrics(info);
  const registry = createRegistry();
  registry.add(gc);
  report("minor", 0.002);
  report("minor", 0.004);
  report("major", 0.2);
  const at = (kind: string) =>
    distributionOf(registry, "js_gc_duration_seconds", { kind });
  assert.equal(at("minor")?.count, 2);
  assert.equal(at("major")?.sum, 0.2);
  gc[Symbol.dispose]();
  assert.equal(listening, false);
});

test("buildInfo() exposes facts as infos and refuses illegal names", () => {
  const info = fakeProcess({ version: () => "1.2" });
  assert.deepEqual(
    linesFrom(buildInfo({ version: "7", revision: "abc" }, info)),
    [
      'js_version_info{version="1.2"} 1',
      'app_build_info{revision="abc",version="7"} 1',
    ],
  );
  assert.throws(() => buildInfo({ "bad name": "x" }, info), RangeError);
});

test("buildInfo() splits the version of Node", () => {
  const info = fakeProcess({ runtime: "nodejs", version: () => "24.21.0" });
  assert.deepEqual(linesFrom(buildInfo({}, info)), [
    'nodejs_version_info{major="24",minor="21",patch="0",version="v24.21.0"} 1',
  ]);
});

test("runtimeMetrics() exposes the chosen parts, which lint() accepts", () => {
  using all = runtimeMetrics({ build: { version: "1" } });
  const registry = createRegistry({ selfMetrics: false });
  registry.add(all);
  assert.deepEqual(
    lint(registry).filter(({ level }) => level === "error"),
    [],
  );
  using some = runtimeMetrics({ parts: ["build"], build: { version: "1" } });
  assert.deepEqual(some.descs.map(({ name }) => name).slice(1), [
    "app_build_info",
  ]);
});

/** Metrics that dashboards for prom-client query: name, type, labels. */
const OF_NODE = [
  "active_handles gauge type",
  "active_handles_total gauge",
  "active_requests gauge type",
  "active_requests_total gauge",
  "active_resources gauge type",
  "active_resources_total gauge",
  "eventloop_lag_max_seconds gauge",
  "eventloop_lag_mean_seconds gauge",
  "eventloop_lag_min_seconds gauge",
  "eventloop_lag_p50_seconds gauge",
  "eventloop_lag_p90_seconds gauge",
  "eventloop_lag_p99_seconds gauge",
  "eventloop_lag_seconds gauge",
  "eventloop_lag_stddev_seconds gauge",
  "gc_duration_seconds histogram kind",
  "heap_space_size_available_bytes gauge space",
  "heap_space_size_total_bytes gauge space",
  "heap_space_size_used_bytes gauge space",
];

/** Metrics of every runtime. */
const OF_ALL = [
  "eventloop_delay_seconds histogram",
  "external_memory_bytes gauge",
  "heap_size_total_bytes gauge",
  "heap_size_used_bytes gauge",
];

test("runtimeMetrics() has on Node the names that dashboards query", () => {
  using metrics = runtimeMetrics();
  const found = metrics.descs.filter(({ name }) => !name.startsWith("process"))
    .map(({ name, type, labelNames }) => [name, type, ...labelNames].join(" "));
  const version = RUNTIME === "node"
    ? "version_info info version major minor patch"
    : "version_info info version";
  const expected = [...OF_ALL, ...RUNTIME === "node" ? OF_NODE : [], version];
  assert.deepEqual(
    found.sort(),
    expected.map((text) => `${METRICS_PREFIX}_${text}`).sort(),
  );
});

const needsNode = skippedUnless(RUNTIME === "node", "only Node reports them");

test(
  "heap spaces and active objects of this process have real values",
  needsNode,
  () => {
    const lines = [
      ...linesFrom(memoryMetrics()),
      ...linesFrom(processMetrics()),
    ];
    for (
      const line of [
        /^nodejs_heap_space_size_used_bytes\{space="old"\} [1-9]/,
        /^nodejs_heap_space_size_total_bytes\{space="new"\} [1-9]/,
        /^nodejs_active_resources_total [0-9]+$/,
        /^nodejs_active_handles_total [0-9]+$/,
        /^nodejs_active_requests_total [0-9]+$/,
      ]
    ) assert.ok(lines.some((text) => line.test(text)), `${line}`);
  },
);

test("runtimeMetrics() refuses unknown parts and misspelt options", () => {
  assert.throws(() => runtimeMetrics({ parts: ["heap" as "memory"] }), {
    name: "TypeError",
    message: 'Cannot expose runtime metrics: parts is ["heap"]; give a list ' +
      "of any of process, memory, eventLoop, gc, build",
  });
  assert.throws(() => runtimeMetrics({ part: ["gc"] } as never), {
    name: "TypeError",
    message: 'Cannot expose runtime metrics: there is no option "part"; give ' +
      "any of names, parts, build, eventLoop, processInfo",
  });
  assert.throws(
    () => runtimeMetrics({ eventLoop: { resolutoin: 1 } as never }),
    /^TypeError: Cannot measure the event loop: .*"resolutoin"/,
  );
});

test("runtimeMetrics() leaves no timer and no listener when disposed", () => {
  const timers = new FakeTimers();
  let listeners = 0;
  const metrics = runtimeMetrics({
    eventLoop: { timers },
    processInfo: fakeProcess({
      onGc: () => {
        listeners++;
        return { [Symbol.dispose]: () => void listeners-- };
      },
    }),
  });
  assert.deepEqual([timers.pending, listeners], [1, 1]);
  metrics[Symbol.dispose]();
  assert.deepEqual([timers.pending, listeners], [0, 0]);
});
