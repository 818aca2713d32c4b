/**
 * The cost of a scrape, from the registry to the bytes of the body, in the text
 * format, with all or some values changed since the previous scrape.
 *
 * The result of barograph is a list of chunks, which are never joined on the way
 * to a socket.
 */
import { metricsHandler } from "../src/http/mod.ts";
import { expose, ExpositionCache, prometheusText } from "../src/encode/mod.ts";
import type { Source } from "../src/model/mod.ts";
import {
  changer,
  countersOf,
  histogramsOf,
  type Series,
  theirCounters,
  theirHistograms,
} from "./fixtures.ts";
import {
  type Case,
  measure,
  median,
  pause,
  type Question,
  type Result,
  resultOf,
} from "./harness.ts";
import { otelCounters, otelHistograms } from "./otel_metrics.ts";
import type { RivalRegistry } from "./rival.ts";

const RIVAL = "@prometheus-io/client";
const encoder = new TextEncoder();

const grouped = (n: number): string => n.toLocaleString("en");

const SMALLER = { pageBytes: 12_288, pageRows: 32, pagesPerStep: 64 };
const LARGER = { pageBytes: 65_536, pageRows: 512, pagesPerStep: 4 };

/** A case with the exposition cache, optionally with other page sizes. */
function cached(
  name: string,
  role: Case["role"],
  { registry }: Series<Source>,
  sizes?: typeof SMALLER,
): Pick<Case, "name" | "role" | "run"> {
  const budget = { left: Infinity };
  const cache = new ExpositionCache(prometheusText, budget, sizes);
  let body: unknown;
  return {
    name,
    role,
    run: () => {
      const chunks: Uint8Array[] = [];
      for (const batch of cache.owned(registry)) {
        for (const chunk of batch) chunks.push(chunk);
      }
      body = chunks; // a response in progress holds its chunks
      return body;
    },
  };
}

function theirs(
  name: string,
  role: Case["role"],
  { registry }: Series<RivalRegistry>,
): Pick<Case, "name" | "role" | "run"> {
  return {
    name,
    role,
    run: async () => encoder.encode(await registry.metrics()).length,
  };
}

function stateless({ registry }: Series<Source>): Case {
  let sizeHint = 16_384;
  return {
    name: "without cache",
    role: "reference",
    run: () => {
      const { length } = expose(registry, prometheusText, { sizeHint });
      sizeHint = Math.ceil(length * 1.1);
      return length;
    },
  };
}

function otel(
  { scrape, change }: ReturnType<typeof otelCounters>,
  size: number,
): Case {
  return {
    name: "OpenTelemetry",
    role: "reference",
    prepare: () => {
      for (let i = 0; i < size; i++) change(i);
    },
    run: async () => encoder.encode(await scrape()).length,
  };
}

function everythingChanged(
  title: string,
  ours: Series<Source>,
  rival: Series<RivalRegistry>,
  others: () => readonly Case[],
): Question {
  const { size } = ours;
  const change = changer(ours, size);
  return {
    title: `scrape, ${title}, everything changed`,
    unit: "ms",
    times: 1,
    cases: [
      { ...cached("barograph", "barograph", ours), prepare: change },
      { ...theirs(RIVAL, "rival", rival), prepare: changer(rival, size) },
    ],
    others: () => [stateless(ours), ...others()],
  };
}

/** Returns a case of the predecessor of the released client. */
function older(series: Series<RivalRegistry>): Case {
  return {
    ...theirs("prom-client", "reference", series),
    prepare: changer(series, series.size),
  };
}

/** Yields the questions one by one, so that only one set of registries is alive. */
export function* scrapeQuestions(): Generator<Question> {
  const version = "prom-client 15.1.3";
  for (const size of [10_000, 100_000]) {
    yield everythingChanged(
      `${grouped(size)} counters`,
      countersOf(size),
      theirCounters(size),
      () => [
        older(theirCounters(size, version)),
        otel(otelCounters(size), size),
      ],
    );
  }
  const size = 10_000;
  yield everythingChanged(
    `${grouped(size)} histograms of 11 buckets`,
    histogramsOf(size),
    theirHistograms(size),
    () => [
      older(theirHistograms(size, version)),
      otel(otelHistograms(size), size),
    ],
  );
  const few = size / 10;
  // Each case has its own series, because it must not see other changes.
  const counters = () => {
    const ours = countersOf(10 * size);
    return { ours, prepare: changer(ours, few) };
  };
  const reference = (name: string, sizes: typeof SMALLER): Case => {
    const { ours, prepare } = counters();
    return { ...cached(name, "reference", ours, sizes), prepare };
  };
  const { ours, prepare } = counters();
  const rival = theirCounters(10 * size);
  yield {
    title: "scrape, 100,000 series, 1 % changed at random places",
    unit: "ms",
    times: 1,
    cases: [
      { ...cached("barograph", "barograph", ours), prepare },
      { ...theirs(RIVAL, "rival", rival), prepare: changer(rival, few) },
    ],
    others: () => [
      reference("pages of 32 series", SMALLER),
      reference("pages of 512", LARGER),
      stateless(ours),
    ],
  };
}

/** Returns the longest time for which `work` blocks the event loop, in ms. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let isRunning = true;
  const tick = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (isRunning) setImmediate(tick);
  };
  await pause();
  await new Promise((resolve) => setImmediate(resolve));
  last = performance.now();
  setImmediate(tick);
  await work();
  isRunning = false;
  return Math.max(longest, performance.now() - last);
}

/** Measures a scrape of a million series with few changes: time and blocking. */
export async function millionResults(): Promise<Result[]> {
  const size = 1_000_000;
  const ours = countersOf(size);
  const rival = theirCounters(size);
  const handler = metricsHandler(ours.registry);
  const served = async (): Promise<void> => {
    const { body } = await handler(new Request("http://localhost/metrics"));
    for await (const _chunk of body!);
  };
  await served();
  const results: Result[] = [];
  for (
    const [title, count, short] of [
      ["100 values changed", 100, "100 of 1,000,000 changed"],
      [
        "1 % changed at random places",
        size / 100,
        "1 % of 1,000,000 changed",
      ],
    ] as const
  ) {
    const changes = [changer(ours, count), changer(rival, count)] as const;
    const cases = [
      { ...cached("barograph", "barograph", ours), prepare: changes[0] },
      { ...theirs(RIVAL, "rival", rival), prepare: changes[1] },
    ] as const;
    const name = `scrape, ${grouped(size)} series, ${title}`;
    results.push(
      await measure({ title: name, unit: "ms", times: 1, rounds: 5, cases }),
    );
    const blocks: [number[], number[]] = [[], []];
    for (let round = 0; round < 5; round++) {
      changes[0]();
      blocks[0].push(await longestBlock(served));
      changes[1]();
      blocks[1].push(
        await longestBlock(async () => await cases[1].run(1)),
      );
    }
    results.push(
      resultOf(
        `longest block of the event loop, ${short}`,
        "ms",
        cases,
        blocks.map(median),
      ),
    );
  }
  return results;
}
