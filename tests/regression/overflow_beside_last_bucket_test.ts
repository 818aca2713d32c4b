// A native histogram of a custom source with both an overflow and a bucket at
// or after the index of Infinity was written with an empty span or a negative
// gap, which no reader accepts. No number lies after that index.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketIndex } from "../../src/base/internal.ts";
import { expose, openMetrics2, prometheusProto } from "../../src/encode/mod.ts";
import {
  type DenseBuckets,
  familyDesc,
  type HistogramView,
  Labels,
  type Source,
} from "../../src/model/mod.ts";
import { read } from "../support/readers.ts";

const SCHEMA = 2;
const INFINITY = bucketIndex(Infinity, SCHEMA);
const EMPTY: DenseBuckets = {
  offset: 0,
  size: 0,
  counts: new Float64Array(0),
  overflow: 0,
};

function histogramOf(positive: DenseBuckets): Source {
  const desc = familyDesc({
    name: "sizes",
    type: "histogram",
    help: "Sizes.",
  });
  const count = positive.counts.reduce((a, b) => a + b, positive.overflow);
  const view: HistogramView = {
    bounds: new Float64Array(0),
    counts: Float64Array.of(count),
    count,
    sum: Infinity,
    exemplars: [],
    native: {
      schema: SCHEMA,
      zeroThreshold: 0,
      zeroCount: 0,
      positive,
      negative: EMPTY,
    },
  };
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.histogram(Labels.NONE, view, 0);
    },
  };
}

test("an overflow and a bucket at its index are written as one", () => {
  const source = histogramOf({
    offset: INFINITY - 1,
    size: 2,
    counts: Float64Array.of(2, 3),
    overflow: 7,
  });
  for (const format of [openMetrics2, prometheusProto]) {
    const [family] = read(expose(source, format), format);
    const { value } = family!.series[0]!;
    assert.ok(value.kind === "histogram");
    assert.deepEqual(value.native?.positive, [[INFINITY - 1, 2], [
      INFINITY,
      10,
    ]]);
  }
});

test("a bucket past the index of Infinity is refused, an empty one is not", () => {
  for (const [last, isRefused] of [[3, true], [0, false]] as const) {
    const source = histogramOf({
      offset: INFINITY,
      size: 2,
      counts: Float64Array.of(2, last),
      overflow: 7,
    });
    for (const format of [openMetrics2, prometheusProto]) {
      const write = () => expose(source, format);
      if (isRefused) assert.throws(write, /none past the bucket of Infinity/);
      else assert.doesNotThrow(write);
    }
  }
});
