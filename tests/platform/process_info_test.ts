/** Facts about a process: unknown ones are undefined, and nothing prompts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as bun from "../../src/platform/bun.ts";
import * as deno from "../../src/platform/deno.ts";
import * as node from "../../src/platform/node.ts";
import { BUN, withGlobals } from "./fixtures.ts";

test("processInfo() knows no facts on an unknown runtime", () => {
  const unknown = { process: undefined, PerformanceObserver: undefined };
  withGlobals(unknown, () => {
    const info = node.processInfo();
    assert.equal(info.runtime, "js");
    const facts = [
      info.version(),
      info.startTime(),
      info.cpuSeconds(),
      info.memory(),
      info.virtualMemory(),
      info.maxVirtualMemory(),
      info.openFiles(),
      info.maxFiles(),
      info.onGc(() => {}),
    ];
    assert.deepEqual(facts, Array(9).fill(undefined));
  });
});

test("processInfo() returns the name and version of each runtime", () => {
  const process = { versions: { node: "24.1.0" } };
  const globals = {
    process,
    Deno: { version: { deno: "2.9.5" } },
    Bun: BUN,
  };
  withGlobals(globals, () => {
    const found = [deno, bun, node].map(({ processInfo }) => processInfo())
      .map((info) => [info.runtime, info.version()]);
    assert.deepEqual(found, [
      ["deno", "2.9.5"],
      ["bun", BUN.version],
      ["nodejs", "24.1.0"],
    ]);
  });
});

test("processInfo() converts to seconds and bytes", () => {
  const process = {
    uptime: () => 100,
    cpuUsage: () => ({ user: 1_500_000, system: 250_000 }),
    memoryUsage: () => ({ rss: 4, heapTotal: 3, heapUsed: 2, external: 1 }),
  };
  withGlobals({ process }, () => {
    const info = node.processInfo();
    const age = Date.now() / 1000 - info.startTime()!;
    // The clock may move on between both readings.
    assert.ok(Math.abs(age - 100) < 1, `${age} seconds`);
    assert.equal(info.cpuSeconds(), 1.75);
    assert.deepEqual(info.cpu?.(), { user: 1.5, system: 0.25 });
    assert.deepEqual(info.memory(), {
      resident: 4,
      heapTotal: 3,
      heapUsed: 2,
      external: 1,
    });
  });
});

function withFiles(
  state: string | undefined,
  readFileSync: () => string,
): Record<string, unknown> {
  const module = { readFileSync, readdirSync: () => ["0", "1", "2"] };
  const permissions = { querySync: () => ({ state }) };
  return {
    process: { getBuiltinModule: () => module },
    Deno: {
      version: { deno: "1" },
      ...state !== undefined && { permissions },
    },
  };
}

test("processInfo() reads no file for which Deno would prompt", () => {
  let reads = 0;
  const read = () => {
    reads++;
    return "Max open files            1024  1 files";
  };
  const { processInfo } = deno;
  withGlobals(withFiles("prompt", read), () => {
    assert.equal(processInfo().maxFiles(), undefined);
  });
  withGlobals(withFiles("denied", read), () => {
    assert.equal(processInfo().openFiles(), undefined);
  });
  assert.equal(reads, 0);
  withGlobals(withFiles("granted", read), () => {
    assert.equal(processInfo().maxFiles(), 1024);
  });
  withGlobals(withFiles(undefined, read), () => {
    assert.equal(processInfo().openFiles(), 2);
  });
});

test("processInfo() returns undefined for a file that cannot be read", () => {
  const read = () => {
    throw new Error("requires all access");
  };
  withGlobals({ ...withFiles("granted", read), Bun: BUN }, () => {
    for (const { processInfo } of [deno, bun, node]) {
      assert.equal(processInfo().maxFiles(), undefined);
      assert.equal(processInfo().virtualMemory(), undefined);
    }
  });
});

test("ProcessInfo.onGc() reports kind and seconds, on Node only", () => {
  type Report = (list: { getEntries(): readonly object[] }) => void;
  let report: Report = () => {};
  let observing = 0;
  let types: unknown;
  class PerformanceObserver {
    constructor(listener: Report) {
      report = listener;
    }
    observe(options: { readonly entryTypes: unknown }): void {
      types = options.entryTypes;
      observing++;
    }
    disconnect(): void {
      observing--;
    }
  }
  const process = { versions: { node: "24" } };
  withGlobals({ PerformanceObserver, process: undefined }, () => {
    assert.equal(node.processInfo().onGc(() => {}), undefined);
  });
  withGlobals({ PerformanceObserver, process, Deno: {}, Bun: BUN }, () => {
    assert.equal(deno.processInfo().onGc(() => {}), undefined);
    assert.equal(bun.processInfo().onGc(() => {}), undefined);
    const seen: [string, number][] = [];
    const subscription = node.processInfo().onGc((...args) => seen.push(args));
    report({
      getEntries: () => [
        { duration: 2, detail: { kind: 1 } },
        { duration: 7, detail: { kind: 2 } },
        { duration: 50, detail: { kind: 4 } },
        { duration: 3, detail: { kind: 8 } },
        { duration: 4, detail: { kind: 16 } },
        { duration: 1 },
      ],
    });
    assert.deepEqual(seen, [
      ["minor", 0.002],
      ["minor", 0.007],
      ["major", 0.05],
      ["incremental", 0.003],
      ["weakcb", 0.004],
      ["other", 0.001],
    ]);
    assert.deepEqual([types, observing], [["gc"], 1]);
    subscription?.[Symbol.dispose]();
    assert.equal(observing, 0);
  });
});
