/**
 * Computes the expected result of reading a snapshot in a format. Follows the
 * published rules of each format, and shares no code with the encoders.
 */
import { bucketIndex } from "../../src/base/internal.ts";
import type { Format } from "../../src/encode/mod.ts";
import type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  FamilySnapshot,
  HistogramView,
  MetricType,
  NativeView,
  Snapshot,
  SummaryView,
} from "../../src/model/mod.ts";
import { escapedDesc } from "../../src/model/internal.ts";
import {
  type SeenExemplar,
  type SeenFamily,
  type SeenNative,
  type SeenSeries,
  type SeenValue,
  sortedPairs,
  unsigned,
} from "./seen.ts";

type Kind = "text" | "open1" | "open2" | "proto";

const TYPES: Readonly<
  Record<"text" | "proto", Readonly<Record<MetricType, string>>>
> = {
  text: {
    counter: "counter",
    gauge: "gauge",
    histogram: "histogram",
    gaugehistogram: "histogram",
    summary: "summary",
    info: "gauge",
    stateset: "gauge",
    unknown: "untyped",
  },
  proto: {
    counter: "COUNTER",
    gauge: "GAUGE",
    histogram: "HISTOGRAM",
    gaugehistogram: "GAUGE_HISTOGRAM",
    summary: "SUMMARY",
    info: "GAUGE",
    stateset: "GAUGE",
    unknown: "UNTYPED",
  },
};

/** Returns the family of formats that a format belongs to. */
export function kindOf({ id }: Format): Kind {
  if (id.startsWith("text")) return "text";
  if (id === "protobuf") return "proto";
  return id === "openmetrics-2.0.0" ? "open2" : "open1";
}

/** Returns what a reader of `format` must see, with `_created` where it exists. */
export function expectedOf(
  { families }: Snapshot,
  format: Format,
): readonly SeenFamily[] {
  const kind = kindOf(format);
  return families.filter(({ starts }) => starts.length > 0).map((family) => {
    const desc = escapedDesc(family.desc, format.escaping);
    const types = kind === "text" || kind === "proto" ? TYPES[kind] : undefined;
    return {
      name: desc.name,
      type: types?.[desc.type] ?? desc.type,
      help: desc.help,
      unit: kind === "text" ? "" : desc.unit,
      series: [...family.starts.keys()]
        .filter((row) => isWritten(family.summaries[row], kind))
        .map((row) => expectedSeries(family, desc, row, kind)),
    };
  }).filter(({ series }) => series.length > 0);
}

/** OpenMetrics 2.0 has no summary without a legal sum. */
function isWritten(summary: SummaryView | undefined, kind: Kind): boolean {
  return kind !== "open2" || summary === undefined || summary.sum >= 0;
}

function expectedSeries(
  family: FamilySnapshot,
  desc: FamilyDesc,
  row: number,
  kind: Kind,
): SeenSeries {
  const { labelNames, type } = desc;
  const labels = sortedPairs(
    labelNames.map((name, i) =>
      [name, family.labelValues[row * labelNames.length + i]!] as const
    ),
  );
  const started = ["counter", "histogram", "summary"].includes(type);
  const start = started && kind !== "text" ? family.starts[row]! : 0;
  const histogram = family.histograms[row];
  const summary = family.summaries[row];
  if (histogram !== undefined) {
    const value = expectedHistogram(histogram, type, kind);
    const exemplars = expectedExemplars(histogram.exemplars, kind);
    if (!nativeOnly(histogram)) return { labels, value, start, exemplars };
    const stamped = exemplars.filter(({ timestamp }) => timestamp > 0);
    // OpenMetrics 1.0 writes one bucket, with one exemplar: the newest.
    const byAge = exemplars.toSorted((a, b) => b.timestamp - a.timestamp);
    return {
      labels,
      value,
      start,
      exemplars: kind === "open1" ? byAge.slice(0, 1) : stamped,
    };
  }
  if (summary !== undefined) {
    const value = expectedSummary(summary, kind);
    return { labels, value, start, exemplars: [] };
  }
  const exemplar = type === "counter" ? family.exemplars.get(row) : undefined;
  return {
    labels,
    value: { kind: "number", value: unsigned(family.numbers[row]!) },
    start,
    exemplars: expectedExemplars([exemplar], kind),
  };
}

function nativeOnly({ bounds, native }: HistogramView): boolean {
  return bounds.length === 0 && native !== undefined;
}

function expectedHistogram(
  view: HistogramView,
  type: MetricType,
  kind: Kind,
): SeenValue {
  const { bounds, counts, count, sum, native } = view;
  let cumulative = 0;
  const buckets = [...bounds, Infinity].map((bound, i) => {
    cumulative += counts[i]!;
    return [unsigned(bound), cumulative] as const;
  });
  const below = bounds.length > 0 && bounds[0]! < 0;
  const allowed = kind !== "open1" ||
    (below ? type === "gaugehistogram" && !Number.isNaN(sum) : sum >= 0);
  const both = kind === "open2" || kind === "proto";
  return {
    kind: "histogram",
    count,
    sum: allowed ? unsigned(sum) : undefined,
    buckets: both && nativeOnly(view) ? undefined : buckets,
    native: both && native !== undefined ? expectedNative(native) : undefined,
  };
}

function expectedNative(native: NativeView): SeenNative {
  const { schema, zeroThreshold, zeroCount, negative, positive } = native;
  const side = ({ offset, size, counts, overflow }: DenseBuckets) => {
    const found = new Map<number, number>();
    for (let i = 0; i < size; i++) found.set(offset + i, counts[i]!);
    const infinity = bucketIndex(Infinity, schema);
    found.set(infinity, overflow + (found.get(infinity) ?? 0));
    return [...found].filter(([, count]) => count > 0)
      .sort(([a], [b]) => a - b);
  };
  return {
    schema,
    zeroThreshold,
    zeroCount,
    negative: side(negative),
    positive: side(positive),
  };
}

function expectedSummary(view: SummaryView, kind: Kind): SeenValue {
  const { count, sum, quantiles, values } = view;
  const open = kind === "open1";
  return {
    kind: "summary",
    count,
    sum: open && !(sum >= 0) ? undefined : unsigned(sum),
    quantiles: [...quantiles]
      .map((rank, i) => [unsigned(rank), unsigned(values[i]!)] as const)
      .filter(([, value]) =>
        kind === "text" || kind === "proto" || !(value < 0)
      )
      // Section "Summary": NaN if there was no observation.
      .filter(([, value]) => !open || count > 0 || Number.isNaN(value)),
  };
}

function expectedExemplars(
  exemplars: readonly (Exemplar | undefined)[],
  kind: Kind,
): readonly SeenExemplar[] {
  return exemplars.flatMap((exemplar) => {
    if (exemplar === undefined || kind === "text") return [];
    if (!isLegal(exemplar)) return [];
    if (kind === "open1" && codePoints(exemplar) > 128) return [];
    if (kind === "open2" && exemplar.timestamp === 0) return [];
    const { labels, value, timestamp } = exemplar;
    return [{
      labels: Object.entries(labels),
      value: unsigned(value),
      timestamp,
    }];
  });
}

function isLegal({ labels }: Exemplar): boolean {
  return Object.keys(labels).every((name) => /^[a-z]\w*$/i.test(name));
}

function codePoints({ labels }: Exemplar): number {
  return [...Object.entries(labels).flat().join("")].length;
}
