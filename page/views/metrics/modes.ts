/** The modes of a family, by its type, and the one that the address selects. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";

/** Meaning of the lines of a family: a rate, a level, or a quantile from 0 to 1. */
export type Mode = "rate" | "level" | number;

/** Quantiles of histograms that can be chosen. */
const QUANTILES = [0.5, 0.95, 0.99] as const;

/** How a family is drawn. */
export type Shape = "lines" | "lanes" | "table" | "none";

/** Returns how a family is drawn. */
export function shapeOf({ type }: FamilyInfo): Shape {
  switch (type) {
    case "stateset":
      return "lanes";
    case "info":
      return "table";
    // Its counts are levels, which the history does not keep.
    case "gaugehistogram":
      return "none";
    default:
      return "lines";
  }
}

/** Returns the modes among which one chooses; one is no choice. */
export function modesOf({ type, quantiles }: FamilyInfo): readonly Mode[] {
  switch (type) {
    case "counter":
      return ["rate"];
    case "histogram":
      return [...QUANTILES, "rate"];
    case "summary":
      return [...quantiles ?? [], "rate"];
    default:
      return ["level"];
  }
}

/** Returns the name of a mode, as in the address: `p95`, `rate`. */
export function modeName(mode: Mode): string {
  return typeof mode === "number"
    ? `p${Number((mode * 100).toPrecision(12))}`
    : mode;
}

/** Returns the mode that the address asks for, or the usual one of the family. */
export function modeAsked(family: FamilyInfo, q: string | undefined): Mode {
  const modes = modesOf(family);
  const asked = modes.find((mode) => modeName(mode) === q);
  if (asked !== undefined) return asked;
  if (family.type === "histogram") return 0.95;
  // The highest quantile of a summary, or else its only mode.
  return modes.findLast((mode) => mode !== "rate") ?? "rate";
}
