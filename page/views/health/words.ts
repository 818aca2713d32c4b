/** The sentences of the views Health and Fleet. */
import type { Health } from "../../../src/dashboard/protocol.ts";

/** A piece of a sentence: words, or a name that one types. */
export type Piece = string | { readonly name: string };

/** Joins names: `a`, `a and b`, `a, b and c`, `a, b and 3 more`. */
function named(names: readonly string[]): Piece[] {
  const pieces = names.length > 3 ? names.slice(0, 2) : names;
  return [
    ...pieces.flatMap((name, i): Piece[] => {
      const isLast = i === names.length - 1;
      return i === 0 ? [{ name }] : [isLast ? " and " : ", ", { name }];
    }),
    ...(names.length > 3 ? [` and ${names.length - 2} more`] : []),
  ];
}

/** Summarizes the health; failing checks and sources come first. */
export function summaryOf({ checks, sources }: Health): Piece[] {
  const failing = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  const broken = sources.filter(({ ok }) => !ok).map(({ name }) => name);
  const isOne = broken.length === 1;
  const aboutChecks: Piece[] = failing.length === 0 ? [] : [
    failing.length === 1 ? "The check " : "The checks ",
    ...named(failing),
    failing.length === 1 ? " fails. " : " fail. ",
  ];
  const aboutSources: Piece[] = broken.length === 0 ? [] : [
    isOne ? "The source " : "The sources ",
    ...named(broken),
    ` cannot be read: ${isOne ? "its" : "their"} metrics are missing.`,
  ];
  const pieces = [...aboutChecks, ...aboutSources];
  if (pieces.length > 0) return pieces;
  return [
    checks.length === 0
      ? "All sources can be read. No checks are declared."
      : "All checks pass, and all sources can be read.",
  ];
}

/** Names the sources that can be read; empty if there are none. */
export function fineSources({ sources }: Health): string {
  const fine = sources.filter(({ ok }) => ok).map(({ name }) => name);
  return fine.length === 0 ? "" : `Can be read: ${fine.join(", ")}.`;
}

/** Names the metrics that are zero, with how many series of each are. */
export function zeroCounts({ self }: Health): string {
  const counts = new Map<string, number>();
  for (const { name, value } of self) {
    if (value === 0) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts].map(([name, count]) =>
    count === 1 ? name : `${name} (${count} series)`
  );
  return names.length === 0 ? "" : `Zero: ${names.join(", ")}.`;
}

/** Returns how many members have joined, and which ones the totals leave out. */
export function fleetSentence(
  members: number,
  without: readonly string[],
): Piece[] {
  if (without.length === 0) {
    return [
      members === 1
        ? "One member has joined."
        : `All ${members} members have joined.`,
    ];
  }
  return [
    `${
      members - without.length
    } of ${members} members have joined. The totals leave out `,
    ...named(without),
    ".",
  ];
}
