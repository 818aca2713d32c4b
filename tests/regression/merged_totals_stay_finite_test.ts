// The merged counters of workers became infinite, and merged histograms past 2^53
// were left out, because float additions in another order differ by rounding.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { capture, merge, replay } from "../../src/model/mod.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

/** Returns a source of the totals of one worker per function. */
function mergedOf(...workers: readonly ((registry: Registry) => void)[]) {
  return replay(merge(workers.map((work) => {
    const registry = createRegistry({ selfMetrics: false });
    work(registry);
    return capture(registry);
  })));
}

test("a merged counter stays at the largest number", () => {
  const work = (registry: Registry) =>
    registry.counter({ name: "jobs_total", help }).inc(1e308);
  const merged = mergedOf(work, work, work);
  assert.equal(valueOf(merged, "jobs_total"), Number.MAX_VALUE);
});

test("a merged count stays at the largest number", () => {
  const work = (registry: Registry) =>
    registry.histogram({ name: "took", help, buckets: [1] }).observe(3, 1e308);
  assert.equal(
    distributionOf(mergedOf(work, work), "took")?.count,
    Number.MAX_VALUE,
  );
});

test("merged histograms past 2^53 are served, and their buckets rise to the count", () => {
  const work = (more: number) => (registry: Registry) => {
    for (const native of [undefined, true]) {
      const name = native ? "native" : "took";
      const took = registry.histogram({ name, help, buckets: [1, 2], native });
      took.observe(0.5, 2 ** 53);
      took.observe(1.5, more);
      took.observe(3, 1);
    }
  };
  const merged = mergedOf(work(1), work(3), work(5));
  const body = new TextDecoder().decode(expose(merged, prometheusText));
  for (const name of ["took", "native"]) {
    const numbers = [...body.matchAll(RegExp(`^${name}_(?:b|c).* (.*)$`, "gm"))]
      .map(([, text]) => Number(text));
    assert.equal(numbers.length, 4);
    assert.deepEqual(numbers.toSorted((a, b) => a - b), numbers);
    assert.equal(numbers[2], numbers[3], "the last bucket is the count");
  }
});
