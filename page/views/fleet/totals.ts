/** Totals of a fleet, and whom they leave out. */
import type { FleetMember } from "../../../src/dashboard/protocol.ts";

/** The sums of the members that have figures; null if no member has one. */
export interface Totals {
  readonly requests: number | null;
  readonly errors: number | null;
  readonly memory: number | null;
  /** Names of the members whose figures are not in the sums. */
  readonly without: readonly string[];
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
}

/** Returns the totals of the members that have joined. */
export function totalsOf(members: readonly FleetMember[]): Totals {
  const joined = members.filter(({ state }) => state === "joined");
  return {
    requests: sum(joined.map(({ requests }) => requests)),
    errors: sum(joined.map(({ errors }) => errors)),
    memory: sum(joined.map(({ memory }) => memory)),
    without: members.filter(({ state }) => state !== "joined")
      .map(({ name }) => name),
  };
}

/** Returns the share of requests that failed; NaN if it is not known. */
export function failedShare(
  { errors, requests }: Pick<FleetMember, "errors" | "requests">,
): number {
  if (errors === null || requests === null) return NaN;
  return requests === 0 ? 0 : errors / requests;
}
