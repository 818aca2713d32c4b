/**
 * Costs of a fleet: publishes, scrapes, joining, memory and recording, with 1 to
 * 32 members of 10,000 series each.
 *
 * - Each member is a process. One of them is scraped, after series of all members
 *   have changed; the time of other members is no part of a figure.
 * - The others are clusters of Node whose primary asks all workers, as these
 *   clients do it: `AggregatorRegistry.clusterMetrics()`, then `gzipSync`.
 * - Scrapes are measured within the process, without a socket.
 * - Figures are the best of all rounds: the machine has fewer cores than members.
 *   Ours are `rounds` and ten more, those of clusters at most three.
 *
 * Arguments: `members=1,2,4 rounds=5 rivals=0`; `--write` writes
 * `bench/results/fleet-<runtime>.json`, and the section "Cost" of `docs/fleet.md`
 * with its plot, from the results of both runtimes. `--page` only writes these.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { argv, execPath, stderr } from "node:process";
import { fileURLToPath } from "node:url";
import { createRegistry, type Registry } from "../mod.ts";
import { Fold } from "../src/fleet/fold/fold.ts";
import { joinFleet } from "../src/fleet/mod.ts";
import { SlotReader } from "../src/fleet/slot/slot_reader.ts";
import { fleetPlatform, type SlotFiles } from "../src/platform/internal.ts";
import { systemTimers } from "../src/base/mod.ts";
import { findNode, NODE_VERSIONS } from "../tools/node.ts";
import {
  type FleetReport,
  type FleetRow,
  memberTable,
  partTable,
  type Recording,
  recordingTable,
  RIVALS,
  scrapeTable,
  type Step,
  writePage,
} from "./fleet_page.ts";
import type { Begin, Order } from "./fleet_member.ts";
import { median } from "./harness.ts";
import { Helper } from "./load_process.ts";
import { save, setting } from "./save.ts";

// Each member writes its errors there.
stderr.setMaxListeners(100);

const SERIES = 10_000;
const PERCENTAGES = [0, 1, 10, 100] as const;
const SIZES = [1, 2, 4, 8, 16, 32];
const SERVICE = "bench";

function listOf(name: string): readonly number[] | undefined {
  const text = argv.find((argument) => argument.startsWith(`${name}=`));
  return text?.slice(name.length + 1).split(",").map(Number);
}

const sizes = listOf("members") ?? SIZES;
const rounds = listOf("rounds")?.[0] ?? 5;
const rivals = listOf("rivals")?.[0] === 0 ? [] : RIVALS;
const node = findNode(24);

function best(values: readonly (number | null)[]): number | null {
  const found = values.filter((value) => value !== null);
  return found.length === 0 ? null : Math.min(...found);
}

/** The members of one fleet. */
class Members {
  readonly #dir: string;
  readonly #helpers: Helper[] = [];
  /** The bytes of the first member before it has joined. */
  #alone = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Returns the processor milliseconds that one of the last took to join. */
  async grow(count: number): Promise<number> {
    const joins: number[] = [];
    while (this.#helpers.length < count) {
      const helper = new Helper(memberCommand(this.#dir));
      const { alone, join } = await helper.line<Begin>();
      if (this.#helpers.length === 0) this.#alone = alone;
      this.#helpers.push(helper);
      joins.push(join);
    }
    return Math.min(...joins.slice(-3));
  }

  /** Changes series of all members; returns the publish of the first one. */
  async change(change: number): Promise<number> {
    const [first, ...others] = this.#helpers;
    await Promise.all(others.map((helper) => ask(helper, { change })));
    return await ask(first!, { change });
  }

  scrape(): Promise<number> {
    return ask(this.#helpers[0]!, { scrape: true });
  }

  /** Returns the bytes that the fleet takes in the first member. */
  async memory(): Promise<number> {
    return await ask(this.#helpers[0]!, { memory: true }) - this.#alone;
  }

  async stop(): Promise<void> {
    for (const helper of this.#helpers) await helper.stop();
  }
}

function ask(helper: Helper, order: Order): Promise<number> {
  return helper.ask(order);
}

function memberCommand(dir: string): readonly string[] {
  const file = fileURLToPath(new URL("fleet_member.ts", import.meta.url));
  const flags = setting.runtime === "bun"
    ? ["run"]
    : ["run", "-A", "--no-check", "--v8-flags=--expose-gc"];
  return [execPath, ...flags, file, dir];
}

function slotFiles(): SlotFiles {
  return fleetPlatform(systemTimers)!.files;
}

/** Reads and adds up all slots of a fleet, as a member does it. */
class Observer {
  readonly #fold = new Fold({ maxMembers: 64 });
  readonly #readers = new Map<number, SlotReader>();
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Returns the milliseconds of both. */
  look(): { readonly read: number; readonly fold: number } {
    const [name] = readdirSync(this.#dir);
    const directory = `${this.#dir}/${name}`;
    for (const file of readdirSync(directory)) {
      const slot = Number(/^s([0-9]+)$/.exec(file)?.[1] ?? NaN);
      if (Number.isNaN(slot) || this.#readers.has(slot)) continue;
      const reader = new SlotReader(slotFiles(), `${directory}/${file}`);
      this.#readers.set(slot, reader);
    }
    const start = performance.now();
    const changes = [...this.#readers].map(([slot, reader]) =>
      [slot, reader, reader.read()] as const
    );
    const middle = performance.now();
    for (const [slot, reader, change] of changes) {
      this.#fold.take(slot, reader, change);
    }
    this.#fold.settle();
    return { read: middle - start, fold: performance.now() - middle };
  }
}

/** A cluster with one of the other clients. */
class Cluster {
  readonly #helper: Helper;

  constructor(name: string) {
    const file = fileURLToPath(new URL("fleet_cluster.mjs", import.meta.url));
    this.#helper = new Helper([node, "--expose-gc", file, name]);
  }

  ask<T>(order: object): Promise<T> {
    return this.#helper.ask(order);
  }

  stop(): Promise<void> {
    return this.#helper.stop();
  }
}

type Ours = Omit<Step, "rivals">;
type Theirs = Pick<FleetRow, "members"> & {
  readonly scrapes: readonly (number | null)[];
  readonly memory: number;
};

/** Rounds in which code is compiled. */
const WARM_UP = 10;

interface Fleet extends Pick<FleetRow, "join" | "memory"> {
  readonly steps: readonly Ours[];
}

async function measureOurs(): Promise<Fleet[]> {
  const dir = mkdtempSync(`${tmpdir()}/fleet-bench-`);
  const members = new Members(dir);
  const observer = new Observer(dir);
  const found: Fleet[] = [];
  try {
    for (const size of sizes) {
      const join = await members.grow(size);
      await members.scrape();
      observer.look();
      const steps: Ours[] = [];
      for (const percentage of PERCENTAGES) {
        const times: Ours[] = [];
        for (let round = 0; round < rounds + WARM_UP; round++) {
          // A scrape counts itself, which is published by the next publish.
          if (percentage === 0) await members.change(0);
          const publish = await members.change(percentage);
          const scrape = await members.scrape();
          times.push({ percentage, publish, scrape, ...observer.look() });
        }
        const least = (name: keyof Ours) =>
          Math.min(...times.map((time) => time[name]));
        const step: Ours = {
          percentage,
          publish: least("publish"),
          read: least("read"),
          fold: least("fold"),
          scrape: least("scrape"),
        };
        console.log(size, step);
        steps.push(step);
      }
      found.push({ steps, join, memory: await members.memory() });
    }
  } finally {
    await members.stop();
    rmSync(dir, { recursive: true });
  }
  return found;
}

async function measureTheirs(name: string): Promise<Theirs[]> {
  const cluster = new Cluster(name);
  const found: Theirs[] = [];
  try {
    for (const members of sizes) {
      await cluster.ask({ grow: members });
      for (let i = 0; members === sizes[0] && i < WARM_UP; i++) {
        await cluster.ask({ scrape: true });
      }
      const scrapes: (number | null)[] = [];
      for (const change of PERCENTAGES) {
        const times: (number | null)[] = [];
        for (let round = 0; round < Math.min(rounds, 3); round++) {
          await cluster.ask({ change });
          times.push(await cluster.ask({ scrape: true }));
          if (times.at(-1) === null) break;
        }
        scrapes.push(best(times));
      }
      console.log(name, members, scrapes);
      const memory = await cluster.ask<number>({ memory: true });
      found.push({ members, scrapes, memory });
    }
  } finally {
    await cluster.stop();
  }
  return found;
}

const CALLS = 200_000;
const CALL_ROUNDS = 101;

/**
 * Returns the nanoseconds of calls without and with a fleet: medians of rounds.
 * Both take turns in going first.
 */
async function measureRecording(): Promise<Recording[]> {
  const dir = mkdtempSync(`${tmpdir()}/fleet-bench-`);
  const callsOf = (registry: Registry) => {
    const counter = registry.counter({
      name: "c_total",
      help: "Of the bench.",
    });
    const histogram = registry.histogram({ name: "h", help: "Of the bench." });
    return [
      ["`inc()`", () => counter.inc()],
      ["`observe()`, 11 buckets", (i: number) => histogram.observe(i % 10)],
    ] as const;
  };
  const [own, joined] = [createRegistry(), createRegistry()];
  const [alone, member] = [callsOf(own), callsOf(joined)];
  const fleet = await joinFleet(joined, { service: SERVICE, dir });
  if (fleet.member === undefined) throw new Error("Cannot join");
  const timeOf = (call: (i: number) => void): number => {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) call(i);
    return (performance.now() - start) * 1e6 / CALLS;
  };
  const found: Recording[] = [];
  for (const [i, [call, without]] of alone.entries()) {
    const within = member[i]![1];
    const times: { readonly alone: number; readonly member: number }[] = [];
    for (let round = 0; round < WARM_UP + CALL_ROUNDS; round++) {
      if (round % 2 === 0) {
        times.push({ alone: timeOf(without), member: timeOf(within) });
      } else {
        const member = timeOf(within);
        times.push({ alone: timeOf(without), member });
      }
      await new Promise((resolve) => setTimeout(resolve, 20)); // ticks
    }
    const warm = times.slice(WARM_UP);
    found.push({
      call,
      alone: median(warm.map(({ alone }) => alone)),
      member: median(warm.map(({ member }) => member)),
      ratio: median(warm.map(({ alone, member }) => member / alone)),
    });
  }
  fleet.leave();
  rmSync(dir, { recursive: true });
  return found;
}

async function measure(): Promise<FleetReport> {
  const recording = await measureRecording();
  console.log(recordingTable([{ ...setting, recording }]));
  const ours = await measureOurs();
  const theirs: Theirs[][] = [];
  for (const name of rivals) theirs.push(await measureTheirs(name));
  const rows = sizes.map((members, at): FleetRow => ({
    members,
    steps: ours[at]!.steps.map((step, i) => ({
      ...step,
      rivals: theirs.map((rows) => rows[at]!.scrapes[i]!),
    })),
    join: ours[at]!.join,
    memory: ours[at]!.memory,
    primaries: theirs.map((rows) => rows[at]!.memory),
  }));
  return {
    ...setting,
    node: NODE_VERSIONS[24],
    series: SERIES,
    rows,
    recording,
  };
}

if (argv.includes("--page")) await writePage();
else {
  const report = await measure();
  console.log(`${scrapeTable([report])}\n\n${partTable([report])}\n`);
  console.log(memberTable([report]));
  if (argv.includes("--write")) {
    save("fleet", report);
    await writePage();
  }
}
