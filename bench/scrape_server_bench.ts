/**
 * Whole scrapes of a small server, as Prometheus makes them: over a socket, with
 * gzip, after a pause, in which code and caches turn cold.
 *
 * - Each library has a server process; scrapes of all libraries take turns.
 * - Wall time is from the request to the last byte. Processor time is that of
 *   all threads of the server, from the request to some milliseconds after the
 *   response, as collectors of garbage and compilers work beside it.
 * - Figures are medians. The first scrape of a process is measured apart, with
 *   fresh processes. Holds of the event loop are measured in scrapes of their
 *   own, because watching takes processor time.
 *
 * Arguments select what is measured, on the runtime that runs the bench:
 * `sizes=100,1000 changed=0,100 encodings=gzip rounds=10 fresh=3
 * libraries=barograph,rival rows=sizes,families,pause`. Without arguments
 * everything is measured, and `bench/results/scrape-<runtime>.json` is written;
 * `save=yes` writes it whatever is measured.
 */
import { argv, stderr } from "node:process";
import { median } from "./harness.ts";
import { commandOf, Helper } from "./load_process.ts";
import { save, setting } from "./save.ts";
import {
  type Encoding,
  ranBetween,
  samplesOf,
  ScrapeClient,
  threadsOf,
} from "./scrape_client.ts";
import {
  FAMILIES,
  type Figures,
  HEAD,
  linesOf,
  PAUSE,
  type Row,
  type Subject,
} from "./scrape_report.ts";
import type { Layout, LibraryName, Order } from "./scrape_server.ts";

const options = new Map(
  argv.slice(2).map((argument) => argument.split("=") as [string, string]),
);

function listed<T extends string>(name: string, all: readonly T[]): T[] {
  return options.get(name)?.split(",") as T[] | undefined ?? [...all];
}

const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000];
const sizes = listed("sizes", SIZES.map(String)).map(Number);
const shares = listed("changed", ["0", "1", "100"]).map(Number);
const encodings = listed<Encoding>("encodings", ["gzip", "plain"]);
const libraries = listed<LibraryName>("libraries", [
  "barograph",
  "rival",
  ...options.size === 0 ? ["opentelemetry"] as const : [],
]);
const kinds = listed("rows", [
  "sizes",
  ...options.size === 0 ? ["families", "pause"] : [],
]);

/** OpenTelemetry stands beside up to so many series, in the plain layout. */
const OTEL_SERIES = 100_000;

/** Rounds by size; the last entry is for all larger ones. */
const ROUNDS: readonly (readonly [series: number, rounds: number])[] = [
  [100, 40],
  [1_000, 30],
  [10_000, 15],
  [100_000, 8],
  [Infinity, 4],
];

function roundsOf(series: number): number {
  const [, rounds = 0] = ROUNDS.find(([size]) => series <= size) ?? [];
  return Number(options.get("rounds") ?? rounds);
}

/** Scrapes in which holds are measured. */
const HOLDS = 3;

/** Fresh processes for the first scrape. */
function freshOf(series: number): number {
  return Number(options.get("fresh") ?? (series <= 10_000 ? 5 : 3));
}

/** Milliseconds for threads that work on after a response. */
const AFTERWARDS = 20;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function layoutOf({ series, families }: Subject): Layout {
  const histograms = families === FAMILIES ? 1 : families / 10;
  const counters = families - histograms;
  return {
    counters: { count: counters, each: series / counters },
    histograms: { count: histograms, each: series / 10 / histograms },
  };
}

type Cost = Pick<Figures, "wall" | "cpu">;

/** A server process with metrics of one library. */
class Server {
  readonly name: LibraryName;
  readonly #helper: Helper;
  readonly #encoding: Encoding;
  #client = new ScrapeClient(0);
  #port = 0;
  readonly costs: Cost[] = [];
  readonly holds: number[] = [];

  constructor(name: LibraryName, subject: Subject) {
    this.name = name;
    this.#encoding = subject.encoding;
    const layout = JSON.stringify(layoutOf(subject));
    const { runtime } = setting;
    this.#helper = new Helper(
      commandOf(runtime, undefined, "scrape_server.ts", name, layout),
    );
  }

  /** Waits until the process serves and has nothing left to do. */
  async start(): Promise<void> {
    this.#port = await this.#helper.line<number>();
    this.#client = new ScrapeClient(this.#port);
    for (let tries = 0; tries < 50; tries++) {
      const before = threadsOf(this.#helper.pid);
      await sleep(100);
      if (ranBetween(before, threadsOf(this.#helper.pid)) < 2) return;
    }
  }

  change(percentage: number): Promise<unknown> {
    return this.#ask({ change: percentage });
  }

  async scrape(): Promise<Cost> {
    const before = threadsOf(this.#helper.pid);
    const { wall, head } = await this.#client.scrape(this.#encoding);
    await sleep(AFTERWARDS);
    const cpu = ranBetween(before, threadsOf(this.#helper.pid));
    const isGzip = /^content-encoding: gzip$/im.test(head);
    const isRight = isGzip === (this.#encoding === "gzip");
    if (!head.startsWith("HTTP/1.1 200") || !isRight) throw new Error(head);
    return { wall, cpu };
  }

  /** Returns the longest hold of the event loop during a scrape. */
  async hold(): Promise<number> {
    await this.#ask({ watch: true });
    await this.#client.scrape(this.#encoding);
    return await this.#ask({ watch: false });
  }

  samples(): Promise<number> {
    return samplesOf(this.#port, this.#encoding);
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.#helper.stop();
  }

  #ask<T>(order: Order): Promise<T> {
    return this.#helper.ask(order);
  }
}

/** Runs `work` with fresh servers of `names`. */
async function withServers(
  names: readonly LibraryName[],
  subject: Subject,
  work: (servers: readonly Server[]) => Promise<void>,
): Promise<void> {
  const servers: Server[] = [];
  try {
    for (const name of names) {
      const server = new Server(name, subject);
      servers.push(server);
      await server.start();
    }
    await work(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Returns the servers in the order of a round: each one begins half of them. */
function ordered(servers: readonly Server[], round: number): Server[] {
  return round % 2 === 0 ? [...servers] : [...servers].reverse();
}

/** Throws unless all bodies have the same number of samples. */
async function check(servers: readonly Server[]): Promise<void> {
  const found: string[] = [];
  const numbers = new Set<number>();
  for (const server of servers) {
    if (server.name === "bare") continue;
    const samples = await server.samples();
    numbers.add(samples);
    found.push(`${server.name} ${samples}`);
  }
  if (numbers.size <= 1) return;
  throw new Error(`Cannot compare: samples differ: ${found.join(", ")}`);
}

/** Costs of first scrapes, by library. */
class Firsts {
  readonly #costs = new Map<LibraryName, Cost[]>();
  readonly #holds = new Map<LibraryName, number>();
  processes = 0;

  async take(servers: readonly Server[]): Promise<void> {
    for (const server of ordered(servers, this.processes)) {
      const costs = this.#costs.get(server.name) ?? [];
      this.#costs.set(server.name, costs);
      costs.push(await server.scrape());
    }
    this.processes++;
  }

  async watch(servers: readonly Server[]): Promise<void> {
    for (const server of servers) {
      this.#holds.set(server.name, await server.hold());
    }
  }

  figures(): Row["figures"] {
    return Object.fromEntries(
      [...this.#costs].map(([name, costs]) => [
        name,
        figuresOf(costs, this.#holds.get(name)),
      ]),
    );
  }
}

function figuresOf(costs: readonly Cost[], hold: number | undefined): Figures {
  return {
    wall: median(costs.map(({ wall }) => wall)),
    cpu: median(costs.map(({ cpu }) => cpu)),
    hold,
  };
}

/** Measures scrapes after the first one. */
async function later(
  servers: readonly Server[],
  { pause }: Subject,
  changed: number,
  rounds: number,
): Promise<Row["figures"]> {
  for (let round = 0; round < rounds; round++) {
    for (const server of ordered(servers, round)) {
      await server.change(changed);
      await sleep(pause);
      server.costs.push(await server.scrape());
    }
  }
  for (let round = 0; round < HOLDS; round++) {
    for (const server of servers) {
      await server.change(changed);
      await sleep(PAUSE);
      server.holds.push(await server.hold());
    }
  }
  return Object.fromEntries(
    servers.map(({ name, costs, holds }) => [
      name,
      figuresOf(costs, median(holds)),
    ]),
  );
}

const rows: Row[] = [];

function report(row: Row): void {
  rows.push(row);
  for (const line of linesOf(row)) console.log(line);
}

/** Measures one layout and encoding, with fresh processes for each share. */
async function measure(
  subject: Subject,
  names: readonly LibraryName[],
): Promise<void> {
  const { series, families } = subject;
  const firsts = new Firsts();
  const found: Row[] = [];
  for (const changed of shares) {
    await withServers(names, subject, async (servers) => {
      await firsts.take(servers);
      const figures = await later(servers, subject, changed, roundsOf(series));
      await check(servers);
      found.push({ ...subject, changed, figures });
    });
  }
  while (firsts.processes < freshOf(series)) {
    await withServers(names, subject, (servers) => firsts.take(servers));
  }
  await withServers(names, subject, (servers) => firsts.watch(servers));
  const size = series.toLocaleString("en");
  console.log(
    `\n${size} counters, a tenth as many histograms, ` +
      `${families} families, ${subject.encoding}`,
  );
  report({ ...subject, changed: "first", figures: firsts.figures() });
  for (const row of found) report(row);
}

/** Series, percentages, rounds and milliseconds of the rows with long pauses. */
const LONG_PAUSES = {
  series: 1_000,
  shares: [0, 1],
  rounds: 6,
  pause: 15_000,
} as const;

/** Measures scrapes as far apart as those of Prometheus, all servers at once. */
async function measurePauses(names: readonly LibraryName[]): Promise<void> {
  const { series, shares, pause } = LONG_PAUSES;
  const rounds = Number(options.get("rounds") ?? LONG_PAUSES.rounds);
  const subject: Subject = {
    series,
    families: FAMILIES,
    encoding: "gzip",
    pause,
  };
  const repeated = shares.flatMap(() => names);
  await withServers(repeated, subject, async (servers) => {
    const changedOf = (server: Server): number =>
      shares[Math.floor(servers.indexOf(server) / names.length)]!;
    for (const server of servers) await server.scrape();
    for (let round = 0; round < rounds; round++) {
      for (const server of servers) await server.change(changedOf(server));
      await sleep(pause);
      for (const server of ordered(servers, round)) {
        server.costs.push(await server.scrape());
      }
    }
    await check(servers);
    console.log(`\n${series.toLocaleString("en")} counters, seldom scraped`);
    for (const changed of shares) {
      const figures = servers
        .filter((server) => changedOf(server) === changed)
        .map(({ name, costs }) => [name, figuresOf(costs, undefined)]);
      report({ ...subject, changed, figures: Object.fromEntries(figures) });
    }
  });
}

/** Runs the code of the client before it is part of any figure. */
async function warmUp(): Promise<void> {
  const subject = {
    series: 10,
    families: FAMILIES,
    encoding: "gzip",
    pause: 0,
  } as const;
  await withServers(["bare"], subject, async (servers) => {
    for (let i = 0; i < 20; i++) {
      for (const each of servers) await each.scrape();
    }
  });
}

/** Small families in place of two large ones. */
const SMALL = { series: 540, families: 60 } as const;

const { runtime, version, machine } = setting;
console.log(`${runtime} ${version} on ${machine}\n\n${HEAD}`);
await warmUp();
if (kinds.includes("sizes")) {
  for (const series of sizes) {
    for (const encoding of encodings) {
      const names = libraries.filter((name) =>
        name !== "opentelemetry" ||
        (series <= OTEL_SERIES && encoding === "gzip")
      );
      await measure(
        { series, families: FAMILIES, encoding, pause: PAUSE },
        names,
      );
    }
  }
}
const two = libraries.filter((name) => name !== "opentelemetry");
if (kinds.includes("families")) {
  await measure({ ...SMALL, encoding: "gzip", pause: PAUSE }, two);
}
if (kinds.includes("pause")) await measurePauses(two);
if (options.size === 0 || options.get("save") === "yes") {
  save("scrape", { rows });
} else {
  stderr.write("\nNothing is saved: run without arguments, or with save=yes\n");
}
