/** Histograms as OTLP metrics, read by the published `.proto` files. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Labels } from "../../src/model/mod.ts";
import { needs } from "../oracle/programs.ts";
import { inBoth, newRegistry, sourceOf, START } from "./metric_families.ts";
import { pointsOf } from "./metric_reader.ts";

const timeout = 120_000;

test("a classic histogram has bounds, and counts that are not cumulative", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const registry = newRegistry();
  const size = registry.histogram({
    name: "size",
    help: "S.",
    buckets: [1, 2.5],
  });
  for (const value of [0.5, 1, 2, 9, 9]) size.observe(value);
  const signed = registry.histogram({
    name: "b",
    help: "B.",
    buckets: [-1, 0],
  });
  signed.observe(-5);
  registry.histogram({ name: "empty", help: "E.", buckets: [1] });
  await inBoth(registry, ([metric, below, empty]) => {
    const [point] = pointsOf(metric!);
    assert.deepEqual(point!["explicitBounds"], [1, 2.5]);
    assert.deepEqual(point!["bucketCounts"], ["2", "1", "2"]);
    assert.deepEqual([point!["count"], point!["sum"]], ["5", 21.5]);
    assert.equal(pointsOf(below!)[0]!["sum"], undefined, "it may fall");
    assert.deepEqual(pointsOf(empty!)[0]!["bucketCounts"], ["0", "0"]);
    assert.equal(pointsOf(empty!)[0]!["sum"], 0);
  });
});

test("a count beyond 2^53 keeps its digits", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const source = sourceOf({ type: "histogram" }, (sink) => {
    sink.histogram(Labels.NONE, {
      count: 2 ** 60,
      sum: 1,
      bounds: new Float64Array([1]),
      counts: new Float64Array([2 ** 60, 0]),
      exemplars: [],
    }, 0);
  });
  await inBoth(source, ([metric]) => {
    const [point] = pointsOf(metric!);
    assert.equal(point!["count"], String(2n ** 60n));
    assert.deepEqual(point!["bucketCounts"], [String(2n ** 60n), "0"]);
  });
});

test("a native histogram is exponential, its indices one lower", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const dense = (offset: number, ...counts: number[]) => ({
    offset,
    size: counts.length,
    counts: Float64Array.from([...counts, 0, 0]),
    overflow: 0,
  });
  const source = sourceOf({ type: "histogram" }, (sink) => {
    sink.histogram(Labels.NONE, {
      count: 13,
      sum: Infinity,
      bounds: new Float64Array([1]),
      counts: new Float64Array([10, 3]),
      exemplars: [],
      native: {
        schema: 3,
        zeroThreshold: 0.001,
        zeroCount: 4,
        positive: { ...dense(-1, 2, 0, 3), overflow: 2 },
        negative: dense(5, 2),
      },
    }, START);
  });
  await inBoth(source, ([metric, ...others]) => {
    assert.deepEqual(others, [], "one name, one type");
    const [point] = pointsOf(metric!);
    // Bucket i of scale 3 is (2^(i/8), 2^((i+1)/8)].
    assert.deepEqual(point!["positive"], {
      offset: -2,
      bucketCounts: ["2", "0", "3"],
    });
    assert.deepEqual(point!["negative"], { offset: 4, bucketCounts: ["2"] });
    assert.equal(point!["scale"], 3);
    assert.equal(point!["zeroCount"], "4");
    assert.equal(point!["zeroThreshold"], 0.001);
    assert.equal(point!["count"], "11", "without the overflow");
    assert.equal(point!["sum"], undefined, "it may fall");
    assert.ok(metric!["exponentialHistogram"] !== undefined);
  });
});
