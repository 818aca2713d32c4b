/**
 * The effect of scrapes on request latencies of a busy server: 1 500 and 5 000
 * requests per second, 100 000 series, one scrape per second. The first argument
 * is the runtime, `deno` or `bun`.
 *
 * - The server has one core; the load generator and the scraper share the other.
 *   Without `taskset` all of them share all cores, and the table says so.
 * - The servers of all modes take turns, so that slow moments of the machine meet
 *   all of them. A server is stopped (`SIGSTOP`) until its next turn: an idle one
 *   returns memory and collects garbage, on the core of the one that is measured.
 * - A round begins with a second of load that is not counted. The first scrape,
 *   which writes everything, is in a warm-up round. A figure is the median of the
 *   rounds.
 * - The run fails if an exposition does not have 100 000 samples or does not count
 *   every request.
 *
 * Takes about six minutes. `rates=`, `rounds=`, `seconds=` and `modes=` (lists
 * with commas) select what is measured; the results are then written only with
 * `save=yes`.
 */
import { cpus } from "node:os";
import { argv, cpuUsage, exit, stderr } from "node:process";
import { median } from "./harness.ts";
import type { Offer, Offered } from "./load_generator.ts";
import { type Mode, MODES, ON_DEMAND } from "./load_modes.ts";
import { commandOf, Helper, pins, yielding } from "./load_process.ts";
import {
  lineOf,
  type Measured,
  type Result,
  resultsOf,
  type Round,
  tableOf,
} from "./load_report.ts";
import { setting, write } from "./save.ts";
import type { Checked, Scraped, ScrapeOrder } from "./load_scraper.ts";

/** Seconds of load at the start of a round that are not counted. */
const LEAD = 1;
const CONNECTIONS = 64;
const SERIES = 100_000;
/** The counter family to check, and its sum before the first request. */
const FAMILY = "load_requests_total";
const FAMILY_FROM = 20_002;

const settings = new Map(
  argv.slice(3).map((arg) => {
    const at = arg.indexOf("=");
    return [arg.slice(0, at), arg.slice(at + 1)] as const;
  }),
);
const runtime = argv[2] === "bun" ? "bun" : "deno";
const rates = settings.get("rates")?.split(",").map(Number) ?? [1500, 5000];
const rounds = Number(settings.get("rounds") ?? 5);
const seconds = Number(settings.get("seconds") ?? 5);
const selected = settings.get("modes")?.split(",");
const modes = MODES.filter(({ name }) =>
  selected?.includes(name) ?? !ON_DEMAND.includes(name)
);

interface Running {
  readonly mode: Mode;
  readonly helper: Helper;
  readonly port: number;
  requests: number;
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

/** Share of a core that other processes may use before the first round. */
const QUIET = 0.1;

/** Waits until the machine is idle, for at most ten seconds. */
async function untilIdle(): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const before = machineSeconds();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if (machineSeconds() - before < QUIET) return;
  }
}

/** Runs one turn of a server. */
async function turn(running: Running, rate: number): Promise<Round> {
  const { mode, helper, port } = running;
  const isScraped = mode.scraped !== "never";
  helper.resume();
  const before = await helper.ask<Used>("");
  const from = performance.now();
  const machine = machineSeconds();
  const own = cpuUsage();
  const order: ScrapeOrder = {
    port,
    lead: isScraped ? LEAD : 0,
    scrapes: isScraped ? seconds : 0,
    gzip: mode.scraped === "gzip",
  };
  const offer: Offer = {
    port,
    rate,
    lead: LEAD,
    seconds,
    connections: CONNECTIONS,
  };
  const [offered, scraped] = await Promise.all([
    generator.ask<Offered>(offer),
    scraper.ask<Scraped>(order),
  ]);
  const after = await helper.ask<Used>("");
  helper.pause();
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
    scrape: scraped.took.length > 0 ? median(scraped.took) : undefined,
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
async function check(running: Running): Promise<void> {
  const { mode, helper, port, requests } = running;
  if (mode.server[0] === "nothing") return;
  helper.resume();
  const checked = await scraper.ask<Checked>({ port, check: FAMILY });
  const sum = FAMILY_FROM + requests;
  if (checked.samples === SERIES && checked.sum === sum) return;
  throw new Error(
    `Cannot compare: ${mode.title} has ${checked.samples} samples and counted ` +
      `${checked.sum}; it should be ${SERIES} and ${sum}`,
  );
}

async function start(mode: Mode): Promise<Running> {
  const [name, options = {}] = mode.server;
  const helper = new Helper(
    commandOf(runtime, 0, "load_server.ts", name, JSON.stringify(options)),
  );
  const running: Running = {
    mode,
    helper,
    port: await helper.line<number>(),
    requests: 0,
  };
  helper.pause();
  return running;
}

/** Runs the rounds of all servers by turns. */
async function measure(
  servers: readonly Running[],
  rate: number,
): Promise<Measured[]> {
  const measured = servers.map(({ mode }) => ({
    mode,
    offered: rate,
    rounds: [] as Round[],
  }));
  for (let at = 0; at < rounds; at++) {
    const order = servers.map((_, i) => i);
    if (at % 2 === 1) order.reverse();
    for (const i of order) {
      const round = await turn(servers[i]!, rate);
      measured[i]!.rounds.push(round);
      stderr.write(lineOf(measured[i]!, round));
    }
  }
  return measured;
}

const servers: Running[] = [];
const results: Result[] = [];
try {
  for (const mode of modes) servers.push(await start(mode));
  await untilIdle();
  const warmUp = Math.max(...rates);
  for (const server of servers) await turn(server, warmUp);
  for (const rate of rates) {
    results.push(...resultsOf(await measure(servers, rate)));
  }
  for (const server of servers) await check(server);
} finally {
  for (const { helper } of servers) await helper.stop();
  await generator.stop();
  await scraper.stop();
}

const machine = `${setting.machine}${pins ? "" : ", not pinned"}`;
console.log(`\n${runtime} on ${machine}\n\n${tableOf(results)}\n`);

if (settings.size === 0 || settings.get("save") === "yes") {
  const report = { runtime, machine, rounds, seconds, series: SERIES, results };
  write(`load-${runtime}`, report);
}
exit();
