/**
 * Labels as types: their names, their values, and which are still unbound.
 *
 * - A missing, extra, misspelt or twice bound label does not compile; neither
 *   does a value outside a closed set, or a positional call of the wrong arity.
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

/** Some of the labels by name. */
export type SomeLabelsOf<N extends Names, V extends ValueSets> = Partial<
  LabelsOf<N, V>
>;

/** The names of `N` without those in `B`. */
export type Without<N extends Names, B> = N extends
  readonly [infer H extends string, ...infer T extends Names]
  ? (H extends B ? Without<T, B> : readonly [H, ...Without<T, B>])
  : readonly [];

/** `B`, refused if it has a key that is not a name of `N`. */
export type Only<B, N extends Names> =
  & B
  & Readonly<Record<Exclude<keyof B, N[number]>, never>>;

/** A list of values per label; `Family.init` makes all combinations. */
export type ValueLists<N extends Names, V extends ValueSets> = {
  readonly [K in N[number]]: readonly ValueOf<K, V>[];
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
   * Returns the series of these labels, by name. The first call makes it;
   * later ones cost one map lookup per label and allocate nothing.
   */
  with(labels: LabelsOf<N, V>): S;
  /** Returns the series of these values, in the order of the declaration. */
  at(...values: ValuesOf<N, V>): S;
  /**
   * Binds some labels and returns the family of the others, or the series if
   * all are bound. Keep the result: recording on a series needs no lookup.
   */
  bind<const B extends SomeLabelsOf<N, V>>(
    labels: Only<B, N>,
  ): Instrument<Without<N, keyof B>, S, V>;
  /**
   * Creates series at zero before anything is recorded: of the given label
   * sets, of all combinations of the given lists, or, without an argument, of
   * all combinations of the closed value sets.
   *
   * @throws {RangeError} If there are more than `maxSeries`, or, without an
   *   argument, if a label has no closed value set.
   */
  init(series?: readonly LabelsOf<N, V>[] | ValueLists<N, V>): void;
  /**
   * Removes every series with these labels, some or all of the family's. A
   * removed series that is still held starts again from zero when it records.
   *
   * @returns How many were removed.
   */
  remove(labels: SomeLabelsOf<N, V>): number;
  /** Removes every series. */
  clear(): void;
  /** How many series there are, without the overflow series. */
  readonly size: number;
}

/** The result of a declaration: the series itself if there are no labels. */
export type Instrument<N extends Names, S, V extends ValueSets> = N extends
  readonly [] ? S : Family<N, S, V>;

/** The options that all declarations have. */
export interface FamilyOptions<N extends Names, V extends ValueSets> {
  /** The queried name; `namespace` and `subsystem` are put before it. */
  readonly name: string;
  /** One sentence for people: what is measured. */
  readonly help: string;
  /** The base unit in the plural: `seconds`, `bytes`; the name ends in it. */
  readonly unit?: string;
  /** Joined before the name by `_`. */
  readonly namespace?: string;
  /** Joined before the name by `_`, after the namespace. */
  readonly subsystem?: string;
  /** Names of the labels. */
  readonly labels?: N;
  /** Closed value sets: the only values that some labels can have. */
  readonly values?: V & Readonly<Record<Exclude<keyof V, N[number]>, never>>;
  /** Series that exist from the start, at zero; see `Family.init`. */
  readonly known?: "all" | readonly LabelsOf<N, V>[];
  /**
   * How many series there can be. Further label sets are recorded in one
   * overflow series whose every label is `overflow`. Default: 10 000.
   */
  readonly maxSeries?: number;
  /**
   * How the values of several workers are merged. Default: counters and
   * distributions add up, and gauges stay apart.
   */
  readonly merge?: MergeRule;
  /**
   * Seconds after which a series that recorded nothing is no longer exposed;
   * checked when it is collected. Default: never.
   */
  readonly expireAfter?: number;
}
