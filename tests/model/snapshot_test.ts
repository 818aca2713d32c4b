import assert from "node:assert/strict";
import { test } from "node:test";
import {
  capture,
  type Exemplar,
  Labels,
  replay,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import {
  BorrowedLabels,
  descOf,
  numberSource,
  sourceOf,
  transcript,
  wholeOf,
} from "./fixtures.ts";

const exemplarOf = (value: number): Exemplar => ({
  labels: { trace_id: `t${value}` },
  value,
  timestamp: 5,
});

test("capture() copies labels, values, starts and exemplars", () => {
  const desc = descOf("counter", "a", ["x", "y"]);
  const { families } = capture(sourceOf(desc, (sink) => {
    sink.number(new Labels(desc.labelNames, ["1", "2"]), 10, 100);
    sink.number(new Labels(desc.labelNames, ["3"]), 20, 0, exemplarOf(7));
  }));
  assert.equal(families.length, 1);
  const [family] = families;
  assert.equal(family?.desc, desc);
  assert.deepEqual(family?.labelValues, ["1", "2", "3", ""]);
  assert.deepEqual(family?.numbers, Float64Array.of(10, 20));
  assert.deepEqual(family?.starts, Float64Array.of(100, 0));
  assert.deepEqual(family?.exemplars, new Map([[1, exemplarOf(7)]]));
});

test("capture() copies a family without series", () => {
  const desc = descOf("gauge", "a");
  const [family] = capture(sourceOf(desc, () => {})).families;
  assert.equal(family?.desc, desc);
  assert.equal(family?.starts.length, 0);
});

test("capture() stores no borrowed view, label set or exemplar", () => {
  const desc = descOf("histogram", "h", ["l"]);
  const labels = new BorrowedLabels(["l"], ["before"]);
  const exemplar = { labels: { trace_id: "1" }, value: 1, timestamp: 2 };
  const view = {
    count: 3,
    sum: 4,
    bounds: Float64Array.of(1),
    counts: Float64Array.of(1, 2),
    exemplars: [exemplar],
  };
  const quantiles = Float64Array.of(0.5);
  const values = Float64Array.of(9);
  const summary = descOf("summary", "s");
  const { families } = capture(wholeOf(
    sourceOf(desc, (sink) => sink.histogram(labels, view, 1)),
    sourceOf(
      summary,
      (sink) =>
        sink.summary(Labels.NONE, { count: 1, sum: 2, quantiles, values }, 1),
    ),
  ));
  labels.values[0] = "after";
  view.count = view.sum = 99;
  view.bounds.fill(99);
  view.counts.fill(99);
  view.exemplars.length = 0;
  exemplar.labels.trace_id = "after";
  exemplar.value = 99;
  quantiles.fill(99);
  values.fill(99);
  assert.deepEqual(families[0]?.labelValues, ["before"]);
  assert.deepEqual(families[0]?.histograms, [{
    count: 3,
    sum: 4,
    bounds: Float64Array.of(1),
    counts: Float64Array.of(1, 2),
    exemplars: [{ labels: { trace_id: "1" }, value: 1, timestamp: 2 }],
  }]);
  assert.deepEqual(families[1]?.summaries, [{
    count: 1,
    sum: 2,
    quantiles: Float64Array.of(0.5),
    values: Float64Array.of(9),
  }]);
});

test("capture() shares one copy of equal bounds, and copies different ones", () => {
  const desc = descOf("histogram", "h", ["k"]);
  const view = (bound: number) => ({
    count: 0,
    sum: 0,
    bounds: Float64Array.of(bound),
    counts: Float64Array.of(0, 0),
    exemplars: [],
  });
  const [family] = capture(sourceOf(desc, (sink) => {
    [1, 1, 2].forEach((bound, at) => {
      const labels = new Labels(desc.labelNames, [`${at}`]);
      sink.histogram(labels, view(bound), 0);
    });
  })).families;
  const bounds = family!.histograms.map((view) => view.bounds);
  assert.deepEqual(bounds.map(([bound]) => bound), [1, 1, 2]);
  assert.equal(bounds[0], bounds[1]);
});

test("capture() leaves out a failing part and keeps the others", () => {
  const broken: Source = {
    descs: [],
    collect(sink): void {
      sink.family(descOf("gauge", "b"));
      sink.number(Labels.NONE, 1, 0);
      throw new Error("in the middle");
    },
  };
  const reported: unknown[] = [];
  const { families } = capture(
    wholeOf(
      numberSource(descOf("gauge", "a"), 1),
      broken,
      numberSource(descOf("gauge", "c"), 3),
    ),
    {
      observer: {
        failed: (part, error) => void reported.push(part, String(error)),
      },
    },
  );
  assert.deepEqual(families.map(({ desc }) => desc.name), ["a", "c"]);
  assert.deepEqual(reported, [broken, "Error: in the middle"]);
});

test("capture() throws a failure that nobody observes", () => {
  const broken = sourceOf(descOf("gauge", "a"), () => {
    throw new Error("unobserved");
  });
  assert.throws(() => capture(broken), /unobserved/);
});

test("capture() refuses a source that breaks the grammar", () => {
  const write = (collect: (sink: Sink) => void) => () =>
    capture({ descs: [], collect });
  assert.throws(
    write((sink) => sink.number(Labels.NONE, 1, 0)),
    /Cannot take a number: no family is open/,
  );
  assert.throws(
    write((sink) => {
      sink.family(descOf("histogram", "h"));
      sink.number(Labels.NONE, 1, 0);
    }),
    /Cannot take a number in histogram "h": call sink\.histogram\(\)/,
  );
  assert.throws(
    write((sink) => {
      sink.family(descOf("gauge", "g"));
      sink.summary(
        Labels.NONE,
        {
          count: 0,
          sum: 0,
          quantiles: new Float64Array(0),
          values: new Float64Array(0),
        },
        0,
      );
    }),
    /Cannot take a summary in gauge "g": call sink\.number\(\)/,
  );
});

test("capture() refuses a part that writes into the family of another part", () => {
  const stray: Source = {
    descs: [],
    collect: (sink) => sink.number(Labels.NONE, 2, 0),
  };
  const source = wholeOf(numberSource(descOf("gauge", "a"), 1), stray);
  assert.throws(() => capture(source), /no family is open/);
});

test("replay() of a cloned capture writes the same", () => {
  const counter = descOf("counter", "a", ["x"]);
  const histogram = descOf("histogram", "h");
  const source = wholeOf(
    sourceOf(
      counter,
      (sink) => sink.number(new Labels(["x"], ["\0ü"]), 1, 2, exemplarOf(3)),
    ),
    sourceOf(histogram, (sink) =>
      sink.histogram(Labels.NONE, {
        count: 1,
        sum: NaN,
        bounds: Float64Array.of(0.5),
        counts: Float64Array.of(0, 1),
        exemplars: [undefined, exemplarOf(4)],
      }, 9)),
  );
  const snapshot = capture(source);
  const clone = structuredClone(snapshot);
  assert.deepEqual(transcript(replay(clone)), transcript(source));
});

test("replay() returns a source that can be collected repeatedly", () => {
  const source = replay(capture(numberSource(descOf("gauge", "a"), 5)));
  const first = transcript(source);
  assert.equal(first.length, 2);
  assert.deepEqual(transcript(source), first);
});

test("replay() has the descriptions of the capture and skips refused families", () => {
  const a = descOf("gauge", "a");
  const b = descOf("gauge", "b");
  const source = replay(
    capture(wholeOf(numberSource(a, 1), numberSource(b, 2))),
  );
  assert.deepEqual(source.descs, [a, b]);
  const written: number[] = [];
  source.collect({
    family: (desc) => desc === b,
    number: (_, value) => void written.push(value),
    histogram: () => assert.fail(),
    summary: () => assert.fail(),
  });
  assert.deepEqual(written, [2]);
});

test("capture() stores the option time, 0 by default", () => {
  const source = numberSource(descOf("gauge", "a"), 1);
  assert.deepEqual(capture(source).families[0]!.times, Float64Array.of(0));
  const { families } = capture(source, { time: 1_700_000_000.5 });
  assert.deepEqual(families[0]!.times, Float64Array.of(1_700_000_000.5));
});

test("capture() of a worker adds the label to families of the rule each-worker only", () => {
  const gauge = descOf("gauge", "g", ["a"]);
  const counter = descOf("counter", "c", ["a"]);
  const own = descOf("gauge", "own", ["worker"]);
  const parts = [gauge, counter, own].map((desc) =>
    sourceOf(desc, (sink) => {
      sink.number(new Labels(desc.labelNames, ["x"]), 1, 0);
      sink.number(new Labels(desc.labelNames, ["y"]), 2, 0);
    })
  );
  const { families } = capture(wholeOf(...parts), { worker: "7" });
  assert.deepEqual(
    families.map(({ desc, labelValues }) => [desc.labelNames, labelValues]),
    [
      [["a", "worker"], ["x", "7", "y", "7"]],
      [["a"], ["x", "y"]],
      [["worker"], ["x", "y"]],
    ],
  );
  assert.deepEqual(gauge.labelNames, ["a"], "the source's own is unchanged");
});

test("capture() copies native buckets up to their size", () => {
  const desc = descOf("histogram", "h");
  const counts = Float64Array.of(1, 2, 99);
  const native = {
    schema: 3,
    zeroThreshold: 0.5,
    zeroCount: 4,
    positive: { offset: -2, size: 2, counts, overflow: 5 },
    negative: { offset: 9, size: 0, counts, overflow: 0 },
  };
  const { families } = capture(sourceOf(desc, (sink) => {
    sink.histogram(Labels.NONE, {
      count: 12,
      sum: 1,
      bounds: new Float64Array(0),
      counts: Float64Array.of(12),
      exemplars: [],
      native,
    }, 0);
  }));
  const copy = families[0]!.histograms[0]!.native!;
  counts.fill(NaN);
  native.positive.overflow = NaN;
  assert.deepEqual(copy, {
    schema: 3,
    zeroThreshold: 0.5,
    zeroCount: 4,
    positive: {
      offset: -2,
      size: 2,
      counts: Float64Array.of(1, 2),
      overflow: 5,
    },
    negative: { offset: 9, size: 0, counts: new Float64Array(0), overflow: 0 },
  });
});
