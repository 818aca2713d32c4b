/** Names of families and labels as texts of the page. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";

/** The kinds of families that are tabs of the list. */
export const KINDS = ["all", "counter", "gauge", "histogram", "other"] as const;

/** A kind of families. */
export type Kind = (typeof KINDS)[number];

/** Returns the tab of a family. */
export function kindOf({ type }: FamilyInfo): Exclude<Kind, "all"> {
  switch (type) {
    case "counter":
    case "gauge":
    case "histogram":
      return type;
    case "gaugehistogram":
      return "histogram";
    default:
      return "other";
  }
}

/** Whether a family has reached its maximum number of series. */
export function isFull({ series, limit }: FamilyInfo): boolean {
  return limit !== null && series >= limit;
}

/** Whether the columns of a family are levels; those of others count something. */
export function isLevel({ type }: FamilyInfo): boolean {
  return type === "gauge" || type === "unknown" || type === "stateset";
}

/** Returns the unit of a family, or else the one that its name ends in. */
export function unitOf({ name, unit }: FamilyInfo): string {
  return unit || (/_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1] ?? "");
}
