/** Arbitrary numbers, exemplars and distributions, with values that readers get wrong. */
import * as fc from "../support/property.ts";
import { bucketIndex } from "../../src/base/internal.ts";
import type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  NativeView,
  SummaryView,
} from "../../src/model/mod.ts";

export const anyNumber = fc.oneof(
  fc.constantFrom(0, -0, 1, 10, 1e6, 2 ** 31, 2 ** 53, 1e21, 5e-324),
  fc.constantFrom(NaN, Infinity, -Infinity, Number.MAX_VALUE),
  fc.integer(),
  fc.double(),
);

const anyCount = fc.oneof(fc.nat({ max: 5 }), fc.maxSafeNat());
export const anyStart = fc.constantFrom(0, 1_700_000_000, 1_700_000_000.125);

/** Values of 128 code points with "trace_id", of one more, and of 248. */
const longTexts = [120, 121, 240].flatMap((size) => [
  "x".repeat(size),
  "🚀".repeat(size),
]);

const anyExemplarLabels = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(
      fc.constantFrom("trace_id", "span_id"),
      fc.string({ unit: "grapheme", maxLength: 8 }).map((s) =>
        s.toWellFormed()
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      trace_id: fc.constantFrom(...longTexts),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ "trace id": "" }, { __id: "1" }) },
);

export function anyExemplar(
  value: fc.Arbitrary<number>,
): fc.Arbitrary<Exemplar> {
  return fc.record({
    labels: anyExemplarLabels,
    value,
    timestamp: anyStart,
  });
}

const anyBounds = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom(-2.5, -1, 0, 0.005, 0.1, 1, 2.5, 10, 1e6, 1e-7, 1e21),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
  ).map((bound) => bound + 0), // no -0 beside 0
  { maxLength: 6 },
).map((bounds) => Float64Array.from(bounds).sort());

/** Distributes `total` over some buckets, also the bucket of infinity. */
function anyNative(total: number): fc.Arbitrary<NativeView> {
  const anySide = fc.record({
    offset: fc.integer({ min: -300, max: 300 }),
    weights: fc.array(fc.constantFrom(0, 0, 1, 2, 7), { maxLength: 12 }),
    spare: fc.nat({ max: 2 }),
    overflow: fc.constantFrom(0, 0, 1),
  });
  return fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.constantFrom(0, 2 ** -128, 0.001),
    positive: anySide,
    negative: anySide,
  }).map(({ schema, zeroThreshold, positive, negative }) => {
    const last = bucketIndex(Number.MAX_VALUE, schema);
    const sides = [positive, negative];
    const weight = sides.flatMap((side) => [...side.weights, side.overflow])
      .reduce<number>((a, b) => a + b, 0);
    const share = weight === 0 ? 0 : Math.floor(total / weight);
    const [above, below] = sides.map((side): DenseBuckets => ({
      offset: Math.min(side.offset, last - side.weights.length),
      size: side.weights.length,
      counts: Float64Array.from([
        ...side.weights.map((weight) => weight * share),
        ...new Array(side.spare).fill(9), // beyond `size`: must not be read
      ]),
      overflow: side.overflow * share,
    }));
    return {
      schema,
      zeroThreshold,
      zeroCount: total - weight * share,
      positive: above!,
      negative: below!,
    };
  });
}

const anyClassic: fc.Arbitrary<HistogramView> = anyBounds.chain((bounds) =>
  fc.record({
    counts: fc.array(fc.nat({ max: 1000 }), {
      minLength: bounds.length + 1,
      maxLength: bounds.length + 1,
    }),
    sum: anyNumber,
    exemplars: fc.tuple(
      ...[...bounds, Infinity].map((bound, i) =>
        fc.option(anyExemplar(valueWithin(bounds[i - 1], bound)), {
          nil: undefined,
        })
      ),
    ),
  }).map(({ counts, sum, exemplars }) => ({
    count: counts.reduce((a, b) => a + b, 0),
    sum,
    bounds,
    counts: Float64Array.from(counts),
    exemplars,
  }))
);

/** Native buckets without bounds may have any number of exemplars. */
const anyNativeAlone: fc.Arbitrary<HistogramView> = fc.record({
  count: fc.nat({ max: 5000 }),
  sum: anyNumber,
  exemplars: fc.array(anyExemplar(fc.double()), { maxLength: 4 }),
}).chain(({ count, sum, exemplars }) =>
  anyNative(count).map((native) => ({
    count,
    sum,
    bounds: new Float64Array(0),
    counts: Float64Array.of(count),
    exemplars: exemplars.sort((a, b) => a.value - b.value || 0),
    native,
  }))
);

export const anyHistogram: fc.Arbitrary<HistogramView> = fc.oneof(
  anyClassic,
  anyClassic.chain((view) =>
    anyNative(view.count).map((native) => ({ ...view, native }))
  ),
  anyNativeAlone,
);

/** Returns a value in a bucket; `lower` is undefined for the first bucket. */
function valueWithin(
  lower: number | undefined,
  upper: number,
): fc.Arbitrary<number> {
  const values = [upper];
  if (lower === undefined) values.push(-Infinity);
  if (upper === Infinity) values.push(NaN, Number.MAX_VALUE);
  if (lower !== undefined && upper !== Infinity) {
    const middle = lower / 2 + upper / 2;
    if (middle > lower && middle <= upper) values.push(middle);
  }
  return fc.constantFrom(...values);
}

export const anySummary: fc.Arbitrary<SummaryView> = fc.uniqueArray(
  fc.constantFrom(0, 0.01, 0.5, 0.9, 0.999, 1),
).chain((quantiles) =>
  fc.record({
    count: anyCount,
    sum: anyNumber,
    values: fc.array(anyNumber, {
      minLength: quantiles.length,
      maxLength: quantiles.length,
    }),
  }).map(({ count, sum, values }) => ({
    count,
    sum,
    quantiles: Float64Array.from(quantiles).sort(),
    // Without observations quantiles are NaN.
    values: Float64Array.from(values, (value) => count === 0 ? NaN : value),
  }))
);
