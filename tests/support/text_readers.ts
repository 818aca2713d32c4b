/** Converts the results of the strict text parsers to the form in `seen.ts`. */
import {
  type Dialect,
  type ParsedExemplar,
  type ParsedFamily,
  type ParsedFamily2,
  type ParsedNative,
  type ParsedSample,
  type ParsedSample2,
  parseExposition,
  parseOpenMetrics2,
  type ReadOptions,
} from "../../src/testing/mod.ts";
import {
  type SeenExemplar,
  type SeenFamily,
  type SeenNative,
  type SeenSeries,
  sortedPairs,
  unsigned,
} from "./seen.ts";

/** Reads a text body and groups the lines of each series. */
export function readText(
  body: Uint8Array,
  dialect: Dialect,
  options: ReadOptions,
): readonly SeenFamily[] {
  const open = dialect === "openmetrics-1.0.0";
  return parseExposition(body, dialect, options).map((family) => {
    const { name, type, help, unit, samples } = family;
    // In OpenMetrics the metadata do not have the suffix of the samples.
    const ending = open ? { counter: "_total", info: "_info" }[type] ?? "" : "";
    const groups = new Map<string, ParsedSample[]>();
    for (const sample of samples) {
      const key = JSON.stringify(labelsOf(family, sample));
      const group = groups.get(key) ?? [];
      groups.set(key, [...group, sample]);
    }
    const series = [...groups.values()].map((group) =>
      seenGroup(family, group)
    );
    return { name: name + ending, type, help, unit, series };
  });
}

/** Returns the labels of a series without `le` or `quantile`. */
function labelsOf(
  { type }: ParsedFamily,
  { labels }: ParsedSample,
): SeenSeries["labels"] {
  const own = type === "summary" ? "quantile" : "le";
  const isAdded = type === "summary" || type.endsWith("histogram");
  return sortedPairs([...labels].filter(([name]) => !isAdded || name !== own));
}

function seenGroup(
  family: ParsedFamily,
  group: readonly ParsedSample[],
): SeenSeries {
  const { name, type } = family;
  const suffixed = (...suffixes: readonly string[]) =>
    group.find((line) => suffixes.some((end) => line.name === name + end))
      ?.value;
  const labels = labelsOf(family, group[0]!);
  const start = suffixed("_created") ?? 0;
  const exemplars = group.flatMap(({ exemplar }) =>
    exemplar === undefined ? [] : [seenExemplar(exemplar)]
  );
  const rest = { labels, start, exemplars };
  const keyed = (label: string) =>
    group.filter(({ labels }) => labels.has(label)).map((line) => {
      const text = line.labels.get(label)!;
      const key = text === "+Inf" ? Infinity : Number(text);
      return [key, unsigned(line.value)] as const;
    });
  const sum = suffixed("_sum", "_gsum");
  const known = sum === undefined ? undefined : unsigned(sum);
  if (type === "summary") {
    const count = suffixed("_count")!;
    const quantiles = keyed("quantile");
    return {
      ...rest,
      value: { kind: "summary", count, sum: known, quantiles },
    };
  }
  if (type === "histogram" || type === "gaugehistogram") {
    const buckets = keyed("le");
    const count = buckets.at(-1)![1];
    const native = undefined;
    const kind = "histogram";
    return { ...rest, value: { kind, count, sum: known, buckets, native } };
  }
  const value = unsigned(group[0]!.value);
  return { ...rest, value: { kind: "number", value } };
}

function seenExemplar(exemplar: ParsedExemplar): SeenExemplar {
  const { labels, value, timestamp = 0 } = exemplar;
  return { labels: [...labels], value: unsigned(value), timestamp };
}

/** Reads a body of OpenMetrics 2.0. */
export function readOpenMetrics2(
  body: Uint8Array,
  options: ReadOptions,
): readonly SeenFamily[] {
  return parseOpenMetrics2(body, options).map((family: ParsedFamily2) => ({
    ...family,
    series: family.samples.map(seenSample2),
    samples: undefined,
  })).map(({ samples: _, ...family }) => family);
}

function seenSample2(sample: ParsedSample2): SeenSeries {
  const { value, start = 0, exemplars } = sample;
  const rest = {
    labels: sortedPairs(sample.labels),
    start,
    exemplars: exemplars.map(seenExemplar),
  };
  if (value.kind === "number") {
    return { ...rest, value: { ...value, value: unsigned(value.value) } };
  }
  const { count } = value;
  const sum = unsigned(value.sum);
  if (value.kind === "summary") {
    const quantiles = value.quantiles.map(([rank, quantile]) =>
      [rank, unsigned(quantile)] as const
    );
    return { ...rest, value: { kind: "summary", count, sum, quantiles } };
  }
  const { buckets } = value;
  const native = value.native && seenNative(value.native);
  return { ...rest, value: { kind: "histogram", count, sum, buckets, native } };
}

function seenNative(native: ParsedNative): SeenNative {
  const byIndex = (map: ReadonlyMap<number, number>) =>
    [...map].sort(([a], [b]) => a - b);
  return {
    ...native,
    negative: byIndex(native.negative),
    positive: byIndex(native.positive),
  };
}
