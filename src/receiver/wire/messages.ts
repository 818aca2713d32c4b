/**
 * The messages of OTLP metrics as they are decoded, from protobuf or JSON: see
 * `schema.ts`. Absent fields are undefined, absent lists are empty.
 */

/** A value of any type; at most one field is present. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  /** A bigint if it is not safe as a number. */
  readonly intValue?: number | bigint;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  /** Base64. */
  readonly bytesValue?: string;
}

export interface KeyValue {
  readonly key?: string;
  readonly value?: AnyValue;
}

interface Point {
  readonly attributes: readonly KeyValue[];
  /** Nanoseconds since the epoch, rounded to a float64; 0 or absent: unknown. */
  readonly startTimeUnixNano?: number;
  readonly timeUnixNano?: number;
  /** Bit 0: no value was recorded; the series ends. */
  readonly flags?: number;
}

interface NumberValue {
  readonly asDouble?: number;
  readonly asInt?: number;
}

export interface OtlpExemplar extends NumberValue {
  readonly filteredAttributes: readonly KeyValue[];
  readonly timeUnixNano?: number;
  /** Hexadecimal digits. */
  readonly spanId?: string;
  readonly traceId?: string;
}

export interface NumberPoint extends Point, NumberValue {
  readonly exemplars: readonly OtlpExemplar[];
}

export interface HistogramPoint extends Point {
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly OtlpExemplar[];
}

export interface OtlpBuckets {
  readonly offset?: number;
  readonly bucketCounts: readonly number[];
}

export interface ExponentialPoint extends Point {
  readonly count?: number;
  readonly sum?: number;
  readonly scale?: number;
  readonly zeroCount?: number;
  readonly positive?: OtlpBuckets;
  readonly negative?: OtlpBuckets;
  readonly zeroThreshold?: number;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface SummaryPoint extends Point {
  readonly count?: number;
  readonly sum?: number;
  readonly quantileValues: readonly {
    readonly quantile?: number;
    readonly value?: number;
  }[];
}

/** Any data point. */
export type AnyPoint =
  | NumberPoint
  | HistogramPoint
  | ExponentialPoint
  | SummaryPoint;

interface Data<P> {
  readonly dataPoints: readonly P[];
}

interface Aggregated<P> extends Data<P> {
  /** 1: delta; 2: cumulative. */
  readonly aggregationTemporality?: number;
}

/** A metric; at most one kind of data is present. */
export interface OtlpMetric {
  readonly name?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly metadata: readonly KeyValue[];
  readonly gauge?: Data<NumberPoint>;
  readonly sum?: Aggregated<NumberPoint> & { readonly isMonotonic?: boolean };
  readonly histogram?: Aggregated<HistogramPoint>;
  readonly exponentialHistogram?: Aggregated<ExponentialPoint>;
  readonly summary?: Data<SummaryPoint>;
}

export interface ScopeMetrics {
  readonly scope?: {
    readonly name?: string;
    readonly version?: string;
    readonly attributes: readonly KeyValue[];
  };
  readonly schemaUrl?: string;
  readonly metrics: readonly OtlpMetric[];
}

export interface ResourceMetrics {
  readonly resource?: { readonly attributes: readonly KeyValue[] };
  readonly scopeMetrics: readonly ScopeMetrics[];
}

/** A whole request. */
export interface ExportRequest {
  readonly resourceMetrics: readonly ResourceMetrics[];
}
