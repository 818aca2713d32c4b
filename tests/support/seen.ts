/** The result of reading an exposition, in one form for all formats. */

export interface SeenExemplar {
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
  /** 0 if there is none. */
  readonly timestamp: number;
}

export interface SeenNative {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** Bucket index and count, sorted by index, without empty buckets. */
  readonly negative: readonly (readonly [number, number])[];
  readonly positive: readonly (readonly [number, number])[];
}

export type SeenValue =
  | { readonly kind: "number"; readonly value: number }
  | {
    readonly kind: "summary";
    readonly count: number;
    /** Absent where the format forbids it. */
    readonly sum: number | undefined;
    readonly quantiles: readonly (readonly [number, number])[];
  }
  | {
    readonly kind: "histogram";
    readonly count: number;
    /** Absent where the format forbids it. */
    readonly sum: number | undefined;
    /** Upper bound and cumulative count, the last one infinite. */
    readonly buckets: readonly (readonly [number, number])[] | undefined;
    readonly native: SeenNative | undefined;
  };

export interface SeenSeries {
  /** Sorted by name, without empty values. */
  readonly labels: readonly (readonly [string, string])[];
  readonly value: SeenValue;
  /** 0 if there is none. */
  readonly start: number;
  readonly exemplars: readonly SeenExemplar[];
}

export interface SeenFamily {
  /** The name in queries: with the suffix of the samples. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly series: readonly SeenSeries[];
}

/** Returns pairs sorted by name, without empty values. */
export function sortedPairs(
  pairs: Iterable<readonly [string, string]>,
): readonly (readonly [string, string])[] {
  return [...pairs].filter(([, value]) => value !== "")
    .sort(([a], [b]) => a < b ? -1 : 1);
}

/** Returns 0 for -0: text formats do not write the sign of zero. */
export function unsigned(value: number): number {
  return value === 0 ? 0 : value;
}
