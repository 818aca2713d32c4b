/**
 * The cost of the history behind the live page: processor time of sampling once a
 * second, the longest hold of the event loop in the first pass, and the bytes of
 * an hour.
 *
 *     deno run -A bench/dashboard_bench.ts
 *     bun bench/dashboard_bench.ts
 *
 * Each figure of processor time is the difference between two processes that
 * record the same, in real time: a tight loop flatters several times. With
 * arguments it is one of these processes: `cost 1000 sampled` or `bytes 1000`.
 */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { systemTimers, type Timers } from "../src/base/mod.ts";
import { keepHistory } from "../src/dashboard/history/history.ts";
import { createRegistry } from "../src/metrics/mod.ts";
import { FakeTimers } from "../src/testing/mod.ts";

/** Seconds before the measurement, and of it. */
const WARM = 20;
const SECONDS = 60;

/** The share of the series that record in each second. */
const ACTIVE = 0.3;

/** Series of one family. */
const FAMILY = 50;

/** Makes a registry of `size` series; returns what records in one of them. */
function worldOf(size: number, clock?: FakeTimers["clock"]) {
  const registry = createRegistry({ clock });
  const record: ((value: number) => void)[] = [];
  const add = (
    share: number,
    make: (at: number) => { with(labels: { key: string }): unknown },
    recorderOf: (series: never) => (value: number) => void,
  ) => {
    const count = Math.round(share * size);
    for (let at = 0; at < count; at++) {
      const family = make(Math.floor(at / FAMILY));
      record.push(recorderOf(family.with({ key: `${at % FAMILY}` }) as never));
    }
  };
  const common = { help: "X.", labels: ["key"] } as const;
  add(
    0.6,
    (at) => registry.counter({ name: `counter_${at}_total`, ...common }),
    (series: { inc(by: number): void }) => (value) =>
      series.inc(1 + Math.floor(3 * value)),
  );
  add(
    0.25,
    (at) => registry.gauge({ name: `gauge_${at}`, ...common }),
    (series: { set(value: number): void }) => (value) =>
      series.set(Math.floor(100 * value)),
  );
  const histogram =
    (series: { observe(value: number): void }) => (value: number) =>
      series.observe(0.01 / (1.001 - value));
  add(
    0.14,
    (at) => registry.histogram({ name: `classic_${at}_seconds`, ...common }),
    histogram,
  );
  add(
    0.01,
    (at) =>
      registry.histogram({
        name: `native_${at}_seconds`,
        native: true,
        ...common,
      }),
    histogram,
  );
  let seed = 1;
  const random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  return {
    registry,
    second(): void {
      for (const one of record) if (random() < ACTIVE) one(random());
    },
  };
}

/** Timers that measure how long their functions hold the event loop. */
function measuredTimers(note: (ms: number) => void): Timers {
  const measured = (work: () => void) => () => {
    const start = performance.now();
    work();
    note(performance.now() - start);
  };
  const { turn } = systemTimers;
  return {
    after: (seconds, work, options) =>
      systemTimers.after(seconds, measured(work), options),
    every: (seconds, work, options) =>
      systemTimers.every(seconds, measured(work), options),
    turn: turn && ((work) => turn(measured(work))),
  };
}

/** One process: records each second, with or without a history beside it. */
async function cost(size: number, mode: string): Promise<unknown> {
  const { registry, second } = worldOf(size);
  let hold = 0;
  let first: number | undefined;
  const history = mode === "plain" ? undefined : keepHistory(registry, {
    timers: measuredTimers((ms) => {
      hold = Math.max(hold, ms);
      if (history?.seq !== 0) first ??= hold;
    }),
  });
  if (mode === "sampled") history?.look();
  const timer = setInterval(second, 1000);
  const wait = (seconds: number) =>
    new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  await wait(WARM);
  const before = process.cpuUsage();
  hold = 0;
  await wait(SECONDS);
  const { user, system } = process.cpuUsage(before);
  clearInterval(timer);
  const { cost, history: state } = history?.state() ?? {};
  history?.[Symbol.dispose]();
  return {
    msPerSecond: (user + system) / 1000 / SECONDS,
    own: cost === undefined || cost === null ? null : 1000 * cost,
    first,
    hold,
    bytes: state?.bytes,
  };
}

/** Returns the bytes of an hour, by a clock that does not wait. */
function bytes(size: number): unknown {
  const timers = new FakeTimers();
  const { clock } = timers;
  const { registry, second } = worldOf(size, clock);
  using history = keepHistory(registry, { clock, timers });
  using _look = history.look();
  for (let passed = 0; passed < 3600; passed++) {
    second();
    timers.advance(1);
  }
  const { bytes, shortened } = history.state().history;
  return { bytes, shortened };
}

interface Cost {
  readonly msPerSecond: number;
  readonly own: number | null;
  readonly first: number;
  readonly hold: number;
  readonly bytes: number;
}

/** Runs this file in another process. */
function run(...args: readonly string[]): unknown {
  const file = fileURLToPath(import.meta.url);
  const isDeno = "Deno" in globalThis;
  const all = isDeno ? ["run", "-A", "--no-check", file] : [file];
  return JSON.parse(
    execFileSync(process.execPath, [...all, ...args], { encoding: "utf8" }),
  );
}

const [what, size = "", mode = ""] = process.argv.slice(2);
if (what === "cost") {
  console.log(JSON.stringify(await cost(Number(size), mode)));
  process.exit();
} else if (what === "bytes") {
  console.log(JSON.stringify(bytes(Number(size))));
} else {
  const ms = (value: number) => value.toFixed(2).padStart(7);
  for (const size of ["300", "1000", "10000"]) {
    const plain = run("cost", size, "plain") as Cost;
    const sampled = run("cost", size, "sampled") as Cost;
    const idle = run("cost", size, "idle") as Cost;
    const { bytes, shortened } = run("bytes", size) as {
      readonly bytes: number;
      readonly shortened: string;
    };
    console.log(
      `${size.padStart(6)} series: ms of processor time a second without ` +
        `${ms(plain.msPerSecond)}, looked at +` +
        `${ms(sampled.msPerSecond - plain.msPerSecond)} (own clock ` +
        `${ms(sampled.own!)}), else +` +
        `${ms(idle.msPerSecond - plain.msPerSecond)}; longest hold ` +
        `${ms(sampled.first)} ms first, ${ms(sampled.hold)} ms later; ` +
        `an hour ${(bytes / 2 ** 20).toFixed(2)} MiB ${shortened}`,
    );
  }
}
