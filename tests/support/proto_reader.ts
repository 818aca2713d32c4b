/**
 * Reads delimited protobuf with an independent decoder, and checks the rules that
 * stand only in the comments of the published schema.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import type {
  Exemplar,
  Family,
  Histogram,
  LabelPair,
  Metric,
  Span,
  Timestamp,
} from "./proto_messages.ts";
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

/** The only field of metrics, by type. */
const FIELD: Readonly<Record<string, keyof Metric>> = {
  COUNTER: "counter",
  GAUGE: "gauge",
  SUMMARY: "summary",
  UNTYPED: "untyped",
  HISTOGRAM: "histogram",
  GAUGE_HISTOGRAM: "histogram",
};

/**
 * Reads a body; throws if it breaks a rule. `isOwn`: this module has written it;
 * other programs do not pack lists.
 */
export function readProto(
  body: Uint8Array,
  isOwn = true,
): readonly SeenFamily[] {
  const families: SeenFamily[] = [];
  const names = new Set<string>();
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const length = reader.uint32();
    const end = reader.pos + length;
    assert.ok(end <= body.length, "a length within the body");
    const message = MetricFamily.decode(body.subarray(reader.pos, end));
    // Fields outside the schema would be lost when the message is encoded again.
    const again = MetricFamily.encode(message).finish().length;
    if (isOwn) assert.equal(again, length, "no fields outside the schema");
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
  const { name, help, type, unit = "", metric = [] } = family;
  assert.ok(name !== "" && help !== "");
  assert.ok(metric.length > 0, "no family without metrics");
  const seen = new Set<string>();
  const series = metric.map((sample) => {
    const { label = [], ...values } = sample;
    assert.deepEqual(Object.keys(values), [FIELD[type]], `${name}: one value`);
    const labels = pairsOf(label);
    assert.ok(labels.every(([, value]) => value !== ""), "no empty label");
    const sorted = sortedPairs(labels);
    const key = JSON.stringify(sorted);
    assert.ok(!seen.has(key), "no series twice");
    seen.add(key);
    return { labels: sorted, ...seenMetric(sample) };
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
  const buckets = bucket.map((current) => {
    const { upper_bound: upper, exemplar } = current;
    const cumulative = either(
      current.cumulative_count,
      current.cumulative_count_float,
    );
    assert.ok(cumulative >= before && upper > bound, "rising");
    // -Inf is counted in the first bucket, NaN in the last.
    const value = exemplar?.value ?? upper;
    const isAbove = value > bound || bound === -Infinity;
    const isWithin = isAbove && value <= upper ||
      Number.isNaN(value) && upper === Infinity;
    assert.ok(isWithin, "an exemplar within its bucket");
    [before, bound] = [cumulative, upper];
    return [bound, cumulative] as const;
  });
  if (buckets.length > 0) {
    assert.deepEqual(buckets.at(-1), [Infinity, count], "all in the last");
  }
  const native = seenNative(histogram, count);
  const own = exemplars.map(seenExemplar);
  assert.ok(own.every(({ timestamp }) => timestamp > 0), "all stamped");
  const classic = bucket.flatMap(({ exemplar }) =>
    exemplar === undefined ? [] : [seenExemplar(exemplar)]
  );
  // Native exemplars repeat the classic ones that have a timestamp.
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

/** Checks that either all counts of a histogram are floats, or none is. */
function checkOneKind(histogram: Histogram): void {
  const floats = histogram.count_float !== undefined;
  const { bucket = [], zero_count, zero_count_float } = histogram;
  const foreign = floats
    ? [zero_count, histogram.negative_delta, histogram.positive_delta]
    : [zero_count_float, histogram.negative_count, histogram.positive_count];
  assert.ok(
    foreign.every((field) => field === undefined),
    "one kind of counts",
  );
  for (const { cumulative_count_float } of bucket) {
    assert.equal(cumulative_count_float !== undefined, floats, "one kind");
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
    const classic = /^(count|count_float|sum|bucket|created)$/;
    const others = Object.keys(histogram).filter((key) => !classic.test(key));
    assert.deepEqual(others, [], "nothing native without a schema");
    return undefined;
  }
  assert.ok(zeroThreshold! >= 0, "a zero threshold");
  assert.ok(schema >= -4 && schema <= 8, "a schema from -4 to 8");
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
  const total = [...negative, ...positive]
    .reduce((sum, [, count]) => sum + count, 0);
  const isDistinct = zeroThreshold! > 0 || zeroCount > 0 || total > 0 ||
    histogram.positive_span?.length === 1;
  assert.ok(isDistinct, "a native histogram that differs from a classic one");
  // Readers compare integers only: float additions depend on the order.
  const most = count > Number.MAX_SAFE_INTEGER ? count * (1 + 2 ** -20) : count;
  assert.ok(zeroCount + total <= most, "no more than the count");
  return {
    schema,
    zeroThreshold: zeroThreshold!,
    zeroCount,
    negative,
    positive,
  };
}

/** Converts spans and deltas to indexes and counts; checks that their numbers agree. */
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
    assert.ok(i === 0 || offset >= 0, "gaps from 0 on");
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
    labels: pairsOf(label),
    value: unsigned(value),
    timestamp: seconds(timestamp),
  };
}

function pairsOf(label: readonly LabelPair[]): [string, string][] {
  const pairs = label.map(({ name, value }): [string, string] => [name, value]);
  assert.equal(new Map(pairs).size, pairs.length, "no label name twice");
  return pairs;
}

function seconds(timestamp: Timestamp | undefined): number {
  if (timestamp === undefined) return 0;
  const { seconds, nanos } = timestamp;
  assert.ok(nanos >= 0 && nanos < 1e9, "a fraction of a second");
  return seconds + nanos / 1e9;
}
