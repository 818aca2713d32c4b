/** Arbitrary snapshots that can be merged, and a form to compare them in. */
import * as fc from "../support/property.ts";
import { bucketIndex } from "../../src/base/internal.ts";
import {
  type DenseBuckets,
  type Exemplar,
  type FamilyDesc,
  familyDesc,
  type FamilySnapshot,
  type HistogramView,
  type NativeView,
  type Snapshot,
  type SummaryView,
} from "../../src/model/mod.ts";

const help = "Help.";
const labelNames = ["a", "b"];

/** One family per merge rule and type of value. */
export const DESCS = {
  counter: familyDesc({ name: "c_total", type: "counter", help, labelNames }),
  gauge: familyDesc({ name: "g", type: "gauge", help, labelNames }),
  highest: familyDesc({ name: "max", type: "gauge", help, merge: "max" }),
  lowest: familyDesc({ name: "min", type: "gauge", help, merge: "min" }),
  last: familyDesc({
    name: "l",
    type: "gauge",
    help,
    labelNames,
    merge: "last",
  }),
  classic: familyDesc({ name: "h", type: "histogram", help, labelNames }),
  native: familyDesc({ name: "n", type: "histogram", help, labelNames }),
  both: familyDesc({ name: "hn", type: "gaugehistogram", help }),
  lastOne: familyDesc({ name: "hl", type: "histogram", help, merge: "last" }),
  summary: familyDesc({ name: "s", type: "summary", help, labelNames }),
} satisfies Record<string, FamilyDesc>;

/** Numbers whose sums are exact. */
export const anyExact = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8),
);

const anyValue = fc.oneof(
  anyExact,
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity),
);

const anyExemplar: fc.Arbitrary<Exemplar> = fc.record({
  labels: fc.constantFrom({}, { trace_id: "1" }, { trace_id: "2" }),
  value: anyValue,
  timestamp: fc.constantFrom(0, 1, 2, 3),
}, { noNullPrototype: true });

const maybeExemplar = fc.option(anyExemplar, { nil: undefined });

const BOUNDS = Float64Array.of(1, 2);

const anyCounts = fc.tuple(...[0, 1, 2].map(() => fc.nat({ max: 9 })));

export const anyClassic: fc.Arbitrary<HistogramView> = fc.record({
  counts: anyCounts,
  sum: anyValue,
  exemplars: fc.array(maybeExemplar, { maxLength: 3 }),
}).map(({ counts, sum, exemplars }) => ({
  count: counts.reduce((a, b) => a + b, 0),
  sum,
  bounds: BOUNDS,
  counts: Float64Array.from(counts),
  exemplars,
}));

/** Observations of many magnitudes, on both sides of zero, also infinite. */
export const anyObserved = fc.oneof(
  anyExact,
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, 1e-9, 2 ** -128, 2 ** 40, Infinity, -Infinity, 0.3, 0.001),
);

export const anySettings = fc.record({
  schema: fc.integer({ min: -4, max: 8 }),
  zeroThreshold: fc.constantFrom(0, 2 ** -128, 0.001, 0.3, 1),
}, { noNullPrototype: true });

export type Settings = typeof anySettings extends fc.Arbitrary<infer T> ? T
  : never;

/** Returns the native buckets of `values`, found one by one. */
export function naiveNative(
  { schema, zeroThreshold }: Settings,
  values: readonly number[],
): NativeView {
  const isZero = (value: number) => Math.abs(value) <= zeroThreshold;
  const side = (sign: number): DenseBuckets => {
    const sizes = values.filter((v) => v * sign > 0 && !isZero(v)).map(
      Math.abs,
    );
    const finite = sizes.filter((value) => value < Infinity);
    const indexes = finite.map((value) => bucketIndex(value, schema));
    const offset = indexes.length === 0 ? 0 : Math.min(...indexes);
    const size = indexes.length === 0 ? 0 : Math.max(...indexes) - offset + 1;
    const counts = new Float64Array(size);
    for (const index of indexes) counts[index - offset]!++;
    return { offset, size, counts, overflow: sizes.length - finite.length };
  };
  return {
    schema,
    zeroThreshold,
    zeroCount: values.filter(isZero).length,
    positive: side(1),
    negative: side(-1),
  };
}

export function nativeView(
  settings: Settings,
  values: readonly number[],
  exemplars: readonly Exemplar[] = [],
): HistogramView {
  return {
    count: values.length,
    sum: 0,
    bounds: new Float64Array(0),
    counts: Float64Array.of(values.length),
    exemplars,
    native: naiveNative(settings, values),
  };
}

const anyNative: fc.Arbitrary<HistogramView> = fc.tuple(
  anySettings,
  fc.array(anyObserved, { maxLength: 8 }),
  fc.array(anyExemplar, { maxLength: 6 }),
).map(([settings, values, exemplars]) =>
  nativeView(settings, values, exemplars)
);

const anyBoth: fc.Arbitrary<HistogramView> = fc.tuple(anyClassic, anyNative)
  .map(([classic, { native }]) => ({ ...classic, native }));

const anySummary: fc.Arbitrary<SummaryView> = fc.record({
  count: fc.nat({ max: 9 }),
  sum: anyValue,
  quantiles: fc.constant(Float64Array.of(0.5, 0.9)),
  values: fc.tuple(anyExact, anyExact).map((two) => Float64Array.from(two)),
}, { noNullPrototype: true });

interface Row {
  readonly values: readonly string[];
  readonly start: number;
  readonly time: number;
  readonly number?: number;
  readonly exemplar?: Exemplar | undefined;
  readonly histogram?: HistogramView;
  readonly summary?: SummaryView;
}

const POINTS: Readonly<Record<keyof typeof DESCS, fc.Arbitrary<Partial<Row>>>> =
  {
    counter: fc.record({
      number: anyExact.map(Math.abs),
      exemplar: maybeExemplar,
    }),
    gauge: fc.record({ number: anyValue }),
    highest: fc.record({ number: anyValue }),
    lowest: fc.record({ number: anyValue }),
    last: fc.record({ number: anyValue, exemplar: maybeExemplar }),
    classic: fc.record({ histogram: anyClassic }),
    native: fc.record({ histogram: anyNative }),
    both: fc.record({ histogram: anyBoth }),
    lastOne: fc.record({ histogram: anyClassic }),
    summary: fc.record({ summary: anySummary }),
  };

/** Returns a snapshot of the family `desc` with these rows. */
export function familyOf(
  desc: FamilyDesc,
  rows: readonly Row[],
): FamilySnapshot {
  return {
    desc,
    labelValues: rows.flatMap(({ values }) => values),
    starts: Float64Array.from(rows, ({ start }) => start),
    times: Float64Array.from(rows, ({ time }) => time),
    numbers: Float64Array.from(rows.flatMap(({ number }) => number ?? [])),
    exemplars: new Map(
      rows.flatMap(({ exemplar }, row) => exemplar ? [[row, exemplar]] : []),
    ),
    histograms: rows.flatMap(({ histogram }) => histogram ?? []),
    summaries: rows.flatMap(({ summary }) => summary ?? []),
  };
}

const anyFamily = (key: keyof typeof DESCS): fc.Arbitrary<FamilySnapshot> => {
  const desc = DESCS[key];
  const row = fc.record({
    values: fc.tuple(
      ...desc.labelNames.map(() => fc.constantFrom("", "1", "1,")),
    ),
    start: fc.constantFrom(0, 5, 6),
    time: fc.constantFrom(0, 1, 2),
    point: POINTS[key],
  }).map(({ point, ...rest }) => ({ ...rest, ...point }));
  return fc.uniqueArray(row, {
    maxLength: 3,
    selector: ({ values }) => JSON.stringify(values),
  }).map((rows) => familyOf(desc, rows));
};

/** A snapshot of some of the families, each with up to three series. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc.tuple(
  ...(Object.keys(DESCS) as (keyof typeof DESCS)[]).map((key) =>
    fc.option(anyFamily(key), { nil: undefined, freq: 2 })
  ),
).map((families) => ({
  families: families.filter((family) => family !== undefined),
}));

/** Returns a form that is equal for equal contents in any order. */
export function normal(snapshot: Snapshot): unknown {
  return snapshot.families.map((family) => {
    const { desc } = family;
    const { length } = desc.labelNames;
    const rows = [...family.starts.keys()].map((row) => ({
      values: family.labelValues.slice(row * length, (row + 1) * length),
      start: family.starts[row],
      time: family.times[row],
      number: family.numbers[row],
      exemplar: family.exemplars.get(row),
      histogram: family.histograms[row] && normalView(family.histograms[row]),
      summary: family.summaries[row],
    }));
    return {
      desc,
      rows: rows.sort((a, b) =>
        JSON.stringify(a.values) < JSON.stringify(b.values) ? -1 : 1
      ),
    };
  }).sort((a, b) => a.desc.name < b.desc.name ? -1 : 1);
}

function normalView(view: HistogramView): unknown {
  const { native, exemplars } = view;
  return {
    ...view,
    // Exemplars of classic buckets may end in gaps; native ones are a set.
    exemplars: native !== undefined && view.bounds.length === 0
      ? exemplars.map((each) => JSON.stringify(each, encodeNumber)).sort()
      : [0, 1, 2].map((i) => exemplars[i]),
    native: native &&
      {
        ...native,
        positive: normalSide(native.positive),
        negative: normalSide(native.negative),
      },
  };
}

/** Turns NaN, infinities and -0 into text: JSON cannot express them. */
function encodeNumber(_: string, value: unknown): unknown {
  return typeof value === "number" && (value === 0 || !Number.isFinite(value))
    ? Object.is(value, -0) ? "-0" : String(value)
    : value;
}

function normalSide({ offset, size, counts, overflow }: DenseBuckets): unknown {
  const full = [...counts.subarray(0, size)].map((count, i) =>
    [offset + i, count] as const
  ).filter(([, count]) => count > 0);
  return { full, overflow };
}
