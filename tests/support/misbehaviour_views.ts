/** Views, labels and exemplars, most of them nearly legal. */
import * as fc from "./property.ts";
import { Labels } from "../../src/model/mod.ts";

/** A value as data that is not typed brings it. */
export const anyJunk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    "",
    "1",
    "1\nevil_total 666",
    '"} 1\nevil 2',
    true,
    10n,
    Symbol("junk"),
    [],
    [1],
    {},
    () => 1,
    new Date(0),
    { valueOf: () => 3, toString: () => "4\nevil 5" },
  ),
  fc.constantFrom(
    NaN,
    Infinity,
    -Infinity,
    -1,
    0.5,
    -0,
    1e300,
    2 ** 53,
    2 ** 64,
    5e-324,
    253_402_300_800,
  ),
  fc.double(),
);

/** Returns `legal`, or once in a while junk instead. */
export const or = <T>(legal: T): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 25, arbitrary: fc.constant(legal as unknown) },
    { weight: 1, arbitrary: anyJunk },
  );

const anyNumbers = (...legal: readonly number[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(Float64Array.from(legal) as unknown) },
    {
      weight: 2,
      arbitrary: fc.array(fc.oneof(fc.double(), fc.integer()), { maxLength: 4 })
        .map((list) => Float64Array.from(list)),
    },
    { weight: 1, arbitrary: fc.array(anyJunk, { maxLength: 3 }) },
    { weight: 1, arbitrary: anyJunk },
  );

/** An object whose properties throw, or change with each read, once in a while. */
const lying = (record: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: record as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: anyJunk },
    {
      weight: 2,
      arbitrary: fc.tuple(record, fc.nat({ max: 6 }), fc.boolean()).map(
        ([honest, reads, throws]) => {
          let left = reads;
          return new Proxy(honest, {
            get(target, key) {
              if (left-- > 0) return Reflect.get(target, key);
              if (throws) throw new Error("a getter");
              return "7\nevil 8";
            },
          });
        },
      ),
    },
  );

const anyText = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom<unknown>("a", "b", "", '"\\\n', "é", "\ud800"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>("\udfff", 5, undefined, null, {}),
  },
);

export const anyLabels = lying(
  fc.tuple(fc.array(anyText, { maxLength: 3 }), fc.boolean()).map(
    ([values, owned]) =>
      owned && values.length <= 1
        ? new Labels(["k"], values as string[])
        : { names: ["k"], value: (i: number) => i in values ? values[i] : "x" },
  ),
);

export const anyExemplar = fc.oneof(
  { weight: 2, arbitrary: fc.constant<unknown>(undefined) },
  {
    weight: 1,
    arbitrary: lying(fc.record({
      labels: fc.oneof(
        fc.dictionary(
          fc.constantFrom("trace_id", "k", "not a name", "__proto__", "le"),
          anyText,
        ),
        anyJunk,
      ),
      value: or(0.25),
      timestamp: or(1_700_000_000.5),
    })),
  },
);

const anySide = lying(fc.record({
  offset: or(0),
  size: or(1),
  counts: anyNumbers(1),
  overflow: or(0),
}));

/** Counts around the limits of integers, for formats that write integers. */
const anyLargeCount = fc.constantFrom(
  0,
  1,
  3,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 60,
  2 ** 63,
  2 ** 64,
  1e300,
  Number.MAX_VALUE,
);

const anyLargeSide = fc.array(anyLargeCount, { maxLength: 3 }).map((list) => ({
  offset: 0,
  size: list.length,
  counts: Float64Array.from(list),
  overflow: 0,
}));

/** Histograms of large counts, half of which add up. */
const anyLargeHistogram = fc.record({
  counts: fc.array(anyLargeCount, { minLength: 3, maxLength: 3 }),
  count: fc.option(anyLargeCount, { nil: undefined }),
  native: fc.option(
    fc.record({
      zeroCount: anyLargeCount,
      positive: anyLargeSide,
      negative: anyLargeSide,
    }),
    { nil: undefined },
  ),
}).map(({ counts, count, native }) => {
  const add = (list: Iterable<number>) => [...list].reduce((a, b) => a + b, 0);
  const common = { sum: 1, exemplars: [] };
  if (native === undefined) {
    return {
      ...common,
      count: count ?? add(counts),
      bounds: Float64Array.of(0.5, 1),
      counts: Float64Array.from(counts),
    };
  }
  const { zeroCount, positive, negative } = native;
  const total = add([zeroCount, ...positive.counts, ...negative.counts]);
  return {
    ...common,
    count: count ?? total,
    bounds: new Float64Array(0),
    counts: Float64Array.of(count ?? total),
    native: { schema: 0, zeroThreshold: 0, ...native },
  };
});

const anySmallHistogram = lying(
  fc.record({
    count: or(3),
    sum: or(4.5),
    bounds: fc.oneof(
      { weight: 9, arbitrary: anyNumbers(0.5, 1) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>(
          Float64Array.of(1, 0.5),
          Float64Array.of(1, 1),
          Float64Array.of(NaN, 1),
          Float64Array.of(1, Infinity),
          Float64Array.of(-Infinity, 1),
        ),
      },
    ),
    counts: anyNumbers(1, 1, 1),
    exemplars: fc.oneof(
      { weight: 25, arbitrary: fc.array(anyExemplar, { maxLength: 1 }) },
      { weight: 2, arbitrary: fc.array(anyExemplar, { maxLength: 4 }) },
      { weight: 1, arbitrary: anyJunk },
    ),
    native: fc.oneof(
      { weight: 4, arbitrary: fc.constant<unknown>(undefined) },
      {
        weight: 1,
        arbitrary: lying(fc.record({
          schema: or(0),
          zeroThreshold: or(0),
          zeroCount: or(1),
          positive: anySide,
          negative: anySide,
        })),
      },
    ),
  }),
);

export const anyHistogram = fc.oneof(
  { weight: 3, arbitrary: anySmallHistogram },
  { weight: 1, arbitrary: anyLargeHistogram as fc.Arbitrary<unknown> },
);

export const anySummary = lying(fc.record({
  count: fc.oneof(
    { weight: 4, arbitrary: or(2) },
    { weight: 1, arbitrary: anyLargeCount },
  ),
  sum: or(3),
  quantiles: anyNumbers(0.5, 0.9),
  values: anyNumbers(1, 2),
}));
