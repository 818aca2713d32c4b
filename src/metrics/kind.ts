/**
 * The plug-in interface of metric kinds: options, series and exposition.
 *
 * A registry imports no kind: each declaration passes one. A new kind is one
 * file that imports `Series` and `mark`, and one export.
 */
import type { MergeRule, MetricType } from "../model/mod.ts";
import type { FamilyOptions, Names, ValueSets } from "./labels.ts";
import type { Layout, Series } from "./series.ts";

/** Options of a declaration as text, which a second one must repeat. */
export type Terms = Readonly<Record<string, string>>;

/** The rule of one option of a kind. */
export interface KindRule<T> {
  /** Returns whether a value is legal; never called with `undefined`. */
  accepts(value: unknown): boolean;
  /** The advice of the error; follows "give" in the error. */
  readonly advice: string;
  /** The default. */
  readonly fallback: T;
  /** Whether the error shows the value, and not only its type. */
  readonly isShown: boolean;
}

/** A rule for each option that only this kind has. */
export type KindRules<Own> = {
  readonly [K in keyof Own]-?: KindRule<Required<Own>[K]>;
};

/** The result of `InstrumentKind.plan`. */
export interface InstrumentPlan<S> {
  /** The specific options of the kind as terms. Default: none. */
  readonly terms?: Terms | undefined;
  /** Makes the layout of a new family. */
  layout(): Layout<Series & S>;
}

/**
 * A kind of instrument, such as `counters`; it is passed to `declare`.
 *
 * `S` is the interface of one series. `Own` are the options that only this kind
 * has; one without a default has `undefined` in its type:
 * `{ limit?: number | undefined }`.
 */
export interface InstrumentKind<S, Own = unknown> {
  /**
   * Identifies the kind. Begin it with the name of your package: kinds with the
   * same id are considered equal.
   */
  readonly id: string;
  /** The metric type that is exposed. */
  readonly type: MetricType;
  /** The name in error messages. Default: the type. */
  readonly title?: string | undefined;
  /** The rule by which workers are merged. Default: the rule of the type. */
  readonly merge?: MergeRule | undefined;
  /** The checks and defaults of the options in `Own`. */
  readonly rules: KindRules<Own>;
  /**
   * Returns the name of the label that `emit` writes itself, by `RowLabels.last`;
   * it is the last label. `family` is the name of the family. Default: no such
   * label.
   */
  ownLabel?(family: string): string;
  /**
   * Plans a family from its options, which are checked and have their defaults.
   *
   * @throws {TypeError | RangeError} If the options contradict each other.
   */
  plan(
    options: FamilyOptions<Names, ValueSets> & Required<Own>,
  ): InstrumentPlan<S>;
  /**
   * A series that does nothing, for `noopRegistry`. Required if `S` has members
   * that no built-in instrument has.
   */
  readonly noop?: S | undefined;
}
