/** A known distribution, as a native histogram and as exact values. */
import assert from "node:assert/strict";
import type { Registry } from "../../src/metrics/mod.ts";
import type { Prometheus } from "./prometheus.ts";

const QUANTILES = [0.5, 0.9, 0.99];
const OBSERVATIONS = 1_000_000;

/** Evenly spaced quantiles of the exponential distribution of mean 1, ascending. */
const KNOWN = Float64Array.from(
  { length: OBSERVATIONS },
  (_, i) => -Math.log(1 - (i + 0.5) / OBSERVATIONS),
);

/** Observes the known values in a shuffled order. */
export function observeKnown(registry: Registry): void {
  const histogram = registry.histogram({
    name: "known_seconds",
    help: "Known.",
    unit: "seconds",
    native: true,
  });
  for (let i = 0; i < OBSERVATIONS; i++) {
    histogram.observe(KNOWN[i * 7919 % OBSERVATIONS]!);
  }
  histogram.observe(0.25, 0);
}

/** Returns how many known values are at most `bound`. */
function countUpTo(bound: number): number {
  let [from, to] = [0, OBSERVATIONS];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (KNOWN[middle]! <= bound) from = middle + 1;
    else to = middle;
  }
  return from;
}

function trueQuantile(q: number): number {
  return -Math.log(1 - q);
}

/** Checks the histogram of a server against a naive reference. */
export async function checkKnown(prometheus: Prometheus): Promise<void> {
  const query = async (text: string) => Number(await prometheus.value(text));
  assert.equal(await query("histogram_count(known_seconds)"), OBSERVATIONS);
  const sum = await query("histogram_sum(known_seconds)");
  assert.ok(Math.abs(sum / OBSERVATIONS - 1) < 1e-4, `${sum}`);
  const growth = 2 ** (2 ** -3);
  for (const q of QUANTILES) {
    const found = await query(`histogram_quantile(${q}, known_seconds)`);
    const error = Math.abs(Math.log(found / trueQuantile(q)));
    assert.ok(error <= Math.log(growth), `${found} for ${trueQuantile(q)}`);
  }
  // The count of each bucket equals the number of values in it.
  const { buckets, count } = (await prometheus.histogram("known_seconds"))!;
  assert.equal(count, String(OBSERVATIONS));
  for (const [, lower, upper, stored] of buckets) {
    const naive = countUpTo(Number(upper)) - countUpTo(Number(lower));
    assert.equal(Number(stored), naive, `(${lower}, ${upper}]`);
  }
  const total = buckets.reduce((sum, [, , , n]) => sum + Number(n), 0);
  assert.equal(total, OBSERVATIONS);
  // Counts up to the bound of a bucket are exact as well.
  const below = await query("histogram_fraction(-Inf, 1, known_seconds)");
  const exact = 1 - 1 / Math.E;
  assert.ok(Math.abs(below - exact) < 1e-5, `${below} for ${exact}`);
}
