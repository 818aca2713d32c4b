/** The signals of Node: heap spaces, delays of the event loop, active objects. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessInfo } from "../../src/platform/mod.ts";
import * as node from "../../src/platform/node.ts";
import { withGlobals } from "./fixtures.ts";

/** Returns the facts that Node reports with these members of `process`. */
function factsWith(process: object, modules: object = {}): ProcessInfo {
  let facts: ProcessInfo | undefined;
  const getBuiltinModule = (name: string) =>
    (modules as Record<string, unknown>)[name];
  withGlobals(
    { process: { versions: { node: "24.1.0" }, getBuiltinModule, ...process } },
    () => void (facts = node.processInfo()),
  );
  return facts!;
}

test("heapSpaces() returns sizes by space, without the ending of names", () => {
  const v8 = {
    getHeapSpaceStatistics: () => [{
      space_name: "new_large_object_space",
      space_size: 30,
      space_used_size: 20,
      space_available_size: 10,
      physical_space_size: 5,
    }],
  };
  assert.deepEqual(factsWith({}, { "node:v8": v8 }).heapSpaces?.(), [
    {
      name: "new_large_object",
      total: 30,
      used: 20,
      available: 10,
      physical: 5,
    },
  ]);
});

test("active() counts resources, handles and requests by type", () => {
  class Socket {}
  const facts = factsWith({
    getActiveResourcesInfo: () => ["Timeout", "TCPSocketWrap", "Timeout"],
    _getActiveHandles: () => [new Socket(), new Socket(), new (class {})()],
    _getActiveRequests: () => [null, Object.create(null), { constructor: 1 }],
  });
  assert.deepEqual(
    (["resources", "handles", "requests"] as const).map((kind) => [
      ...facts.active!(kind)!,
    ]),
    [
      [["Timeout", 2], ["TCPSocketWrap", 1]],
      [["Socket", 2], ["unknown", 1]],
      [["unknown", 3]],
    ],
  );
});

test("monitorDelays() takes seconds since the last call, and ends", () => {
  const log: string[] = [];
  const delays = {
    count: 0,
    min: 9e18,
    max: 0,
    mean: NaN,
    stddev: NaN,
    percentile: (percent: number) => percent * 1e6,
    enable: () => void log.push("enable"),
    disable: () => void log.push("disable"),
    reset: () => void log.push("reset"),
  };
  const monitorEventLoopDelay = (options: object) => {
    log.push(JSON.stringify(options));
    return delays;
  };
  const facts = factsWith({}, { "node:perf_hooks": { monitorEventLoopDelay } });
  const monitor = facts.monitorDelays!(0.01)!;
  assert.equal(monitor.take(), undefined, "nothing was measured yet");
  const measured = { count: 3, min: 1e7, max: 3e7, mean: 2e7, stddev: 5e6 };
  Object.assign(delays, measured);
  assert.deepEqual(monitor.take(), {
    min: 0.01,
    max: 0.03,
    mean: 0.02,
    stddev: 0.005,
    p50: 0.05,
    p90: 0.09,
    p99: 0.099,
  });
  monitor[Symbol.dispose]();
  assert.deepEqual(log, ['{"resolution":10}', "enable", "reset", "disable"]);
});

test("what a version of Node lacks is undefined", () => {
  const facts = factsWith({});
  assert.equal(facts.heapSpaces?.(), undefined);
  assert.equal(facts.monitorDelays?.(0.01), undefined);
  assert.equal(facts.active?.("handles"), undefined);
});
