/**
 * Reads delimited protobuf by a decoder that nobody here wrote, and demands
 * what the published schema leaves to good manners.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import {
  type SeenExemplar,
  type SeenFamily,
  type SeenNative,
  type SeenSeries,
  sortedPairs,
  unsigned,
} from "./seen.ts";

const schema = readFileSync(
  new URL("./metrics.proto", import.meta.url),
  "utf8",
);
const MetricFamily = protobuf.parse(schema, { keepCase: true }).root
  .lookupType("io.prometheus.client.MetricFamily");

interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

interface Exemplar {
  readonly label?: readonly LabelPair[];
  readonly value: number;
  readonly timestamp?: Timestamp;
}

interface LabelPair {
  readonly name: string;
  readonly value: string;
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

interface Histogram {
  readonly count?: number;
  readonly count_float?: number;
  readonly sum: number;
  readonly bucket?: readonly {
    readonly cumulative_count?: number;
    readonly cumulative_count_float?: number;
    readonly upper_bound: number;
    readonly exemplar?: Exemplar;
  }[];
  readonly schema?: number;
  readonly zero_threshold?: number;
  readonly zero_count?: number;
  readonly zero_count_float?: number;
  readonly negative_span?: readonly Span[];
  readonly negative_delta?: readonly number[];
  readonly negative_count?: readonly number[];
  readonly positive_span?: readonly Span[];
  readonly positive_delta?: readonly number[];
  readonly positive_count?: readonly number[];
  readonly created?: Timestamp;
  readonly exemplars?: readonly Exemplar[];
}

interface Metric {
  readonly label?: readonly LabelPair[];
  readonly gauge?: { readonly value: number };
  readonly untyped?: { readonly value: number };
  readonly counter?: {
    readonly value: number;
    readonly exemplar?: Exemplar;
    readonly created?: Timestamp;
  };
  readonly summary?: {
    readonly count: number;
    readonly sum: number;
    readonly quantile?: readonly {
      readonly quantile: number;
      readonly value: number;
    }[];
    readonly created?: Timestamp;
  };
  readonly histogram?: Histogram;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit?: string;
  readonly metric: readonly Metric[];
}

/** By type, the one field that its metrics have. */
const FIELD: Readonly<Record<string, keyof Metric>> = {
  COUNTER: "counter",
  GAUGE: "gauge",
  SUMMARY: "summary",
  UNTYPED: "untyped",
  HISTOGRAM: "histogram",
  GAUGE_HISTOGRAM: "histogram",
};

/** Reads a whole body; what it finds amiss fails as an assertion. */
export function readProto(body: Uint8Array): readonly SeenFamily[] {
  const families: SeenFamily[] = [];
  const names = new Set<string>();
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const length = reader.uint32();
    const end = reader.pos + length;
    assert.ok(end <= body.length, "a length within the body");
    const message = MetricFamily.decode(body.subarray(reader.pos, end));
    // Fields that the schema does not know would be lost on the way.
    assert.equal(MetricFamily.encode(message).finish().length, length);
    const family = MetricFamily.toObject(message, {
      longs: Number,
      enums: String,
    }) as Family;
    assert.ok(!names.has(family.name), `${family.name} once`);
    names.add(family.name);
    families.push(seenFamily(family));
    reader.pos = end;
  }
  return families;
}

function seenFamily(family: Family): SeenFamily {
  const { name, help, type, unit = "", metric } = family;
  assert.ok(name !== "" && help !== "");
  assert.ok(metric.length > 0, "no family without metrics");
  const seen = new Set<string>();
  const series = metric.map((one) => {
    const { label = [], ...values } = one;
    assert.deepEqual(Object.keys(values), [FIELD[type]], name);
    const labels = label.map(({ name, value }) => [name, value] as const);
    assert.equal(new Map(labels).size, labels.length, "no label name twice");
    assert.ok(labels.every(([, value]) => value !== ""), "no empty label");
    const sorted = sortedPairs(labels);
    const key = JSON.stringify(sorted);
    assert.ok(!seen.has(key), "no series twice");
    seen.add(key);
    return { labels: sorted, ...seenMetric(one) };
  });
  return { name, help, type, unit, series };
}

function seenMetric(metric: Metric): Omit<SeenSeries, "labels"> {
  const { counter, summary, histogram } = metric;
  if (counter !== undefined) {
    const { value, exemplar, created } = counter;
    return {
      value: { kind: "number", value: unsigned(value) },
      start: seconds(created),
      exemplars: exemplar === undefined ? [] : [seenExemplar(exemplar)],
    };
  }
  if (summary !== undefined) {
    const { count, sum, quantile = [], created } = summary;
    const quantiles = quantile.map(({ quantile, value }) =>
      [quantile, unsigned(value)] as const
    );
    return {
      value: { kind: "summary", count, sum: unsigned(sum), quantiles },
      start: seconds(created),
      exemplars: [],
    };
  }
  if (histogram !== undefined) return seenHistogram(histogram);
  const { value } = (metric.gauge ?? metric.untyped)!;
  return {
    value: { kind: "number", value: unsigned(value) },
    start: 0,
    exemplars: [],
  };
}

function seenHistogram(histogram: Histogram): Omit<SeenSeries, "labels"> {
  const { bucket = [], created, exemplars = [], sum } = histogram;
  checkOneKind(histogram);
  const count = either(histogram.count, histogram.count_float);
  let [before, bound] = [0, -Infinity];
  const buckets = bucket.map((one) => {
    const cumulative = either(one.cumulative_count, one.cumulative_count_float);
    assert.ok(cumulative >= before && one.upper_bound > bound);
    [before, bound] = [cumulative, one.upper_bound];
    return [bound, cumulative] as const;
  });
  if (buckets.length > 0) assert.deepEqual(buckets.at(-1), [Infinity, count]);
  const native = seenNative(histogram, count);
  const own = exemplars.map(seenExemplar);
  assert.ok(own.every(({ timestamp }) => timestamp > 0));
  const classic = bucket.flatMap(({ exemplar }) =>
    exemplar === undefined ? [] : [seenExemplar(exemplar)]
  );
  // Beside classic buckets, the native ones carry the same, if stamped.
  if (native !== undefined && buckets.length > 0) {
    assert.deepEqual(own, classic.filter(({ timestamp }) => timestamp > 0));
  }
  return {
    value: {
      kind: "histogram",
      count,
      sum: unsigned(sum),
      buckets: buckets.length > 0 ? buckets : undefined,
      native,
    },
    start: seconds(created),
    exemplars: buckets.length > 0 ? classic : own,
  };
}

/** A reader takes all counts of a histogram for floats, or none. */
function checkOneKind(histogram: Histogram): void {
  const floats = histogram.count_float !== undefined;
  const { bucket = [], zero_count, zero_count_float } = histogram;
  const foreign = floats
    ? [zero_count, histogram.negative_delta, histogram.positive_delta]
    : [zero_count_float, histogram.negative_count, histogram.positive_count];
  assert.ok(foreign.every((one) => one === undefined));
  for (const { cumulative_count_float } of bucket) {
    assert.equal(cumulative_count_float !== undefined, floats);
  }
}

function either(whole: number | undefined, float: number | undefined): number {
  assert.ok((whole === undefined) !== (float === undefined), "one of the two");
  return (whole ?? float)!;
}

function seenNative(
  histogram: Histogram,
  count: number,
): SeenNative | undefined {
  const { schema, zero_threshold: zeroThreshold } = histogram;
  if (schema === undefined) {
    assert.equal(histogram.positive_span, undefined);
    return undefined;
  }
  assert.ok(schema >= -4 && schema <= 8);
  const zeroCount = either(histogram.zero_count, histogram.zero_count_float);
  const negative = seenSide(
    histogram.negative_span,
    histogram.negative_delta,
    histogram.negative_count,
  );
  const positive = seenSide(
    histogram.positive_span,
    histogram.positive_delta,
    histogram.positive_count,
  );
  const total = [...negative, ...positive].reduce((n, [, one]) => n + one, 0);
  const isTold = zeroThreshold! > 0 || zeroCount > 0 || total > 0 ||
    histogram.positive_span?.length === 1;
  assert.ok(isTold, "a native histogram that can be told from a classic one");
  assert.ok(zeroCount + total <= count);
  return {
    schema,
    zeroThreshold: zeroThreshold!,
    zeroCount,
    negative,
    positive,
  };
}

/** Spans and deltas to index and count; neither too many nor too few. */
function seenSide(
  spans: readonly Span[] = [],
  deltas: readonly number[] | undefined,
  floats: readonly number[] | undefined,
): readonly (readonly [number, number])[] {
  assert.ok(deltas === undefined || floats === undefined, "one of the two");
  const counts = [...floats ?? []];
  for (const delta of deltas ?? []) counts.push((counts.at(-1) ?? 0) + delta);
  const found: (readonly [number, number])[] = [];
  let index = 0;
  let at = 0;
  spans.forEach(({ offset, length }, i) => {
    assert.ok(i === 0 || offset >= 0);
    index += offset;
    for (let n = 0; n < length; n++, index++, at++) {
      assert.ok(counts[at]! >= 0, "counts from 0 on");
      if (counts[at]! > 0) found.push([index, counts[at]!]);
    }
  });
  assert.equal(at, counts.length, "as many counts as buckets in the spans");
  return found;
}

function seenExemplar(exemplar: Exemplar): SeenExemplar {
  const { label = [], value, timestamp } = exemplar;
  return {
    labels: label.map(({ name, value }) => [name, value] as const),
    value: unsigned(value),
    timestamp: seconds(timestamp),
  };
}

function seconds(timestamp: Timestamp | undefined): number {
  if (timestamp === undefined) return 0;
  const { seconds, nanos } = timestamp;
  assert.ok(nanos >= 0 && nanos < 1e9);
  return seconds + nanos / 1e9;
}
