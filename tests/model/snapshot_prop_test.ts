import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  capture,
  type DenseBuckets,
  type Exemplar,
  Labels,
  type NativeView,
  replay,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import { trustSource, VERBS } from "../../src/model/internal.ts";
import { anyNumber, anyText } from "../base/arbitraries.ts";
import { descOf, sourceOf, transcript, TYPES, wholeOf } from "./fixtures.ts";

const anyExemplar = (): fc.Arbitrary<Exemplar> =>
  fc.record({
    labels: fc.dictionary(fc.constantFrom("trace_id", "toString"), anyText(), {
      noNullPrototype: true,
    }),
    value: anyNumber(),
    timestamp: anyNumber(),
  }, { noNullPrototype: true });

type Row = (sink: Sink, labels: Labels) => void;

const anyNumberRow = (): fc.Arbitrary<Row> =>
  fc.tuple(
    anyNumber(),
    anyNumber(),
    fc.option(anyExemplar(), { nil: undefined }),
  ).map(([value, start, exemplar]) => (sink, labels) =>
    sink.number(labels, value, start, exemplar)
  );

const floats = (size: number): fc.Arbitrary<Float64Array> =>
  fc.array(anyNumber(), { minLength: size, maxLength: size })
    .map((values) => Float64Array.from(values));

const anySide = (): fc.Arbitrary<DenseBuckets> =>
  fc.integer({ min: 0, max: 3 }).chain((size) =>
    fc.record({
      offset: fc.integer(),
      size: fc.constant(size),
      counts: floats(size),
      overflow: anyNumber(),
    }, { noNullPrototype: true })
  );

const anyNative = (): fc.Arbitrary<NativeView> =>
  fc.record({
    schema: fc.integer(),
    zeroThreshold: anyNumber(),
    zeroCount: anyNumber(),
    positive: anySide(),
    negative: anySide(),
  }, { noNullPrototype: true });

/** The keys that every histogram has: all except `native`. */
const REQUIRED: ("count" | "sum" | "bounds" | "counts" | "exemplars")[] = [
  "count",
  "sum",
  "bounds",
  "counts",
  "exemplars",
];

const anyHistogramRow = (): fc.Arbitrary<Row> =>
  fc.integer({ min: 0, max: 3 }).chain((size) =>
    fc.record({
      count: anyNumber(),
      sum: anyNumber(),
      bounds: floats(size),
      counts: floats(size + 1),
      exemplars: fc.array(fc.option(anyExemplar(), { nil: undefined }), {
        maxLength: size + 1,
      }),
      native: anyNative(),
    }, { noNullPrototype: true, requiredKeys: REQUIRED })
  ).map((view) => (sink, labels) => sink.histogram(labels, view, 4));

const anySummaryRow = (): fc.Arbitrary<Row> =>
  fc.integer({ min: 0, max: 3 }).chain((size) =>
    fc.record({
      count: anyNumber(),
      sum: anyNumber(),
      quantiles: floats(size),
      values: floats(size),
    }, { noNullPrototype: true })
  ).map((view) => (sink, labels) => sink.summary(labels, view, 4));

const ROWS = {
  number: anyNumberRow(),
  histogram: anyHistogramRow(),
  summary: anySummaryRow(),
} as const;

/** One family of any type with any series, also with equal label sets. */
const anyFamily = (stem: string): fc.Arbitrary<Source> =>
  fc.tuple(
    fc.constantFrom(...TYPES),
    fc.integer({ min: 0, max: 3 }),
  ).chain(([type, arity]) => {
    const names = ["a", "b", "c"].slice(0, arity);
    const desc = descOf(type, stem, names);
    const values = fc.array(anyText(), { maxLength: desc.labelNames.length });
    return fc.array(fc.tuple(values, ROWS[VERBS[type]]), { maxLength: 4 })
      .map((rows) =>
        sourceOf(desc, (sink) => {
          for (const [texts, row] of rows) {
            row(sink, new Labels(desc.labelNames, texts));
          }
        })
      );
  });

const anySource = (): fc.Arbitrary<Source> =>
  fc.tuple(...["v", "w", "x", "y"].map(anyFamily))
    .chain((families) => fc.subarray(families))
    // Trusted, because copies must be true for numbers that no reader accepts, too.
    .map((families) => trustSource(wholeOf(...families.map(trustSource))));

test("law: replay() of a capture makes the same calls as the source", () => {
  fc.assert(
    fc.property(anySource(), (source) => {
      assert.deepEqual(transcript(replay(capture(source))), transcript(source));
    }),
    { numRuns: 200 },
  );
});

test("law: replay() of a cloned capture makes the same calls as the source", () => {
  fc.assert(
    fc.property(anySource(), (source) => {
      const clone = structuredClone(capture(source));
      assert.deepEqual(transcript(replay(clone)), transcript(source));
    }),
  );
});

test("law: capture() of a replay returns the same snapshot", () => {
  fc.assert(
    fc.property(anySource(), (source) => {
      const snapshot = capture(source);
      const { descs, collect } = replay(snapshot);
      const whole = trustSource({ descs, collect });
      assert.deepEqual(capture(whole), snapshot);
    }),
  );
});
