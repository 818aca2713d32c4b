/** Runtime metrics: what is known is told, what is not is absent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import type { Source } from "../../src/model/mod.ts";
import {
  buildInfo,
  eventLoopDelay,
  garbageMetrics,
  memoryMetrics,
  processMetrics,
  runtimeMetrics,
} from "../../src/runtime/mod.ts";
import { distributionOf, FakeClock, lint } from "../../src/testing/mod.ts";
import { linesOf } from "../contract/lines.ts";
import { fakeHost } from "./fixtures.ts";

function told(source: Source): string[] {
  const registry = createRegistry({ selfMetrics: false });
  registry.add(source);
  return linesOf(registry);
}

test("the process is told of by the names that all clients use", () => {
  const host = fakeHost({
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
  assert.deepEqual(told(processMetrics(host)), [
    "process_cpu_seconds_total 1.5",
    "process_resident_memory_bytes 100",
    "process_virtual_memory_bytes 900",
    "process_virtual_memory_max_bytes 9000",
    "process_open_fds 7",
    "process_max_fds 1024",
    "process_start_time_seconds 1000",
  ]);
  assert.deepEqual(told(memoryMetrics(host)), [
    "js_heap_size_total_bytes 50",
    "js_heap_size_used_bytes 40",
    "js_external_memory_bytes 5",
  ]);
});

test("what is unknown is absent, and never zero", () => {
  const metrics = runtimeMetrics({
    host: fakeHost(),
    parts: ["process", "memory", "garbage", "build"],
  });
  assert.deepEqual(told(metrics), []);
  const some = processMetrics(fakeHost({ cpuSeconds: () => 0 }));
  assert.deepEqual(told(some), ["process_cpu_seconds_total 0"]);
});

test("the delay of the event loop is how late a timer is", () => {
  const clock = new FakeClock();
  let tick = () => {};
  let repeating = 0;
  const delay = eventLoopDelay({
    clock,
    host: fakeHost(),
    repeat: (seconds, work) => {
      assert.equal(seconds, 0.01);
      repeating++;
      tick = work;
      return () => void repeating--;
    },
  });
  const registry = createRegistry();
  registry.add(delay);
  for (const late of [0, 0.004, 0.09]) {
    clock.advance(0.01 + late);
    tick();
  }
  clock.advance(0.005); // a timer that comes early is not late
  tick();
  const name = "js_eventloop_delay_seconds";
  const view = distributionOf(registry, name);
  assert.equal(view?.count, 4);
  assert.equal(Math.round(view.sum * 1e6) / 1e6, 0.094);
  delay[Symbol.dispose]();
  assert.equal(repeating, 0);
});

test("a resolution that is none is refused", () => {
  for (const resolution of [0, -1, NaN, 11]) {
    assert.throws(() => eventLoopDelay({ resolution }), /from 0\.001 to 10/);
  }
});

test("a block of 100 ms is told of, on this runtime", {
  timeout: 30_000,
}, async () => {
  const registry = createRegistry();
  using delay = eventLoopDelay({ host: fakeHost() });
  registry.add(delay);
  const count = () =>
    distributionOf(registry, "js_eventloop_delay_seconds")!.count;
  const ticks = async (wanted: number) => {
    const start = count();
    while (count() < start + wanted) {
      await new Promise((done) => setTimeout(done, 1));
    }
  };
  await ticks(2);
  const view = () =>
    distributionOf(registry, "js_eventloop_delay_seconds") as {
      counts: Float64Array;
      bounds: Float64Array;
    };
  const long = () => {
    const { counts, bounds } = view();
    return counts.filter((_, at) => (bounds[at - 1] ?? 0) >= 0.05)
      .reduce((sum, one) => sum + one, 0);
  };
  const before = long();
  const end = performance.now() + 100;
  while (performance.now() < end);
  await ticks(1);
  assert.ok(long() > before, "a delay of over 50 ms");
});

test("garbage is told of by kind, until it is disposed", () => {
  let tell: (kind: string, seconds: number) => void = () => {};
  let listening = true;
  const host = fakeHost({
    onGarbage: (listener) => {
      tell = listener;
      return { [Symbol.dispose]: () => void (listening = false) };
    },
  });
  const garbage = garbageMetrics(host);
  const registry = createRegistry();
  registry.add(garbage);
  tell("minor", 0.002);
  tell("minor", 0.004);
  tell("major", 0.2);
  const at = (kind: string) =>
    distributionOf(registry, "js_gc_duration_seconds", { kind });
  assert.equal(at("minor")?.count, 2);
  assert.equal(at("major")?.sum, 0.2);
  garbage[Symbol.dispose]();
  assert.equal(listening, false);
});

test("facts about the program are an info, and wrong ones are refused", () => {
  const host = fakeHost({ version: () => "1.2" });
  assert.deepEqual(told(buildInfo({ version: "7", revision: "abc" }, host)), [
    'js_version_info{version="1.2"} 1',
    'app_build_info{revision="abc",version="7"} 1',
  ]);
  assert.throws(() => buildInfo({ "bad name": "x" }, host), RangeError);
});

test("parts can be picked, and the linter passes over all of them", () => {
  using all = runtimeMetrics({ build: { version: "1" } });
  const registry = createRegistry({ selfMetrics: false });
  registry.add(all);
  assert.deepEqual(
    [...lint(registry)].filter((one) => one.level === "error"),
    [],
  );
  using some = runtimeMetrics({ parts: ["build"], build: { version: "1" } });
  assert.deepEqual(some.descs.map(({ name }) => name).slice(1), [
    "app_build_info",
  ]);
  assert.throws(
    () => runtimeMetrics({ parts: ["heap" as "memory"] }),
    /Cannot tell of "heap": give any of process/,
  );
});
