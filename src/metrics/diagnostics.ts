/**
 * The services that instruments use: the clock, exemplars, and the counters of
 * observations that were not recorded as requested.
 */
import type { Clock } from "../base/mod.ts";
import { display, MAX_TEXT, quoted } from "../base/internal.ts";
import type { FamilyDesc, Rows } from "../model/mod.ts";
import type { MakeSampler } from "./exemplars.ts";

/** The reason why an observation was not recorded as requested. */
export type RejectReason =
  /** A negative counter step or a negative number of observations: dropped. */
  | "negative"
  /** NaN, or not a number at all, where a number is required: dropped. */
  | "not_a_number"
  /** A counter step or count that is infinite, or makes a total so: dropped. */
  | "infinite"
  /** A label is missing, or one is given that the family does not have. */
  | "label_name"
  /**
   * A lone surrogate: replaced. A value outside a closed set, or of more than
   * 4096 UTF-16 code units: recorded in the overflow series.
   */
  | "label_value"
  /** Exemplar labels that are too long or malformed: recorded without them. */
  | "exemplar";

/** All reasons: the closed value set of the label `reason`. */
export const REJECT_REASONS = [
  "negative",
  "not_a_number",
  "infinite",
  "label_name",
  "label_value",
  "exemplar",
] as const satisfies readonly RejectReason[];

/**
 * Steps below this cannot make a finite total infinite: they are less than half
 * of the last place of the largest number.
 */
export const SAFE_STEP = 2 ** 969;

/** Returns why a counter cannot add `value`; undefined if it can. */
export function counterFault(value: unknown): RejectReason | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) return "not_a_number";
  if (value < 0) return "negative";
  return value === Infinity ? "infinite" : undefined;
}

/** Returns whether `count` is a number of observations: 0, 1, 2, … */
export function isCount(count: unknown): boolean {
  return typeof count === "number" && count >= 0 && count % 1 === 0;
}

/** Returns why `value` cannot be observed `count` times, and what is wrong. */
export function observationFault(
  value: unknown,
  count: unknown,
): readonly [reason: RejectReason, offending: unknown] {
  if (typeof value !== "number") return ["not_a_number", value];
  const isNegative = typeof count === "number" && count < 0;
  return [isNegative ? "negative" : "not_a_number", count];
}

/**
 * Is notified of what happens to series of a registry, before it happens. Its
 * methods do not throw.
 */
export interface SeriesFollower {
  /**
   * The series whose label values match `pattern` are removed: undefined matches
   * any value. There may be none.
   */
  removing(rows: Rows, pattern: readonly (string | undefined)[]): void;
  /** The series in `row` expires. */
  expiring(rows: Rows, row: number): void;
  /** The series in `row` gets other labels. The result is called after that. */
  relabeling(rows: Rows, row: number): () => void;
}

/** The part of a registry that its families use. */
export interface Diagnostics {
  readonly clock: Clock;
  /** Whether observations that are rejected throw. */
  readonly strict: boolean;
  /** Makes the exemplar sampler of a table; undefined without a source. */
  readonly exemplars: MakeSampler | undefined;
  /**
   * Counts an observation that was not recorded as requested. `closed` is the
   * set that lacks the value of the label with the index `at`, if that is why.
   *
   * @throws {RangeError} If the registry is strict.
   */
  reject(
    reason: RejectReason,
    desc: FamilyDesc,
    offending: unknown,
    at?: number,
    closed?: ReadonlySet<string>,
  ): void;
  /** Counts a lookup of a new label set in a family that has `maxSeries`. */
  overflow(desc: FamilyDesc): void;
  /** Those of this registry, and of all registries that expose it. */
  followers(): readonly SeriesFollower[];
}

const FINITE = "give a finite number";

const ADVICE: Readonly<Record<RejectReason, string>> = {
  negative: "counts cannot go down; use a gauge for values that can",
  not_a_number: FINITE,
  infinite: "give finite steps and counts; their total must stay finite too",
  label_name: "give each label of the family and no other",
  label_value: "give well-formed text of at most 4096 characters",
  exemplar: "give at most 128 code points of well-formed labels",
};

/** Maximum number of values of a closed set that an error lists. */
const MAX_LISTED = 10;

/** Returns the error that a strict registry throws for an observation. */
export function rejection(
  reason: RejectReason,
  desc: FamilyDesc,
  offending: unknown,
  at = 0,
  closed?: ReadonlySet<string>,
): RangeError {
  const text = typeof offending === "string"
    ? quoted(offending)
    : display(offending);
  // A text that is too long is not the fault of the set.
  if (closed !== undefined && String(offending).length <= MAX_TEXT) {
    const listed = [...closed].slice(0, MAX_LISTED).map(quoted);
    if (closed.size > MAX_LISTED) listed.push("…");
    return new RangeError(
      `Cannot record in ${desc.type} "${desc.name}": label ` +
        `"${desc.labelNames[at]}" is ${text}; give ${listed.join(" or ")}`,
    );
  }
  const isName = reason === "label_name";
  const labels = isName ? ` (${desc.labelNames.join(", ") || "none"})` : "";
  return new RangeError(
    `Cannot record ${text} in ${desc.type} "${desc.name}": ` +
      `${reason.replaceAll("_", " ")}, ${ADVICE[reason]}${labels}`,
  );
}
