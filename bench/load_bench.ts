/**
 * The effect of metrics on request latencies of a busy server: 5 000 requests
 * per second, 500 000 series, one scrape per second. The first argument is the
 * runtime, `deno` or `bun`.
 *
 * - The server has one core; the load generator and the scraper share the other.
 *   Without `taskset` all of them share all cores, and the table says so.
 * - Servers run one after the other, each under load from start to end: an idle
 *   server returns memory, and then collects garbage often for a while. A
 *   figure is the median of its rounds.
 * - The first scrape, which writes everything, is in a separate round with
 *   separate figures. Two warm-up rounds follow.
 * - The run fails if an exposition does not have 500 000 samples or does not count
 *   every request.
 *
 * Takes about eight minutes. `rounds=`, `seconds=` and `modes=` (names with
 * commas between them) shorten a run, which then writes no results.
 */
import { cpus } from "node:os";
import { argv, cpuUsage, exit, stderr } from "node:process";
import { median } from "./harness.ts";
import type { Offer, Offered } from "./load_generator.ts";
import { type Mode, MODES, ON_DEMAND } from "./load_modes.ts";
import { commandOf, Helper, pins, yielding } from "./load_process.ts";
import { lineOf, resultsOf, type Round, tableOf } from "./load_report.ts";
import { setting, write } from "./save.ts";
import type { Checked, Scraped, ScrapeOrder } from "./load_scraper.ts";

const RATE = 5000;
/** Duration of the first round and of a warm-up round. */
const FIRST_SECONDS = 10;
/** Number of warm-up rounds: one is not enough to compile all hot code. */
const WARM_UP_ROUNDS = 2;
const CONNECTIONS = 64;
const SERIES = 500_000;
/** The counter family to check, and its sum before the first request. */
const FAMILY = "load_requests_total";
const FAMILY_FROM = 100_003;

const settings = new Map(
  argv.slice(3).map((arg) => {
    const at = arg.indexOf("=");
    return [arg.slice(0, at), arg.slice(at + 1)] as const;
  }),
);
const runtime = argv[2] === "bun" ? "bun" : "deno";
const rounds = Number(settings.get("rounds") ?? 5);
const seconds = Number(settings.get("seconds") ?? 10);
const selected = settings.get("modes")?.split(",");
const modes = MODES.filter(({ name }) =>
  selected?.includes(name) ?? !ON_DEMAND.includes(name)
);

interface Running {
  readonly mode: Mode;
  readonly helper: Helper;
  readonly port: number;
  requests: number;
  first: Round | undefined;
  readonly rounds: Round[];
}

/** Resources that a server has used. */
interface Used {
  readonly seconds: number;
  readonly rss: number;
}

const generator = new Helper(commandOf("deno", 1, "load_generator.ts"));
const scraper = new Helper(
  yielding(commandOf("deno", 1, "load_scraper.ts")),
);

/** Returns the busy seconds of all processors of the machine. */
function machineSeconds(): number {
  let busy = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
  }
  return busy / 1000;
}

/** Share of a core that other processes may use before a server starts. */
const QUIET = 0.1;

/** Waits until the machine is idle, for at most ten seconds. */
async function untilIdle(): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const before = machineSeconds();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (machineSeconds() - before < QUIET) return;
  }
}

/** Runs requests and scrapes of one server for `duration` seconds. */
async function round(running: Running, duration: number): Promise<Round> {
  const { mode, helper, port } = running;
  const isScraped = mode.scraped !== "never";
  const before = await helper.ask<Used>("");
  const from = performance.now();
  const machine = machineSeconds();
  const own = cpuUsage();
  const order: ScrapeOrder = {
    port,
    scrapes: isScraped ? duration : 0,
    gzip: mode.scraped === "gzip",
  };
  const offer: Offer = {
    port,
    rate: RATE,
    seconds: duration,
    connections: CONNECTIONS,
  };
  const [offered, scraped] = await Promise.all([
    generator.ask<Offered>(offer),
    scraper.ask<Scraped>(order),
  ]);
  const after = await helper.ask<Used>("");
  const took = (performance.now() - from) / 1000;
  const { user, system } = cpuUsage(own);
  const ours = after.seconds - before.seconds + offered.cpu + scraped.cpu +
    (user + system) / 1e6;
  running.requests += offered.requests;
  return {
    ...offered,
    busy: (after.seconds - before.seconds) / took,
    others: Math.max(machineSeconds() - machine - ours, 0) / took,
    rss: after.rss,
    scrape: isScraped ? median(scraped.took) : undefined,
    scrapes: scraped.took,
    missed: scraped.missed,
    bytes: scraped.bytes,
  };
}

/**
 * Checks the number of samples and the counted requests of a server.
 *
 * @throws {Error} If they are wrong.
 */
async function check({ mode, port, requests }: Running): Promise<void> {
  if (mode.scraped === "never" || mode.server[0] === "bytes") return;
  const checked = await scraper.ask<Checked>({ port, check: FAMILY });
  const sum = FAMILY_FROM + requests;
  if (checked.samples === SERIES && checked.sum === sum) return;
  throw new Error(
    `Cannot compare: ${mode.title} has ${checked.samples} samples and counted ` +
      `${checked.sum}; it should be ${SERIES} and ${sum}`,
  );
}

const running: Running[] = [];
try {
  for (const mode of modes) {
    await untilIdle();
    const [name, options = {}] = mode.server;
    const helper = new Helper(
      commandOf(runtime, 0, "load_server.ts", name, JSON.stringify(options)),
    );
    const port = await helper.line<number>();
    const current: Running = {
      mode,
      helper,
      port,
      requests: 0,
      first: undefined,
      rounds: [],
    };
    running.push(current);
    try {
      current.first = await round(current, FIRST_SECONDS);
      for (let at = 0; at < WARM_UP_ROUNDS; at++) {
        await round(current, FIRST_SECONDS);
      }
      for (let at = 0; at < rounds; at++) {
        current.rounds.push(await round(current, seconds));
        stderr.write(lineOf(mode, current.rounds.at(-1)!));
      }
      await check(current);
    } finally {
      await helper.stop();
    }
  }
} finally {
  await generator.stop();
  await scraper.stop();
}

const results = resultsOf(
  running.map(({ mode, first, rounds }) => ({ mode, first: first!, rounds })),
);
const machine = `${setting.machine}${pins ? "" : ", not pinned"}`;
console.log(`\n${runtime} on ${machine}\n\n${tableOf(results)}\n`);

if (settings.size === 0) {
  const report = { runtime, machine, rate: RATE, series: SERIES, results };
  write(`load-${runtime}`, report);
}
exit();
