/** A server process of the bench of whole scrapes, with what is measured on it. */
import { commandOf, Helper } from "./load_process.ts";
import { setting } from "./save.ts";
import {
  type Encoding,
  ranBetween,
  samplesOf,
  ScrapeClient,
  threadsOf,
} from "./scrape_client.ts";
import { FAMILIES, type Figures, type Subject } from "./scrape_report.ts";
import type { Layout, LibraryName, Order } from "./scrape_server.ts";

/** Milliseconds for threads that work on after a response. */
const AFTERWARDS = 20;

export function sleep(ms: number): Promise<void> {
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

export type Cost = Pick<Figures, "wall" | "cpu">;

/** Waits until a process has nothing left to do. */
export async function untilQuiet(pid: number): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const before = threadsOf(pid);
    await sleep(100);
    if (ranBetween(before, threadsOf(pid)) < 2) return;
  }
}

/** Scrapes a process, and measures the scrape. */
export async function costOf(
  pid: number,
  client: ScrapeClient,
  encoding: Encoding,
): Promise<Cost> {
  const before = threadsOf(pid);
  const { wall, head } = await client.scrape(encoding);
  await sleep(AFTERWARDS);
  const cpu = ranBetween(before, threadsOf(pid));
  const isGzip = /^content-encoding: gzip$/im.test(head);
  const isRight = isGzip === (encoding === "gzip");
  if (!head.startsWith("HTTP/1.1 200") || !isRight) throw new Error(head);
  return { wall, cpu };
}

/** A server process with metrics of one library. */
export class Server {
  readonly name: LibraryName;
  readonly #helper: Helper;
  readonly #encoding: Encoding;
  #client = new ScrapeClient(0);
  #port = 0;

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
    await untilQuiet(this.#helper.pid);
  }

  change(percentage: number): Promise<unknown> {
    return this.#ask({ change: percentage });
  }

  scrape(): Promise<Cost> {
    return costOf(this.#helper.pid, this.#client, this.#encoding);
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
export async function withServers(
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
export function ordered<S>(servers: readonly S[], round: number): S[] {
  return round % 2 === 0 ? [...servers] : [...servers].reverse();
}

/** Throws unless all bodies have the same number of samples. */
export async function check(servers: readonly Server[]): Promise<void> {
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
