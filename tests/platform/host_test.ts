/** Questions about a process: what cannot be told is absent, and nobody is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HostGlobal, hostOf } from "../../src/platform/internal.ts";

test("a runtime that says nothing of itself is asked in vain", () => {
  const host = hostOf({});
  assert.equal(host.runtime, "js");
  const answers = [
    host.version(),
    host.startTime(),
    host.cpuSeconds(),
    host.memory(),
    host.virtualMemory(),
    host.maxVirtualMemory(),
    host.openFiles(),
    host.maxFiles(),
    host.onGarbage(() => {}),
  ];
  assert.deepEqual(answers, Array(9).fill(undefined));
});

function withFiles(state: string | undefined, read: () => string): HostGlobal {
  const permissions = { querySync: () => ({ state: state! }) };
  return {
    process: {
      getBuiltinModule: () => ({
        readFileSync: read,
        readdirSync: () => ["0", "1", "2"],
      }),
    },
    ...state !== undefined && {
      Deno: { version: { deno: "1" }, permissions },
    },
  };
}

test("files are not touched where permission would have to be asked for", () => {
  let touched = 0;
  const read = () => {
    touched++;
    return "Max open files            1024  1 files";
  };
  assert.equal(hostOf(withFiles("prompt", read)).maxFiles(), undefined);
  assert.equal(hostOf(withFiles("denied", read)).openFiles(), undefined);
  assert.equal(touched, 0);
  assert.equal(hostOf(withFiles("granted", read)).maxFiles(), 1024);
  assert.equal(hostOf(withFiles(undefined, read)).openFiles(), 2);
});

test("a permission that was granted and does not hold is as good as none", () => {
  const host = hostOf(withFiles("granted", () => {
    throw new Error("requires all access");
  }));
  assert.equal(host.maxFiles(), undefined);
  assert.equal(host.virtualMemory(), undefined);
});

test("garbage is told of by Node alone, in seconds and by kind", () => {
  let told: (list: { getEntries(): readonly object[] }) => void = () => {};
  let observing = 0;
  class PerformanceObserver {
    constructor(listener: typeof told) {
      told = listener;
    }
    observe(): void {
      observing++;
    }
    disconnect(): void {
      observing--;
    }
  }
  const global = { PerformanceObserver } as unknown as HostGlobal;
  const node = { ...global, process: { versions: { node: "20" } } };
  assert.equal(hostOf(global).onGarbage(() => {}), undefined);
  const seen: [string, number][] = [];
  const listening = hostOf(node).onGarbage((...one) => seen.push(one));
  told({
    getEntries: () => [
      { duration: 2, detail: { kind: 1 } },
      { duration: 50, detail: { kind: 4 } },
      { duration: 1 },
    ],
  });
  assert.deepEqual(seen, [["minor", 0.002], ["major", 0.05], ["other", 0.001]]);
  assert.equal(observing, 1);
  listening?.[Symbol.dispose]();
  assert.equal(observing, 0);
});
