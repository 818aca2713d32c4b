/**
 * Whole scrapes of a small server, as Prometheus makes them: over a socket, with
 * gzip, after a pause in which code and caches turn cold.
 *
 * - Each library has a server process; scrapes of all libraries take turns.
 * - Wall time is from the request to the last byte. Processor time is that of
 *   all threads of the server, from the request to some milliseconds after the
 *   response, as collectors of garbage and compilers work beside it.
 * - Figures are medians. The first scrape of a process is measured apart, with
 *   fresh processes. Holds of the event loop are measured in separate scrapes,
 *   because watching takes processor time.
 *
 * Arguments select what is measured, on the runtime that runs the bench:
 * `sizes=100,1000 shares=0,100 codings=gzip,plain rounds=10 fresh=3
 * servers=barograph,rival,opentelemetry,bare rows=sizes,families,pause`. Without
 * arguments everything is measured, and `bench/results/scrape-<runtime>.json` is
 * written; `save=yes` writes it whatever is measured.
 */
import { loadavg } from "node:os";
import { argv } from "node:process";
import { median } from "./harness.ts";
import { save, setting } from "./save.ts";
import { optionsOf } from "./scrape_options.ts";
import {
  check,
  type Cost,
  ordered,
  type Server,
  sleep,
  withServers,
} from "./scrape_process.ts";
import {
  FAMILIES,
  type Figures,
  HEAD,
  linesOf,
  PAUSE,
  type Row,
  type Subject,
} from "./scrape_report.ts";
import type { LibraryName } from "./scrape_server.ts";

const options = optionsOf(argv.slice(2));

/**
 * For as many series or fewer: rounds, scrapes whose holds are measured, fresh
 * processes for first scrapes, and others for the holds of these.
 */
const TIMES = [
  { series: 100, rounds: 40, holds: 5, fresh: 5, freshHolds: 3 },
  { series: 1_000, rounds: 30, holds: 5, fresh: 5, freshHolds: 3 },
  { series: 10_000, rounds: 15, holds: 5, fresh: 5, freshHolds: 3 },
  { series: 100_000, rounds: 8, holds: 3, fresh: 3, freshHolds: 1 },
  { series: Infinity, rounds: 4, holds: 2, fresh: 3, freshHolds: 1 },
] as const;

/** Returns the numbers for a size; arguments take the place of some. */
function timesOf(size: number) {
  const usual = TIMES.find(({ series }) => size <= series)!;
  const { rounds = usual.rounds, fresh = usual.fresh } = options;
  return {
    rounds,
    holds: Math.min(usual.holds, rounds),
    fresh,
    freshHolds: Math.min(usual.freshHolds, fresh),
  };
}

/** OpenTelemetry stands beside the others for information, up to this size. */
const OTEL_SERIES = 100_000;

function serversOf({ series, families, encoding, pause }: Subject) {
  const isMain = families === FAMILIES && pause === PAUSE;
  const hasOtel = isMain && encoding === "gzip" && series <= OTEL_SERIES;
  return options.servers.filter((name) => name !== "opentelemetry" || hasOtel);
}

function pushTo<T>(
  lists: Map<LibraryName, T[]>,
  name: LibraryName,
  value: T,
): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}

/** Scrapes that make one row. */
class Tally {
  readonly #costs = new Map<LibraryName, Cost[]>();
  readonly #holds = new Map<LibraryName, number[]>();

  async scrape(server: Server): Promise<void> {
    pushTo(this.#costs, server.name, await server.scrape());
  }

  async watch(server: Server): Promise<void> {
    pushTo(this.#holds, server.name, await server.hold());
  }

  /** Returns medians by library. */
  figures(): Row["figures"] {
    return Object.fromEntries(
      [...this.#costs].map(([name, costs]): [LibraryName, Figures] => {
        const holds = this.#holds.get(name);
        return [name, {
          wall: median(costs.map(({ wall }) => wall)),
          cpu: median(costs.map(({ cpu }) => cpu)),
          hold: holds === undefined ? undefined : median(holds),
        }];
      }),
    );
  }
}

const rows: Row[] = [];

function report(row: Row): void {
  rows.push(row);
  for (const line of linesOf(row)) console.log(line);
}

/** Measures scrapes after the first one. */
async function measureLater(
  servers: readonly Server[],
  { series, pause }: Subject,
  changed: number,
): Promise<Tally> {
  const tally = new Tally();
  const { rounds, holds } = timesOf(series);
  for (let round = 0; round < rounds; round++) {
    for (const server of ordered(servers, round)) {
      await server.change(changed);
      await sleep(pause);
      await tally.scrape(server);
    }
  }
  for (let round = 0; round < holds; round++) {
    for (const server of servers) {
      await server.change(changed);
      await sleep(pause);
      await tally.watch(server);
    }
  }
  return tally;
}

/** Measures a layout in an encoding, with fresh processes for each percentage. */
async function measure(subject: Subject): Promise<void> {
  const { series, families, encoding } = subject;
  const names = serversOf(subject);
  console.log(
    `\n${series.toLocaleString("en")} counters, a tenth as many histograms, ` +
      `${families} families, ${encoding}`,
  );
  const first = new Tally();
  let processes = 0;
  const scrapeFirst = async (servers: readonly Server[]): Promise<void> => {
    for (const server of ordered(servers, processes++)) {
      await first.scrape(server);
    }
  };
  for (const changed of options.shares) {
    await withServers(names, subject, async (servers) => {
      await scrapeFirst(servers);
      const tally = await measureLater(servers, subject, changed);
      if (changed === options.shares[0]) await check(servers);
      report({ ...subject, changed, figures: tally.figures() });
    });
  }
  const { fresh, freshHolds } = timesOf(series);
  while (processes < fresh) await withServers(names, subject, scrapeFirst);
  for (let i = 0; i < freshHolds; i++) {
    await withServers(names, subject, async (servers) => {
      for (const server of servers) await first.watch(server);
    });
  }
  report({ ...subject, changed: "first", figures: first.figures() });
}

/** Scrapes as far apart as those of Prometheus. */
const SELDOM = {
  series: 1_000,
  families: FAMILIES,
  encoding: "gzip",
  pause: 15_000,
} as const;
const SELDOM_SHARES = [0, 1] as const;
const SELDOM_ROUNDS = 6;

/** Measures scrapes that are far apart; all servers wait at the same time. */
async function measureSeldom(): Promise<void> {
  const names = serversOf(SELDOM);
  const repeated = SELDOM_SHARES.flatMap(() => names);
  await withServers(repeated, SELDOM, async (servers) => {
    const groups = SELDOM_SHARES.map((changed, i) => ({
      changed,
      tally: new Tally(),
      servers: servers.slice(i * names.length, (i + 1) * names.length),
    }));
    for (const server of servers) await server.scrape();
    for (let round = 0; round < (options.rounds ?? SELDOM_ROUNDS); round++) {
      for (const { servers, changed } of groups) {
        for (const server of servers) await server.change(changed);
      }
      await sleep(SELDOM.pause);
      for (const { servers, tally } of groups) {
        for (const server of ordered(servers, round)) {
          await tally.scrape(server);
        }
      }
    }
    await check(servers);
    const seconds = SELDOM.pause / 1000;
    console.log(
      `\n${SELDOM.series.toLocaleString("en")} counters, ${seconds} s between`,
    );
    for (const { changed, tally } of groups) {
      report({ ...SELDOM, changed, figures: tally.figures() });
    }
  });
}

/** Runs the code of the client before it is part of any figure. */
async function warmUp(): Promise<void> {
  const subject: Subject = { ...SELDOM, series: 10, pause: PAUSE };
  await withServers(["bare"], subject, async (servers) => {
    for (let i = 0; i < 20; i++) {
      for (const server of servers) await server.scrape();
    }
  });
}

function load(): string {
  return `load average ${loadavg()[0]!.toFixed(1)}`;
}

/** Small families in place of two large ones. */
const SMALL: Subject = {
  series: 540,
  families: 60,
  encoding: "gzip",
  pause: PAUSE,
};

const { runtime, version, machine } = setting;
console.log(`${runtime} ${version} on ${machine}, ${load()}\n\n${HEAD}`);
await warmUp();
if (options.rows.includes("sizes")) {
  for (const series of options.sizes) {
    for (const encoding of options.codings) {
      await measure({ series, families: FAMILIES, encoding, pause: PAUSE });
    }
  }
}
if (options.rows.includes("families")) await measure(SMALL);
if (options.rows.includes("pause")) await measureSeldom();
console.log(`\n${load()}`);
if (options.save) save("scrape", { rows });
