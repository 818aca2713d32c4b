// What a collector wrote in another form was refused although every format can say
// it: other arrays, numbers as labels, unknown starts, quantiles in any order.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  openMetrics,
  openMetrics2,
  prometheusText,
} from "../../src/encode/mod.ts";
import {
  familyDesc,
  Labels,
  type LabelSet,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";

const help = "Help.";
const counter = familyDesc({
  name: "own_total",
  type: "counter",
  help,
  labelNames: ["x", "y"],
});
const histogram = familyDesc({ name: "own_time", type: "histogram", help });
const summary = familyDesc({ name: "own_wait", type: "summary", help });

/** Returns the samples that a collector writes. */
function samples(write: (sink: Sink) => void, format = prometheusText): string {
  const source: Source = {
    descs: [counter, histogram, summary],
    collect: write,
  };
  return new TextDecoder().decode(expose(source, format))
    .split("\n").filter((line) => !line.startsWith("#")).join("\n");
}

const count = (labels: unknown, start: unknown = 0, format = openMetrics) =>
  samples((sink) => {
    sink.family(counter);
    sink.number(labels as LabelSet, 1, start as number);
  }, format);

test("a collector may write any kind of number array", () => {
  type Maker = { from(list: readonly number[]): unknown };
  const makers: readonly (readonly [Maker, Maker])[] = [
    [Float64Array, Float64Array],
    [Float32Array, Uint32Array],
    [Array, Array],
    [Int8Array, Uint8ClampedArray],
    [class extends Float64Array {}, Uint16Array],
  ];
  const bodies = makers.map(([Bounds, Counts]) =>
    samples((sink) => {
      sink.family(histogram);
      sink.histogram(Labels.NONE, {
        count: 6,
        sum: 9,
        bounds: Bounds.from([1, 2]) as Float64Array,
        counts: Counts.from([1, 2, 3]) as Float64Array,
        exemplars: [],
      }, 0);
    })
  );
  assert.match(bodies[0]!, /own_time_bucket\{le="2.0"\} 3\n/);
  assert.deepEqual(new Set(bodies).size, 1);
});

test("a collector may write numbers and booleans as label values", () => {
  const given = {
    names: counter.labelNames,
    value: (i: number) => [200, true][i],
  };
  assert.match(count(given), /^own_total\{x="200",y="true"\} 1$/m);
});

test("label names of a collector may be left out at the end", () => {
  assert.match(count(new Labels(["x"], ["1"])), /^own_total\{x="1"\} 1$/m);
  assert.match(count(Labels.NONE), /^own_total 1$/m);
});

test("label names of a collector must have the order of the family", () => {
  assert.throws(
    () => count(new Labels(["y", "x"], ["1", "2"])),
    /its labels are \[x, y\], in this order/,
  );
});

test("a start of a collector that is NaN, null, undefined or tiny is unknown", () => {
  const expected = count(Labels.NONE, 0, openMetrics2);
  for (const start of [NaN, null, undefined, 9e-7, Number.MIN_VALUE]) {
    assert.equal(count(Labels.NONE, start, openMetrics2), expected);
  }
});

test("quantiles of a collector are written by rising rank", () => {
  const body = samples((sink) => {
    sink.family(summary);
    sink.summary(Labels.NONE, {
      count: 3,
      sum: 1,
      quantiles: Float64Array.of(0.99, 0.5),
      values: Float64Array.of(7, 4),
    }, 0);
  });
  assert.match(body, /quantile="0.5"\} 4\n.*quantile="0.99"\} 7\n/);
});
