/**
 * Labels as types: their names, their values, and which ones are bound.
 *
 * - It does not compile to leave out, add, misspell or bind twice a label, to
 *   use a value outside a closed set, or to pass the wrong number of values.
 * - `as const` is never needed: the options' type parameters are `const`.
 */
import type { MergeRule } from "../model/mod.ts";

/** A label value; it is recorded as `String(value)`. */
export type LabelValue = string | number | boolean;

/** Label names, in the order of positional calls. */
export type Names = readonly string[];

/** Closed value sets of some labels: `{ status: ["ok", "error"] }`. */
export type ValueSets = Readonly<Record<string, readonly LabelValue[]>>;

/** No closed value sets. */
export type NoSets = Record<never, never>;

/** The values that the label `K` may take. */
export type ValueOf<K, V extends ValueSets> = K extends keyof V ? V[K][number]
  : LabelValue;

/** Labels by name: `{ method: "GET", status: 200 }`. */
export type LabelsOf<N extends Names, V extends ValueSets> = {
  readonly [K in N[number]]: ValueOf<K, V>;
};

/** Labels by position: `["GET", 200]`. */
export type ValuesOf<N extends Names, V extends ValueSets> = {
  readonly [K in keyof N]: ValueOf<N[K], V>;
};

/** Some of the labels by name; `undefined` means that a label is absent. */
export type SomeLabelsOf<N extends Names, V extends ValueSets> = {
  readonly [K in N[number]]?: ValueOf<K, V> | undefined;
};

/** The names `N` without the names `B`. */
export type Without<N extends Names, B> = N extends
  readonly [infer H extends string, ...infer T extends Names]
  ? (H extends B ? Without<T, B> : readonly [H, ...Without<T, B>])
  : readonly [];

/**
 * `B`; does not compile if it has a key that is not one of the names `N`. Keys
 * that are known only at run time are checked at run time. The two functions
 * compare deferred types too: those of a generic caller must be identical.
 */
export type Only<B, N extends Names> =
  & B
  & (string extends keyof B ? unknown
    : (<T>() => T extends keyof B ? 1 : 2) extends
      (<T>() => T extends N[number] ? 1 : 2) ? unknown
    : Readonly<Record<Exclude<keyof B, N[number]>, never>>);

/**
 * A list of values per label; `Family.init` makes all combinations. Default for
 * a label with a closed set: all its values.
 */
export type ValueLists<N extends Names, V extends ValueSets> =
  & {
    readonly [K in Exclude<N[number], keyof V>]: readonly ValueOf<K, V>[];
  }
  & {
    readonly [K in Extract<N[number], keyof V>]?:
      | readonly ValueOf<K, V>[]
      | undefined;
  };

/** The labels of an exemplar, such as `{ trace_id: "4bf9…" }`. */
export type ExemplarLabels = Readonly<Record<string, string>>;

/**
 * The series of one metric: one per combination of label values.
 *
 * `S` is the type of a series: `Counter`, `Histogram`, …
 */
export interface Family<N extends Names, S, V extends ValueSets> {
  /**
   * Returns the series of these labels. The first call creates it; later calls
   * cost at most one map lookup per label and allocate nothing.
   *
   * A missing label is empty, and a label that the family does not have is
   * ignored. Both are counted as rejected: a missing label in each call, the
   * other one in the call that creates the series, or in each if the registry is
   * strict.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  with<const B extends LabelsOf<N, V>>(labels: Only<B, N>): S;
  /** Returns the series of these label values, in the order of declaration. */
  at(...values: ValuesOf<N, V>): S;
  /**
   * Binds some labels and returns the family of the others, or the series if
   * all are bound. Keep the result: recording on a series needs no lookup.
   */
  bind<const B extends SomeLabelsOf<N, V>>(
    labels: Only<B, N>,
  ): Instrument<Without<N, keyof B>, S, V>;
  /**
   * Creates series at zero before anything is recorded: for the given label
   * sets, or for all combinations of the given lists. A label without a list
   * takes the values of its closed set.
   *
   * @throws {RangeError} If there are more than `maxSeries`, if a label or a
   *   value is wrong, or if a label has neither a list nor a closed set.
   */
  init<const B extends LabelsOf<N, V>>(
    series?: readonly Only<B, N>[] | ValueLists<N, V>,
  ): void;
  /**
   * Removes every series that has these labels; other labels may have any value.
   * A removed series that is still held starts again from zero when it records.
   *
   * @returns The number of removed series.
   */
  remove<const B extends SomeLabelsOf<N, V>>(labels: Only<B, N>): number;
  /** Removes every series. */
  clear(): void;
  /** The number of series, without the overflow series. */
  readonly size: number;
}

/** The result of a declaration: the series itself if there are no labels. */
export type Instrument<N extends Names, S, V extends ValueSets> = N extends
  readonly [] ? S : Family<N, S, V>;

/** The options that all declarations have. */
export interface FamilyOptions<N extends Names, V extends ValueSets> {
  /** The name; `namespace` and `subsystem` are joined before it. */
  readonly name: string;
  /** A sentence for people that says what is measured. */
  readonly help: string;
  /** The base unit in the plural: `seconds`, `bytes`; the name ends in it. */
  readonly unit?: string | undefined;
  /** The first part of the name, joined by `_`. Default: none. */
  readonly namespace?: string | undefined;
  /** The part of the name after the namespace, joined by `_`. Default: none. */
  readonly subsystem?: string | undefined;
  /** Names of the labels. Default: none. */
  readonly labels?: N; // not undefined: it would be inferred as any names
  /** Closed value sets: the only legal values of some labels. Default: none. */
  readonly values?:
    | V & Readonly<Record<Exclude<keyof V, N[number]>, never>>
    | undefined;
  /** Series that exist from the start, at zero; see `Family.init`. */
  readonly known?: "all" | readonly LabelsOf<N, V>[] | undefined;
  /**
   * Maximum number of series. All further label sets are recorded in one
   * overflow series, whose labels all have the value `overflow`. Default: 10 000.
   */
  readonly maxSeries?: number | undefined;
  /**
   * The rule by which the values of several workers, or members of a fleet, are
   * merged. Default: counters, histograms and summaries add up; gauges stay
   * separate per worker.
   */
  readonly merge?: MergeRule | undefined;
  /**
   * Seconds after which a series that recorded nothing is no longer exposed;
   * checked on collection. Default: never.
   */
  readonly expireAfter?: number | undefined;
}
