/**
 * A million observations of a known distribution: quantiles computed from native
 * buckets are as exact as the resolution of the buckets.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketBound } from "../../src/base/internal.ts";
import {
  expose,
  type Format,
  openMetrics2,
  prometheusProto,
} from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { read } from "../support/readers.ts";
import type { SeenNative } from "../support/seen.ts";

const OBSERVATIONS = 1_000_000;
const RANKS = [0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999];

/** Returns a quantile of the exponential distribution of mean 1. */
function trueQuantile(rank: number): number {
  return -Math.log(1 - rank);
}

/** Returns the geometric mean of the bounds of the bucket with the rank. */
function quantileOf({ schema, positive }: SeenNative, rank: number): number {
  let rest = rank * OBSERVATIONS;
  for (const [index, count] of positive) {
    rest -= count;
    if (rest > 0) continue;
    return Math.sqrt(
      bucketBound(index - 1, schema) * bucketBound(index, schema),
    );
  }
  return NaN;
}

function nativeIn(body: Uint8Array, format: Format): SeenNative {
  const [family] = read(body, format);
  const { value } = family!.series[0]!;
  assert.ok(value.kind === "histogram");
  assert.equal(value.count, OBSERVATIONS);
  return value.native!;
}

for (const schema of [0, 3, 4, 5]) {
  test(
    `native buckets of schema ${schema} give quantiles exact to half a bucket`,
    { timeout: 120_000 },
    () => {
      const registry = createRegistry({ selfMetrics: false });
      const histogram = registry.histogram({
        name: "x",
        help: "X.",
        native: { schema, maxBuckets: 2000 },
      });
      for (let i = 0; i < OBSERVATIONS; i++) {
        const rank = (i * 7919 % OBSERVATIONS + 0.5) / OBSERVATIONS;
        histogram.observe(trueQuantile(rank));
      }
      const found = [prometheusProto, openMetrics2].map((format) =>
        nativeIn(expose(registry, format), format)
      );
      assert.deepEqual(found[0], found[1]);
      const halfBucket = 2 ** -schema / 2;
      for (const rank of RANKS) {
        const exact = trueQuantile(rank);
        const error = Math.abs(Math.log2(quantileOf(found[0]!, rank) / exact));
        assert.ok(error <= halfBucket * 1.0001, `rank ${rank}: ${error}`);
      }
    },
  );
}
