/**
 * Labels as types: which names, which values, what is still open.
 *
 * - A missing, extra, misspelt or twice bound label does not compile, nor does
 *   a value outside of a closed set, nor a positional call of the wrong arity.
 * - `as const` is never needed: the options' type parameters are `const`.
 */

import type { MergeRule } from "../model/mod.ts";

/** What may be given as a label value; it is recorded as `String(value)`. */
export type LabelValue = string | number | boolean;

/** Label names, in the order of positional calls. */
export type Names = readonly string[];

/** Closed value sets of some labels: `{ status: ["ok", "error"] }`. */
export type ValueSets = Readonly<Record<string, readonly LabelValue[]>>;

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

/** Some of the labels by name. */
export type SomeLabelsOf<N extends Names, V extends ValueSets> = Partial<
  LabelsOf<N, V>
>;

/** The names of `N` that are not in `B`. */
export type Without<N extends Names, B> = N extends
  readonly [infer H extends string, ...infer T extends Names]
  ? (H extends B ? Without<T, B> : readonly [H, ...Without<T, B>])
  : readonly [];

/** No key of `B` but the names of `N`. */
export type Only<B, N extends Names> =
  & B
  & Readonly<Record<Exclude<keyof B, N[number]>, never>>;

/** Values to make all combinations of. */
export type ValueLists<N extends Names, V extends ValueSets> = {
  readonly [K in N[number]]: readonly ValueOf<K, V>[];
};

/** The labels of an exemplar, such as `{ trace_id: "4bf9…" }`. */
export type ExemplarLabels = Readonly<Record<string, string>>;

/**
 * The series of one metric: one to each combination of label values.
 *
 * `S` is what one series can do: `Counter`, `Histogram`, …
 */
export interface Family<N extends Names, S, V extends ValueSets> {
  /**
   * The series of these labels, by name. Made at the first call; afterwards it
   * costs one map look-up a label and allocates nothing.
   */
  with(labels: LabelsOf<N, V>): S;
  /** The series of these label values, in the order of the declaration. */
  at(...values: ValuesOf<N, V>): S;
  /**
   * The family with some labels fixed; with all of them fixed, the series.
   * Keep what it returns: recording on it looks nothing up.
   */
  bind<const B extends SomeLabelsOf<N, V>>(
    labels: Only<B, N>,
  ): Instrument<Without<N, keyof B>, S, V>;
  /**
   * Makes series exist at zero before anything happens to them: for the given
   * label sets, for all combinations of the given lists, or, without an
   * argument, for all combinations of the closed value sets.
   *
   * @throws {RangeError} If there are more than `maxSeries`, or if a label
   *   without an argument has no closed value set.
   */
  init(series?: readonly LabelsOf<N, V>[] | ValueLists<N, V>): void;
  /**
   * Removes every series that has these labels, some or all of the family's.
   * A removed series that is still held starts anew from zero when it records.
   *
   * @returns How many were removed.
   */
  remove(labels: SomeLabelsOf<N, V>): number;
  /** Removes every series. */
  clear(): void;
  /** How many series there are, the overflow series not counted. */
  readonly size: number;
}

/** What a declaration returns: the series itself where there are no labels. */
export type Instrument<N extends Names, S, V extends ValueSets> = N extends
  readonly [] ? S : Family<N, S, V>;

/** What all declarations have in common. */
export interface FamilyOptions<N extends Names, V extends ValueSets> {
  /** The name that is queried; `namespace` and `subsystem` go before it. */
  readonly name: string;
  /** One sentence for people: what is measured, and of what. */
  readonly help: string;
  /** The base unit, in plural: `seconds`, `bytes`; the name must end in it. */
  readonly unit?: string;
  /** Joined before the name by `_`. */
  readonly namespace?: string;
  /** Joined before the name by `_`, after the namespace. */
  readonly subsystem?: string;
  /** Names of the labels. */
  readonly labels?: N;
  /** The only values that some of the labels can have. */
  readonly values?: V & Readonly<Record<Exclude<keyof V, N[number]>, never>>;
  /** Series that exist, at zero, from the start; see `Family.init`. */
  readonly known?: "all" | readonly LabelsOf<N, V>[];
  /**
   * How many series there can be, 10 000 unless given. What comes later is
   * recorded in one series whose every label is `overflow`.
   */
  readonly maxSeries?: number;
  /**
   * How the values of several workers become one, if snapshots are merged:
   * counters and distributions add up and gauges stay apart, unless given.
   */
  readonly merge?: MergeRule;
  /**
   * Seconds after which a series that recorded nothing is no longer exposed,
   * looked at when it is collected. Never, unless given.
   */
  readonly expireAfter?: number;
}
