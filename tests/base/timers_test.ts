/** The timers of the runtime, mostly without waiting for them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemTimers } from "../../src/base/mod.ts";

const timeout = 30_000;
const { after, every, turn } = systemTimers;

/** A call of `setTimeout` or `setInterval`. */
interface Call {
  readonly name: string;
  readonly ms: number | undefined;
  /** Whether the timer keeps the process alive. */
  isHolding: boolean;
  isCleared: boolean;
}

/** Runs `work` and returns the calls that it makes, none of which fires. */
function callsOf(work: () => void): Call[] {
  const calls: Call[] = [];
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const set = (name: string) => (_work: unknown, ms?: number) => {
    const call: Call = { name, ms, isHolding: true, isCleared: false };
    calls.push(call);
    return { call, unref: () => call.isHolding = false };
  };
  const clear = (name: string) => (timer: { readonly call: Call }) => {
    assert.equal(timer.call.name, name);
    timer.call.isCleared = true;
  };
  Object.assign(globalThis, {
    setTimeout: set("timeout"),
    setInterval: set("interval"),
    clearTimeout: clear("timeout"),
    clearInterval: clear("interval"),
  });
  try {
    work();
  } finally {
    Object.assign(globalThis, {
      setTimeout,
      setInterval,
      clearTimeout,
      clearInterval,
    });
  }
  return calls;
}

test("systemTimers converts seconds, and keeps the process alive only with holds", () => {
  const work = () => {};
  const calls = callsOf(() => {
    after(1.5, work);
    after(2, work, { holds: false });
    after(2, work, { holds: true });
    every(0.25, work);
    every(3, work, { holds: true });
  });
  assert.deepEqual(
    calls.map(({ name, ms, isHolding }) => [name, ms, isHolding]),
    [
      ["timeout", 1500, false],
      ["timeout", 2000, false],
      ["timeout", 2000, true],
      ["interval", 250, false],
      ["interval", 3000, true],
    ],
  );
});

test("systemTimers fires illegal times immediately and caps long times", () => {
  const times = [0, -1, NaN, -Infinity, 999_999, 1e6, 1e9, Infinity];
  const calls = callsOf(() => times.forEach((time) => after(time, () => {})));
  assert.deepEqual(calls.map(({ ms }) => ms), [
    0,
    0,
    0,
    0,
    999_999_000,
    1e9,
    1e9,
    1e9,
  ]);
  assert.ok(1e9 < 2 ** 31, "runtimes fire longer timers immediately");
});

test("systemTimers returns a Cancel that can be called twice", () => {
  const calls = callsOf(() => {
    for (const cancel of [after(1, () => {}), every(1, () => {})]) {
      cancel();
      cancel();
    }
  });
  assert.deepEqual(calls.map(({ isCleared }) => isCleared), [true, true]);
});

test("systemTimers accepts timers that are numbers, as in browsers", () => {
  const { setTimeout } = globalThis;
  try {
    Object.assign(globalThis, { setTimeout: () => 7 });
    after(1, () => {});
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
});

test("systemTimers.after() runs once and systemTimers.every() repeats", {
  timeout,
}, async () => {
  const log: string[] = [];
  await new Promise<void>((resolve) => {
    after(0, () => void log.push("after"), { holds: true });
    const cancel = every(0.002, () => {
      log.push("every");
      if (log.length < 5) return;
      cancel();
      resolve();
    }, { holds: true });
  });
  assert.equal(log.filter((name) => name === "after").length, 1);
  assert.equal(log.length, 5);
});

test("systemTimers.turn() runs once, in a later turn, and holds the process", {
  timeout,
}, async () => {
  const log: string[] = [];
  await new Promise<void>((resolve) => {
    turn!(() => {
      log.push("first");
      turn!(() => {
        log.push("second");
        resolve();
      });
      void Promise.resolve().then(() => log.push("microtask"));
    });
    log.push("begin");
  });
  assert.deepEqual(log, ["begin", "first", "microtask", "second"]);
});

test("systemTimers lets the process end before a timer without holds", {
  timeout,
}, () => {
  const url = new URL("../../src/base/mod.ts", import.meta.url);
  const code = `
    import { systemTimers } from ${JSON.stringify(fileURLToPath(url))};
    systemTimers.after(600, () => console.log("late"));
    systemTimers.every(600, () => console.log("late"));
    systemTimers.after(0.3, () => console.log("held"), { holds: true });
    let turns = 0;
    const turn = () => {
      if (++turns === 100) console.log("turns");
      else systemTimers.turn(turn);
    };
    turn();
  `;
  const args = "Deno" in globalThis ? ["eval", code] : ["-e", code];
  const { status, stdout, signal } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: 120_000,
  });
  assert.deepEqual([signal, status, stdout.trim()], [null, 0, "turns\nheld"]);
});
