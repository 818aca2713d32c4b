/**
 * The cost of a gzip scrape, in processor time of all threads: cached compressed
 * pages, compared with a body that is compressed as a whole each time.
 */
import { ExpositionCache, prometheusText } from "../src/encode/mod.ts";
import { GzipPages } from "../src/http/metrics/gzip_pages.ts";
import { deflate } from "../src/platform/internal.ts";
import { gzipSync } from "node:zlib";
import { changer, countersOf, theirCounters } from "./fixtures.ts";
import { cpuTime, type Question } from "./harness.ts";

const SIZE = 100_000;

/** Adjacent series that change: 1 % of the pages, of 128 series each. */
const CHANGED = SIZE / 100;

export function* gzipQuestions(): Generator<Question> {
  const ours = countersOf(SIZE);
  const rival = theirCounters(SIZE);
  const cache = new ExpositionCache(prometheusText, { left: Infinity });
  const gzip = new GzipPages(deflate()!);
  const encoder = new TextEncoder();
  const everything = changer(ours, SIZE);
  const neighbours = ({ change }: { change(i: number): void }) => () => {
    for (let i = 0; i < CHANGED; i++) change(i);
  };
  const run = (): number => {
    let size = 0;
    for (const batch of gzip.batches(cache.borrowed(ours.registry))) {
      for (const chunk of batch) size += chunk.length;
    }
    return size;
  };
  const theirs = async (): Promise<number> =>
    gzipSync(encoder.encode(await rival.registry.metrics())).length;
  for (
    const [title, prepare] of [
      ["1 % of the pages changed", neighbours(ours)],
      ["everything changed", everything],
    ] as const
  ) {
    yield {
      title: `gzip scrape, 100,000 series, ${title}`,
      unit: "ms",
      times: 1,
      clock: cpuTime,
      cases: [
        { name: "barograph", role: "barograph", prepare, run },
        {
          name: "@prometheus-io/client and gzip",
          role: "rival",
          prepare: neighbours(rival),
          run: theirs,
        },
      ],
    };
  }
}
