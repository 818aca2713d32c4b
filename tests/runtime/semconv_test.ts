/**
 * Runtime metrics under the names of OpenTelemetry's conventions:
 * https://opentelemetry.io/docs/specs/semconv/runtime/
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../src/model/mod.ts";
import { createRegistry } from "../../mod.ts";
import {
  eventLoopDelay,
  gcMetrics,
  memoryMetrics,
  type MetricNames,
  processMetrics,
  runtimeMetrics,
} from "../../src/runtime/mod.ts";
import {
  distributionOf,
  FakeClock,
  FakeTimers,
  lint,
} from "../../src/testing/mod.ts";
import { linesOf } from "../contract/lines.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { fakeProcess } from "./fixtures.ts";

const STATS = {
  min: 0.01,
  max: 0.03,
  mean: 0.02,
  stddev: 0.005,
  p50: 0.02,
  p90: 0.03,
  p99: 0.03,
};

/** A process of Node in which every fact is known. */
const known = fakeProcess({
  runtime: "nodejs",
  version: () => "24.0.0",
  startTime: () => Date.now() / 1000 - 60,
  cpuSeconds: () => 5,
  cpu: () => ({ user: 3, system: 2 }),
  memory: () => ({ resident: 9, heapTotal: 8, heapUsed: 7, external: 6 }),
  virtualMemory: () => 100,
  maxVirtualMemory: () => 1000,
  openFiles: () => 11,
  maxFiles: () => 12,
  heapSpaces: () => [
    { name: "old", total: 30, used: 20, available: 10, physical: 5 },
    { name: "new", total: 3, used: 2, available: 1 },
  ],
  onGc: () => ({ [Symbol.dispose]: () => {} }),
  monitorDelays: () => ({ take: () => STATS, [Symbol.dispose]: () => {} }),
  loopTime: () => ({ active: 1, idle: 3 }),
  active: () => new Map([["Timeout", 2]]),
});

function linesFrom(source: Source): string[] {
  const registry = createRegistry({ selfMetrics: false });
  registry.add(source);
  // The convention itself has a name that ends in `_count`.
  const findings = lint(registry).filter(({ family, rule }) =>
    family !== "process_unix_file_descriptor_count" &&
    // Dashboards query gauges that end in `_total`.
    rule !== "counter-suffix"
  );
  assert.deepEqual(findings, []);
  return linesOf(registry);
}

test('processMetrics() has the process metrics of the conventions under "semconv"', () => {
  const lines = linesFrom(processMetrics(known, "semconv"));
  const uptime = lines.find((line) => line.startsWith("process_uptime"));
  assert.match(uptime!, /^process_uptime_seconds (59|6[0-9])/);
  assert.deepEqual(lines.filter((line) => line !== uptime), [
    'process_cpu_time_seconds_total{cpu_mode="user"} 3',
    'process_cpu_time_seconds_total{cpu_mode="system"} 2',
    "process_memory_usage_bytes 9",
    "process_memory_virtual_bytes 100",
    "process_virtual_memory_max_bytes 1000",
    "process_unix_file_descriptor_count 11",
    "process_max_fds 12",
    'nodejs_active_handles{type="Timeout"} 2',
    "nodejs_active_handles_total 2",
    'nodejs_active_requests{type="Timeout"} 2',
    "nodejs_active_requests_total 2",
    'v8js_resource_active{v8js_resource_type="Timeout"} 2',
  ]);
});

test("processMetrics() keeps the CPU time of a process that cannot tell its parts", () => {
  const info = fakeProcess({ cpuSeconds: () => 5 });
  assert.deepEqual(linesFrom(processMetrics(info, "semconv")), [
    "process_cpu_seconds_total 5",
  ]);
});

test('memoryMetrics() has the heap spaces of V8 under "semconv"', () => {
  assert.deepEqual(linesFrom(memoryMetrics(known, "semconv")), [
    "nodejs_heap_size_total_bytes 8",
    "nodejs_heap_size_used_bytes 7",
    "nodejs_external_memory_bytes 6",
    'v8js_memory_heap_used_bytes{v8js_heap_space_name="old_space"} 20',
    'v8js_memory_heap_used_bytes{v8js_heap_space_name="new_space"} 2',
    'v8js_memory_heap_space_size_bytes{v8js_heap_space_name="old_space"} 30',
    'v8js_memory_heap_space_size_bytes{v8js_heap_space_name="new_space"} 3',
    'v8js_memory_heap_space_available_size_bytes{v8js_heap_space_name="old_space"} 10',
    'v8js_memory_heap_space_available_size_bytes{v8js_heap_space_name="new_space"} 1',
    'v8js_memory_heap_space_physical_size_bytes{v8js_heap_space_name="old_space"} 5',
  ]);
});

test("gcMetrics() measures each collection under the selected names", () => {
  let report: (kind: string, seconds: number) => void = () => {};
  let listeners = 0;
  const info = fakeProcess({
    runtime: "nodejs",
    onGc: (listener) => {
      report = listener;
      listeners++;
      return { [Symbol.dispose]: () => void listeners-- };
    },
  });
  const counts = (names: MetricNames) => {
    const registry = createRegistry();
    using gc = gcMetrics(info, names);
    registry.add(gc);
    assert.equal(listeners, 1);
    report("minor", 0.02);
    return registry.descs
      .filter(({ name }) => name.includes("_gc_"))
      .map(({ name, labelNames: [label] }) => {
        const found = distributionOf(registry, name, { [label!]: "minor" });
        assert.ok(found !== undefined && "bounds" in found);
        return [name, label, found.count, found.bounds.length];
      });
  };
  const own = ["nodejs_gc_duration_seconds", "kind", 1, 11];
  const conventional = ["v8js_gc_duration_seconds", "v8js_gc_type", 1, 4];
  assert.deepEqual(counts("prometheus"), [own]);
  assert.deepEqual(counts("semconv"), [conventional]);
  assert.deepEqual(counts("both"), [own, conventional]);
  assert.equal(listeners, 0);
});

test('eventLoopDelay() has delays, time and utilization of the loop under "semconv"', () => {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  const times = [
    { active: 1, idle: 3 },
    { active: 4, idle: 4 },
    { active: 4, idle: 4 },
  ];
  using delay = eventLoopDelay({
    clock,
    timers,
    names: "semconv",
    processInfo: { ...known, loopTime: () => times.shift() },
  });
  const registry = createRegistry({ selfMetrics: false });
  registry.add(delay);
  const lines = () =>
    linesOf(registry).filter((line) => !/delay_seconds(?:_|{)/.test(line));
  const stats = Object.entries(STATS).map(([name, value]) =>
    `nodejs_eventloop_delay_${name}_seconds ${value}`
  );
  const time = (active: number, idle: number) => [
    `nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"} ${active}`,
    `nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="idle"} ${idle}`,
  ];
  const share = (ratio: number) =>
    `nodejs_eventloop_utilization_ratio ${ratio}`;
  assert.deepEqual(lines(), [...stats, ...time(1, 3), share(0.25)]);
  assert.deepEqual(lines(), [...stats, ...time(4, 4), share(0.75)]);
  assert.deepEqual(lines(), [...stats, ...time(4, 4)], "no time has passed");
  assert.deepEqual(lines(), stats, "the runtime does not tell");
});

const NAMES = ["prometheus", "semconv", "both"] as const;

/** Returns the families of a process, as lines with type and labels. */
function familiesOf(names: MetricNames, info = known): string[] {
  using metrics = runtimeMetrics({
    names,
    processInfo: info,
    build: { version: "1" },
  });
  return metrics.descs.map(({ name, type, labelNames }) =>
    [name, type, ...labelNames].join(" ")
  );
}

test('law: "both" has the families of either, and no process lacks a fact by its names', () => {
  const unknown = fakeProcess();
  for (const info of [known, unknown]) {
    const [own, conventional, both] = NAMES.map((names) =>
      familiesOf(names, info)
    );
    const union = new Set([...own!, ...conventional!]);
    assert.deepEqual(both!.toSorted(), [...union].sort());
  }
});

test("runtimeMetrics() has real values under the conventions on this runtime", () => {
  using metrics = runtimeMetrics({ names: "semconv" });
  const lines = linesFrom(metrics);
  const valueOf = (start: string) =>
    Number(lines.find((line) => line.startsWith(start))?.split(" ").at(-1));
  assert.ok(valueOf("process_memory_usage_bytes") > 1e6);
  assert.ok(valueOf('process_cpu_time_seconds_total{cpu_mode="user"}') > 0);
  assert.ok(valueOf("process_uptime_seconds") > 0);
  const onNode = [
    "v8js_memory_heap_used_bytes",
    "v8js_memory_heap_space_physical_size_bytes",
    "nodejs_eventloop_time_seconds_total",
    "v8js_resource_active",
  ];
  for (const name of onNode) {
    assert.equal(
      lines.some((line) => line.startsWith(`${name}{`)),
      RUNTIME === "node",
      name,
    );
  }
});

test("wrong names of runtime metrics are refused with advice", () => {
  const wrong = "otel" as MetricNames;
  const advice = /names is "otel"; give "prometheus" or "semconv" or "both"/;
  assert.throws(() => runtimeMetrics({ names: wrong }), advice);
  assert.throws(() => processMetrics(known, wrong), advice);
  assert.throws(() => memoryMetrics(known, wrong), advice);
  assert.throws(() => gcMetrics(known, wrong), advice);
  assert.throws(() => eventLoopDelay({ names: wrong }), advice);
});
