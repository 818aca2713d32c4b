/**
 * What a family needs of the registry that it lives in: the time, and someone
 * to tell of what could not be recorded as asked.
 */
import type { Clock } from "../base/mod.ts";
import { display } from "../base/internal.ts";
import type { FamilyDesc } from "../model/mod.ts";
import type { ExemplarSlots } from "./exemplar_slots.ts";

/** Why an observation was dropped, or was recorded other than as asked. */
export type RejectReason =
  /** A counter step or a number of observations below zero: dropped. */
  | "negative"
  /** NaN, or no number at all, where a number must stand: dropped. */
  | "not_a_number"
  /** An infinite counter step: dropped. */
  | "infinite"
  /** A lone surrogate, replaced; or outside of a closed set: see `overflow`. */
  | "label_value"
  /** Too long or malformed: recorded without the exemplar. */
  | "exemplar";

/** All reasons: the closed value set of the label `reason`. */
export const REJECT_REASONS = [
  "negative",
  "not_a_number",
  "infinite",
  "label_value",
  "exemplar",
] as const satisfies readonly RejectReason[];

/** Why a counter cannot take `value`; undefined if it can. */
export function counterFault(value: unknown): RejectReason | undefined {
  if (typeof value !== "number" || Number.isNaN(value)) return "not_a_number";
  if (value < 0) return "negative";
  return value === Infinity ? "infinite" : undefined;
}

/** Whether there can be so many observations: 0, 1, 2, … */
export function isCount(count: unknown): boolean {
  return typeof count === "number" && count >= 0 && count % 1 === 0;
}

/** The registry, as its families see it. */
export interface Host {
  readonly clock: Clock;
  /** Where exemplars come from by themselves; undefined if from nowhere. */
  readonly exemplars: (() => ExemplarSlots) | undefined;
  /**
   * Counts what was not recorded as asked.
   *
   * @throws {RangeError} If the registry is strict.
   */
  reject(reason: RejectReason, desc: FamilyDesc, offending: unknown): void;
  /** Counts a look-up that found the family full. */
  overflow(desc: FamilyDesc): void;
}

const FINITE = "give a finite number";

const ADVICE: Readonly<Record<RejectReason, string>> = {
  negative: "it cannot go down; use a gauge for what may fall",
  not_a_number: FINITE,
  infinite: FINITE,
  label_value: "give well-formed text, and for a closed label a listed value",
  exemplar: "give at most 128 code points of well-formed labels",
};

/** The error by which a strict registry refuses an observation. */
export function rejection(
  reason: RejectReason,
  desc: FamilyDesc,
  offending: unknown,
): RangeError {
  return new RangeError(
    `Cannot record ${display(offending)} in ${desc.type} "${desc.name}": ` +
      `${reason.replaceAll("_", " ")}, ${ADVICE[reason]}`,
  );
}
