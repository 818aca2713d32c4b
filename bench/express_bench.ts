/**
 * A small app of Express on Node 24, observed by the built package and by
 * `express-prom-bundle` with `prom-client`: the processor time of a request beside
 * that of the bare app, and scrapes as Prometheus makes them.
 *
 * - Each app has a process; all apps take turns. Clients send the next request as
 *   soon as the last is answered. Processor time is that of all threads.
 * - Both have their default metrics, and route templates as labels. The bundle
 *   records no spans: ours is measured with and without them.
 * - The bundle does not compress. For scrapes with gzip its app has the middleware
 *   `compression` in front of `/metrics`.
 *
 * Takes three minutes. `--write` writes `bench/results/express-node.json`, and the
 * tables of `docs/performance.md`.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { argv, execPath } from "node:process";
import { findNode } from "../tools/node.ts";
import { buildPackage } from "../tools/npm.ts";
import {
  type ExpressReport,
  expressSections,
  type RequestRow,
  type ScrapeRow,
} from "./express_page.ts";
import {
  type App,
  type AppOptions,
  type Loaded,
  type Mode,
  withApps,
} from "./express_process.ts";
import { median } from "./harness.ts";
import { fill, ROOT } from "./markdown.ts";
import { setting, write } from "./save.ts";
import { type Cost, ordered, sleep } from "./scrape_process.ts";

const MODES: readonly Mode[] = ["bare", "barograph", "tracing", "rival"];
const COMPARED = ["barograph", "rival"] as const;

/** Processes of each app: compilers find other code hot in each. */
const PROCESSES = 3;
/**
 * Rounds of load in a process, their seconds, and those of the warm-up. Many
 * short ones: a shared machine is faster and slower by turns.
 */
const ROUNDS = 40;
const SECONDS = 0.15;
const WARM_UP = 2;
const CONNECTIONS = 32;

const SIZES = [100, 1_000] as const;
const SCRAPES = 20;
/** Scrapes before the later ones, after which hot code should be compiled. */
const WARM_UP_SCRAPES = 50;
/** Fresh processes for first scrapes. */
const FRESH = 7;
/** Milliseconds before a scrape in which code and caches turn cold. */
const PAUSE = 150;
/** Percentage of the app's own counters that change between scrapes. */
const CHANGED = 10;

const PACKAGES = ["express", "express-prom-bundle", "prom-client"] as const;

const node = findNode(24);

/** Measures requests to all apps by turns. */
async function measureRequests(): Promise<RequestRow[]> {
  const found = MODES.map((): Loaded[] => []);
  const options = MODES.map((mode): AppOptions => ({
    mode,
    counters: SIZES[0],
    encoding: "plain",
  }));
  for (let process = 0; process < PROCESSES; process++) {
    await withApps(node, options, async (apps) => {
      for (const app of apps) await app.load(WARM_UP, CONNECTIONS);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [at, app] of ordered([...apps.entries()], round)) {
          found[at]!.push(await app.load(SECONDS, CONNECTIONS));
        }
      }
      for (const app of apps) await app.check();
    });
  }
  const [bare, ...others] = found.map((loads, at) => ({
    mode: MODES[at]!,
    cpu: median(loads.map(({ cpu }) => cpu)),
    rate: median(loads.map(({ throughput }) => throughput)),
  }));
  return [bare!, ...others].map(({ mode, cpu, rate }) => ({
    mode,
    cpu,
    added: cpu - bare!.cpu,
    kept: rate / bare!.rate,
  }));
}

/** Costs of scrapes, by the observer of the app. */
class Tally {
  readonly #costs: Record<(typeof COMPARED)[number], Cost[]> = {
    barograph: [],
    rival: [],
  };

  /** Scrapes an app that has answered some requests and rested. */
  async scrape(app: App): Promise<void> {
    await app.load(0.05, 4);
    await sleep(PAUSE);
    const { mode } = app.options;
    this.#costs[mode as (typeof COMPARED)[number]].push(await app.scrape());
  }

  figures(): ScrapeRow["figures"] {
    const medians = (costs: readonly Cost[]): Cost => ({
      wall: median(costs.map(({ wall }) => wall)),
      cpu: median(costs.map(({ cpu }) => cpu)),
    });
    const { barograph, rival } = this.#costs;
    return { barograph: medians(barograph), rival: medians(rival) };
  }
}

async function measureScrapes(
  counters: number,
  encoding: AppOptions["encoding"],
): Promise<ScrapeRow[]> {
  const compared = COMPARED.map((mode) => ({ mode, counters, encoding }));
  const [first, later] = [new Tally(), new Tally()];
  const scrapeFirst = async (apps: readonly App[]): Promise<void> => {
    for (const app of apps) await first.scrape(app);
  };
  for (let process = 1; process < FRESH; process++) {
    await withApps(node, ordered(compared, process), scrapeFirst);
  }
  await withApps(node, compared, async (apps) => {
    await scrapeFirst(apps);
    for (const app of apps) {
      for (let i = 0; i < WARM_UP_SCRAPES; i++) await app.scrape();
    }
    for (let round = 0; round < SCRAPES; round++) {
      for (const app of ordered(apps, round)) {
        await app.change(CHANGED);
        await later.scrape(app);
      }
    }
    for (const app of apps) await app.check();
  });
  const subject = { counters, encoding };
  return [
    { ...subject, scrape: "first", figures: first.figures() },
    { ...subject, scrape: "later", figures: later.figures() },
  ];
}

function versionOf(name: string): string {
  const file = new URL(
    `./node_modules/${name}/package.json`,
    import.meta.url,
  );
  return JSON.parse(readFileSync(file, "utf8")).version;
}

buildPackage(`${ROOT}dist/npm`);
const requests = await measureRequests();
const scrapes: ScrapeRow[] = [];
for (const counters of SIZES) {
  scrapes.push(...await measureScrapes(counters, "gzip"));
}
scrapes.push(...await measureScrapes(SIZES[0], "plain"));

const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
const report: ExpressReport = {
  version: stdout.trim().slice(1),
  machine: setting.machine,
  packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  requests,
  scrapes,
};
const sections = expressSections(report);
for (const section of Object.values(sections)) console.log(`\n${section}`);
console.log(`\nload average ${loadavg()[0]!.toFixed(1)}`);

if (argv.includes("--write")) {
  const page = "docs/performance.md";
  write("express-node", report);
  fill(page, sections);
  spawnSync(execPath, ["fmt", "--quiet", page], { cwd: ROOT });
}
