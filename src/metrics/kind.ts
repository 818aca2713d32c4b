/**
 * The plug-in of one metric kind: its options, its series, its exposition.
 *
 * A registry imports no kind; it is given one with each declaration. A new kind
 * is one file that imports `Series` and `mark`, and one export.
 */
import type { MergeRule, MetricType } from "../model/mod.ts";
import type { FamilyOptions, Names, ValueSets } from "./labels.ts";
import type { Layout, Series } from "./series.ts";

/** Terms of a declaration, as text; a second declaration must repeat them. */
export type Terms = Readonly<Record<string, string>>;

/** The rule of one option of a kind. */
export interface KindRule<T> {
  /** Whether a value is legal; `undefined` is never passed. */
  accepts(value: unknown): boolean;
  /** The advice of the error: follows "give" in the error. */
  readonly advice: string;
  /** The default. */
  readonly fallback: T;
  /** Whether the error shows the value; if not, it shows its type. */
  readonly isShown: boolean;
}

/** A rule for each option that only this kind has. */
export type KindRules<Own> = {
  readonly [K in keyof Own]-?: KindRule<Required<Own>[K]>;
};

/** The result of `InstrumentKind.plan`. */
export interface InstrumentPlan<S> {
  /** The kind's own options as terms. Default: none. */
  readonly terms?: Terms | undefined;
  /** Makes the layout of a new family. */
  layout(): Layout<Series & S>;
}

/**
 * A kind of instrument: what `declare` takes.
 *
 * `S` is what one series can do, `Own` the options beside those that all
 * declarations have. An own option without a default has `undefined` in its
 * type: `{ limit?: number | undefined }`.
 */
export interface InstrumentKind<S, Own = unknown> {
  /**
   * Identifies the kind. Begin it with the name of your package: kinds of equal
   * ids are taken for one another.
   */
  readonly id: string;
  /** The type that is exposed. */
  readonly type: MetricType;
  /** The name in error messages. Default: the type. */
  readonly title?: string | undefined;
  /** How values of several workers are merged. Default: by the type. */
  readonly merge?: MergeRule | undefined;
  /** Checks and defaults of the own options. */
  readonly rules: KindRules<Own>;
  /**
   * Names the label that `emit` writes itself, by `RowLabels.last`, from the
   * name of the family. It is the last label. Default: none.
   */
  ownLabel?(family: string): string;
  /**
   * Plans a family; the options are checked and have their defaults.
   *
   * @throws {TypeError | RangeError} If the options contradict each other.
   */
  plan(
    options: FamilyOptions<Names, ValueSets> & Required<Own>,
  ): InstrumentPlan<S>;
  /**
   * The series of `noopRegistry`: does nothing. Needed if `S` has members that
   * no built-in instrument has.
   */
  readonly noop?: S | undefined;
}
