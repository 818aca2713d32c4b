/** The types of decoded messages of `metrics.proto`. */

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

export interface Exemplar {
  readonly label?: readonly LabelPair[];
  readonly value: number;
  readonly timestamp?: Timestamp;
}

export interface LabelPair {
  readonly name: string;
  readonly value: string;
}

export interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Histogram {
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

export interface Metric {
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

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit?: string;
  readonly metric?: readonly Metric[];
}
