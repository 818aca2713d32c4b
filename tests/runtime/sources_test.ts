/** Runtime metrics: known facts are exposed, unknown ones are left out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import type { Timers } from "../../src/base/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import {
  buildInfo,
  eventLoopDelay,
  gcMetrics,
  memoryMetrics,
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

test("eventLoopDelay() measures how late a timer runs", () => {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  const delay = eventLoopDelay({ clock, timers, processInfo: fakeProcess() });
  const registry = createRegistry();
  registry.add(delay);
  assert.deepEqual([timers.pending, timers.holding], [1, 0]);
  for (const late of [0, 0.004, 0.09]) {
    clock.advance(0.01 + late); // the loop is blocked
    timers.advance(0);
  }
  const view = distributionOf(registry, "js_eventloop_delay_seconds");
  assert.equal(view?.count, 3);
  assert.equal(Math.round(view.sum * 1e6) / 1e6, 0.094);
  delay[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});

test("eventLoopDelay() counts a timer that runs early as on time", () => {
  let run = () => {};
  const timers: Timers = {
    after: () => assert.fail("a repeating timer is expected"),
    every(seconds, work) {
      assert.equal(seconds, 0.5);
      run = work;
      return () => {};
    },
  };
  const clock = new FakeClock();
  const registry = createRegistry();
  registry.add(eventLoopDelay({
    resolution: 0.5,
    clock,
    timers,
    processInfo: fakeProcess(),
  }));
  clock.advance(0.4);
  run();
  const view = distributionOf(registry, "js_eventloop_delay_seconds");
  assert.deepEqual([view?.count, view?.sum], [1, 0]);
});

test("eventLoopDelay() refuses wrong and misspelt options", () => {
  for (const resolution of [0, -1, NaN, 11, 0.0009]) {
    assert.throws(() => eventLoopDelay({ resolution }), {
      name: "RangeError",
      message: `Cannot measure the event loop: resolution is ${resolution}; ` +
        "give a number from 0.001 to 10, such as 0.01",
    });
  }
  assert.throws(() => eventLoopDelay({ repeat: () => {} } as never), {
    name: "TypeError",
    message: 'Cannot measure the event loop: there is no option "repeat"; ' +
      "give any of resolution, clock, timers, processInfo",
  });
  const timers = new FakeTimers();
  for (const resolution of [0.001, 10]) eventLoopDelay({ resolution, timers });
  assert.equal(timers.pending, 2);
});

test("eventLoopDelay() measures a loop that is blocked for 100 ms", {
  timeout: 30_000,
}, async () => {
  const registry = createRegistry();
  using delay = eventLoopDelay({ processInfo: fakeProcess() });
  registry.add(delay);
  const count = () =>
    distributionOf(registry, "js_eventloop_delay_seconds")!.count;
  const ticks = async (number: number) => {
    const start = count();
    while (count() < start + number) {
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
      .reduce((sum, count) => sum + count, 0);
  };
  const before = long();
  const end = performance.now() + 100;
  while (performance.now() < end);
  await ticks(1);
  assert.ok(long() > before, "a delay of over 50 ms");
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

test("runtimeMetrics() refuses unknown parts and misspelt options", () => {
  assert.throws(() => runtimeMetrics({ parts: ["heap" as "memory"] }), {
    name: "TypeError",
    message: 'Cannot expose runtime metrics: parts is ["heap"]; give a list ' +
      "of any of process, memory, eventLoop, gc, build",
  });
  assert.throws(() => runtimeMetrics({ part: ["gc"] } as never), {
    name: "TypeError",
    message: 'Cannot expose runtime metrics: there is no option "part"; give ' +
      "any of parts, build, eventLoop, processInfo",
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
