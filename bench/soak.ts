/**
 * Simulates an hour in ten minutes: series are created, changed and removed
 * constantly, while readers of all kinds scrape them. Fails if a body is wrong or
 * if memory grows.
 *
 *     deno run -A --v8-flags=--expose-gc bench/soak.ts [seconds] [seed]
 *     bun bench/soak.ts [seconds] [seed]
 *
 * - The clock of the registry runs six times as fast as the real one.
 * - After each tenth scrape, the cached exposition in one of the formats is
 *   compared byte by byte with the one of a stateless encoder. Bodies that readers
 *   get over HTTP are parsed strictly, in a separate process.
 * - Memory is measured after a full garbage collection. A line is fitted to the
 *   samples after the first quarter of the time. Its rise must be below 5 % of
 *   the mean: both for resident memory, and for heap and buffers together.
 * - Prints a table at the end; exits with 1 if there was a problem.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { argv, execPath, exit, memoryUsage } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { systemTimers } from "../src/base/mod.ts";
import { allFormats, expose, ExpositionCache } from "../src/encode/mod.ts";
import { metricsHandler } from "../src/http/mod.ts";
import type { Source } from "../src/model/mod.ts";
import { listen } from "../src/platform/internal.ts";
import { valueOf } from "../src/testing/mod.ts";
import { collectGarbage } from "./harness.ts";
import type { ReaderMessage } from "./soak_readers.ts";
import { FastClock, randomOf, World } from "./soak_world.ts";

const SPEED = 6;

/** Milliseconds between two bursts, and events per burst. */
const TICK = 5;
const BURST = 150;

/** Number of scrapes per comparison. */
const SCRAPES_PER_COMPARISON = 10;

/** Number of memory samples. */
const SAMPLES = 120;

/** Minimum time between two samples, in milliseconds. */
const MIN_PAUSE = 500;

/** Tolerated growth of memory, as a share of its mean. */
const MAX_GROWTH = 0.05;

const MIB = 2 ** 20;

interface Sample {
  /** Seconds since the start. */
  readonly at: number;
  readonly resident: number;
  readonly inUse: number;
  readonly series: number;
}

const [seconds = 600, seed = 1] = argv.slice(2).map(Number);
const random = randomOf(seed);
const clock = new FastClock(SPEED);
const world = new World(random, clock);
const { registry } = world;
const problems: string[] = [];

function reportProblem(problem: string): void {
  problems.push(problem);
  if (problems.length <= 20) console.error(`WRONG: ${problem}`);
}

/** Two budgets per format: room for everything, and for a part. */
const budgets = [{ left: 2 ** 28 }, { left: 3e6 }];
const FORMATS = [
  ...allFormats(),
  ...allFormats({ created: true }).map((format) => format.escapedBy("dots")),
];
const caches = budgets.flatMap((budget) =>
  FORMATS.map((format) => ({
    format,
    cache: new ExpositionCache(format, budget),
  }))
);

let comparisons = 0;

/** The registry without its observer, so that comparisons count no failures. */
const source: Source = {
  descs: [],
  get parts() {
    return registry.parts;
  },
  collect() {},
};

/** Compares the cached exposition of the next cache with a stateless one. */
function compare(): void {
  const { format, cache } = caches[comparisons++ % caches.length]!;
  const options = { observer: { failed() {} } };
  const [chunks, fresh] = clock.holding(() => [
    [...cache.owned(source, options)].flat(),
    expose(source, format, options),
  ]);
  const whole = Buffer.concat(chunks);
  if (Buffer.compare(whole, fresh) === 0) return;
  let at = 0;
  while (whole[at] === fresh[at]) at++;
  const excerpt = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes.slice(Math.max(0, at - 200), at + 200));
  reportProblem(
    `${format.contentType}: differs at ${at} of ${whole.length}/` +
      `${fresh.length} bytes:\n${excerpt(whole)}\n--- stateless:\n${
        excerpt(fresh)
      }`,
  );
}

/** An exposition in progress: read batch by batch, and sometimes abandoned. */
let reading: Iterator<unknown> | undefined;
let begun = 0;

function readOn(): void {
  if (reading === undefined) {
    const { cache } = caches[begun++ % caches.length]!;
    const options = { observer: { failed() {} } };
    reading = begun % 2 === 0
      ? cache.owned(source, options)
      : cache.borrowed(source, options);
  }
  if (reading.next().done || random() < 0.02) reading = undefined;
}

let scrapes = 0;
const metrics = metricsHandler(registry, { clock, maxInFlight: 6 });
const server = await listen(async (request) => {
  const response = await metrics(request);
  if (++scrapes % SCRAPES_PER_COMPARISON === 0) compare();
  return response;
}, { port: 0, hostname: "127.0.0.1", timers: systemTimers });

function startReaders(): {
  readonly child: ChildProcess;
  readonly ended: Promise<Readonly<Record<string, number>>>;
} {
  const file = fileURLToPath(new URL("./soak_readers.ts", import.meta.url));
  const before = "Deno" in globalThis ? ["run", "-A"] : [];
  const child = spawn(
    execPath,
    [...before, file, String(server.port), String(seed)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  let counts: Readonly<Record<string, number>> | undefined;
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const message = JSON.parse(line) as ReaderMessage;
    if ("problem" in message) reportProblem(message.problem);
    else counts = message.counts;
  });
  const ended = new Promise<Readonly<Record<string, number>>>((resolve) => {
    child.on("close", (code) => {
      if (code !== 0) reportProblem(`the readers exited with ${code}`);
      resolve(counts ?? {});
    });
  });
  return { child, ended };
}

const started = performance.now();
const samples: Sample[] = [];

function sample(): void {
  for (let i = 0; i < 2; i++) collectGarbage();
  const { rss, heapUsed, external, arrayBuffers } = memoryUsage();
  samples.push({
    at: (performance.now() - started) / 1000,
    resident: rss,
    inUse: heapUsed + Math.max(external, arrayBuffers),
    series: [...registry.parts]
      .reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0),
  });
}

/** Returns the mean of the values, and the rise of a fitted line relative to it. */
function growthOf(values: readonly (readonly [at: number, value: number])[]) {
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const middle = mean(values.map(([at]) => at));
  const level = mean(values.map(([, value]) => value));
  let [rise, run] = [0, 0];
  for (const [at, value] of values) {
    rise += (at - middle) * (value - level);
    run += (at - middle) ** 2;
  }
  const time = values.at(-1)![0] - values[0]![0];
  return { level, growth: rise / run * time / level };
}

/** Reports growth as a problem; returns a summary of one kind of memory. */
function judge(name: string, bytesOf: (sample: Sample) => number): string {
  const late = samples.filter(({ at }) => at >= seconds / 4);
  const { level, growth } = growthOf(
    late.map((sample) => [sample.at, bytesOf(sample)]),
  );
  if (!(growth < MAX_GROWTH)) {
    reportProblem(`${name} has grown by ${(growth * 100).toFixed(1)} %`);
  }
  const largest = Math.max(...late.map(bytesOf));
  return `${(level / MIB).toFixed(1)} MiB on average, at most ` +
    `${(largest / MIB).toFixed(1)}, growth ${(growth * 100).toFixed(1)} %`;
}

// Fill the caches first, so that they do not grow later.
for (let i = 0; i < 2000; i++) world.run(BURST);
for (let i = 0; i < caches.length; i++) compare();
const { child, ended } = startReaders();
const living = setInterval(() => {
  world.run(BURST);
  readOn();
}, TICK);
const pause = Math.max(MIN_PAUSE, seconds * 1000 / SAMPLES);
const sampling = setInterval(sample, pause);
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
clearInterval(sampling);
sample();
child.stdin!.end();
const counts = await ended;
clearInterval(living);
for (let i = 0; i < caches.length; i++) compare();
await server.stop(5);

const outcome = (name: string) =>
  valueOf(registry, "barograph_scrapes_total", { outcome: name }) ?? 0;
const OUTCOMES = ["served", "abandoned", "refused", "failed"];
const counted = () => OUTCOMES.reduce((sum, name) => sum + outcome(name), 0);
// Bodies of this size are streams, one per scrape. A reader that disappeared is
// counted as abandoned when its timeout has passed.
const end = performance.now() + 10_000;
while (counted() < scrapes && performance.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
if (counted() !== scrapes) {
  reportProblem(`${scrapes} scrapes, of which ${counted()} are counted`);
}
if (outcome("failed") > 0) reportProblem(`${outcome("failed")} scrapes failed`);
const rows = {
  "time": `${seconds} s, seed ${seed}`,
  "scrapes": `${scrapes}: ${outcome("served")} served, ` +
    `${outcome("abandoned")} abandoned, ${outcome("refused")} refused`,
  "compared": `${comparisons} cached expositions with stateless ones`,
  "rows": `${Math.max(...samples.map(({ series }) => series))} at most`,
  "readers": Object.entries(counts).sort()
    .map(([name, count]) => `${name} ${count}`).join(", "),
  "resident memory": judge("resident memory", ({ resident }) => resident),
  "heap and buffers": judge("heap and buffers", ({ inUse }) => inUse),
  "wrong": String(problems.length),
};
console.log("| soak | |\n|---|---|");
for (const [name, text] of Object.entries(rows)) {
  console.log(`| ${name} | ${text} |`);
}
exit(problems.length > 0 ? 1 : 0);
