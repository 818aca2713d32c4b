/** The choice of findings that are shown. Pure; nothing here knows the document. */
import type { Finding } from "../../../src/dashboard/protocol.ts";

/** At most this many findings are shown. */
export const MOST_FINDINGS = 5;

/** Whether a finding says that a family is full, and not only nearly. */
function isFullFamily({ rule, limit }: Finding): boolean {
  return rule === "overflow" && limit === null;
}

/**
 * Splits findings into those that are shown and the number of the others. A family
 * that is full is no longer nearly full.
 */
export function shownFindings(all: readonly Finding[]): {
  readonly shown: readonly Finding[];
  readonly more: number;
  readonly open: number;
} {
  const full = new Set(all.filter(isFullFamily).map(({ family }) => family));
  const listed = all.filter((finding) =>
    finding.rule !== "overflow" || isFullFamily(finding) ||
    !full.has(finding.family)
  );
  const open = listed.filter(({ until }) => until === null);
  const closed = listed.filter(({ until }) => until !== null);
  const shown = [...open, ...closed].slice(0, MOST_FINDINGS);
  return { shown, more: listed.length - shown.length, open: open.length };
}
