/** The interface of the two encodings of OTLP metrics. */
import type { ByteWriter } from "../../base/mod.ts";
import type { Exemplar, LabelSet, SummaryView } from "../../model/mod.ts";
import type { Attributes } from "../../trace/mod.ts";

/** The kinds of data that a metric holds. */
export type DataKind =
  | "gauge"
  | "sum"
  | "histogram"
  | "exponential"
  | "summary";

/** Values of the OTLP enum `AggregationTemporality`. */
export const TEMPORALITY = { delta: 1, cumulative: 2 } as const;

/** Everything about a metric except its points. */
export interface MetricHead {
  readonly name: string;
  readonly description: string;
  /** In UCUM; `""`: none. */
  readonly unit: string;
  readonly kind: DataKind;
  /** Undefined for kinds without temporality. */
  readonly temporality: 1 | 2 | undefined;
  readonly isMonotonic: boolean;
  /** The type of the family, if OTLP has none for it; else `""`. */
  readonly prometheusType: string;
}

/** The parts that points of all kinds have. */
export interface PointFacts {
  readonly labels: LabelSet;
  /** The indices of the labels that are attributes. */
  readonly attributes: readonly number[];
  /** Unix seconds; 0: unknown. */
  readonly start: number;
  readonly exemplars: readonly (Exemplar | undefined)[];
}

/** The data of a classic histogram; counts are not cumulative. */
export interface HistogramData {
  readonly count: number;
  /** Undefined: left out. */
  readonly sum: number | undefined;
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
}

/** One side of an exponential histogram. */
export interface Side {
  /** The index of the first bucket as OTLP counts: its bucket 0 begins at 1. */
  readonly offset: number;
  readonly size: number;
  /** May be longer than `size`. */
  readonly counts: Float64Array;
}

/** The data of an exponential histogram. */
export interface ExponentialData {
  readonly count: number;
  /** Undefined: left out. */
  readonly sum: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: Side;
  readonly negative: Side;
}

/** The instrumentation scope of metrics. */
export interface MetricScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Writes metrics of one scope. Everything between `begin` and `end` is a metric. */
export interface MetricWriter {
  /** Holds whole metrics while none is begun. */
  readonly out: ByteWriter;
  /** Begins a metric. */
  begin(head: MetricHead): void;
  /** Ends the metric. */
  end(): void;
  /** Writes a point of a gauge or a sum. */
  number(point: PointFacts, value: number, isInteger: boolean): void;
  /** Writes a point of a classic histogram. */
  histogram(point: PointFacts, data: HistogramData): void;
  /** Writes a point of an exponential histogram. */
  exponential(point: PointFacts, data: ExponentialData): void;
  /** Writes a point of a summary. */
  summary(point: PointFacts, view: SummaryView): void;
}

/** Metrics of one scope, as writers have written them. */
export interface ScopeBlock {
  readonly scope: MetricScope;
  /** Each of them is one metric. */
  readonly metrics: readonly Uint8Array[];
}

/** An encoding of OTLP requests with metrics. */
export interface MetricEncoding {
  /** Returns a writer of points of the time `time`, in unix seconds. */
  writer(time: number): MetricWriter;
  /** Returns a request of one resource. */
  request(
    resource: Attributes,
    blocks: readonly ScopeBlock[],
  ): Uint8Array<ArrayBuffer>;
}

/** Exemplar labels that hold ids, and their numbers of hexadecimal digits. */
const ID_DIGITS: Readonly<Record<string, number>> = {
  trace_id: 32,
  span_id: 16,
};

const HEX = /^[0-9a-f]+$/i;

/**
 * Returns an id of an exemplar in lower case; undefined if the label `name` has
 * none. Ids of zeros are invalid.
 */
export function idOf(
  { labels }: Exemplar,
  name: "trace_id" | "span_id",
): string | undefined {
  const id = Object.hasOwn(labels, name) ? labels[name]! : "";
  return id.length === ID_DIGITS[name] && HEX.test(id) && !/^0+$/.test(id)
    ? id.toLowerCase()
    : undefined;
}

/** Returns the labels of an exemplar that are attributes. */
export function filteredAttributes(
  exemplar: Exemplar,
): Readonly<Record<string, string>> {
  const rest: Record<string, string> = { ...exemplar.labels };
  for (const name of ["trace_id", "span_id"] as const) {
    if (idOf(exemplar, name) !== undefined) delete rest[name];
  }
  return rest;
}
