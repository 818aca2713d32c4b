/** Label values of series, and patterns of them. */
import type { FamilyDesc } from "../../model/mod.ts";

/**
 * The values of the first labels; undefined matches any value, and so do labels
 * that it does not have.
 */
export type Pattern = readonly (string | undefined)[];

/** Returns the labels that a pattern matches, if it matches only these. */
export function exactLabels(
  { labelNames }: FamilyDesc,
  pattern: Pattern,
): string | undefined {
  const isExact = pattern.length === labelNames.length &&
    !pattern.includes(undefined);
  return isExact ? JSON.stringify(pattern) : undefined;
}

/** Returns whether a pattern matches label values. */
export function matches(pattern: Pattern, values: readonly string[]): boolean {
  return pattern.every((value, at) =>
    value === undefined || value === values[at]
  );
}

/**
 * Identifies a series by the name of its family and its labels as JSON. These end at
 * their last bracket, so that no two keys are equal.
 */
export function seriesKey(name: string, labels: string): string {
  return `${labels}${name}`;
}

/** Returns whether two families have the same labels. */
export function hasSameLabels(a: FamilyDesc, b: FamilyDesc): boolean {
  return a.labelNames.length === b.labelNames.length &&
    a.labelNames.every((name, at) => name === b.labelNames[at]);
}
