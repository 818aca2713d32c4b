/**
 * Measures the cost of a scrape by the share of series that changed since the
 * last one, at three sizes. Writes `bench/results/sweep-<runtime>.json`.
 */
import { expose, ExpositionCache, prometheusText } from "../src/encode/mod.ts";
import { changer, countersOf, theirCounters } from "./fixtures.ts";
import { measure } from "./harness.ts";
import { save } from "./save.ts";

const SIZES = [10_000, 100_000, 1_000_000];

/** Shares of the series that change, in percent. */
const SHARES = [0, 0.01, 0.1, 1, 10, 100];

/** Milliseconds by size. */
interface Row {
  readonly size: number;
  /** With a cache, by the changed share. */
  readonly kept: readonly number[];
  /** Without a cache, for any changed share. */
  readonly anew: number;
  readonly theirs: number;
}

export interface Sweep {
  readonly shares: readonly number[];
  readonly rows: readonly Row[];
}

async function timed(
  prepare: () => void,
  run: () => unknown,
): Promise<number> {
  const cases = [{
    name: "barograph",
    role: "barograph",
    prepare,
    run,
  }] as const;
  const { figures } = await measure({ title: "", unit: "ms", times: 1, cases });
  return figures[0]!.value;
}

async function rowOf(size: number): Promise<Row> {
  const ours = countersOf(size);
  const cache = new ExpositionCache(prometheusText, { left: Infinity });
  let body: Uint8Array[] = [];
  const scrape = (): void => {
    const chunks: Uint8Array[] = [];
    for (const batch of cache.owned(ours.registry)) {
      for (const chunk of batch) chunks.push(chunk);
    }
    body = chunks; // held until the next scrape, as a reader does
  };
  const kept: number[] = [];
  for (const share of SHARES) {
    const change = changer(ours, Math.round(size * share / 100));
    kept.push(await timed(change, scrape));
  }
  const sizeHint = body.reduce((sum, { length }) => sum + length, 0) * 1.1;
  const nothing = (): void => {};
  const anew = await timed(
    nothing,
    () => expose(ours.registry, prometheusText, { sizeHint }),
  );
  const rival = theirCounters(size);
  const encoder = new TextEncoder();
  const theirs = await timed(
    nothing,
    async () => encoder.encode(await rival.registry.metrics()).length,
  );
  return { size, kept, anew, theirs };
}

const rows: Row[] = [];
for (const size of SIZES) rows.push(await rowOf(size));
const sweep: Sweep = { shares: SHARES, rows };
save("sweep", sweep);
console.log(JSON.stringify(sweep, undefined, 1));
