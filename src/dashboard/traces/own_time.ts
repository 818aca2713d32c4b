/**
 * Own time of spans: the time that no child covers. The page draws the parts,
 * the server sums them; both use this file, which therefore imports nothing.
 */

/** A span on any clock; the unit is that of the result. */
export interface Interval {
  readonly id: string;
  /** Id of its parent; empty for none. The parent need not be present. */
  readonly parent: string;
  readonly start: number;
  /** Never before `start`. */
  readonly end: number;
}

/**
 * Returns the parts of each span that no child covers: begins and ends by turns,
 * in order of time. Children are clipped to their parent, so that clock skew and
 * late children never make a negative time. A span of no duration has no parts.
 *
 * Of spans with the same id, children belong to the first. Cost: one sort.
 */
export function ownParts(spans: readonly Interval[]): number[][] {
  const byId = new Map<string, number>();
  spans.forEach(({ id }, index) => {
    if (!byId.has(id)) byId.set(id, index);
  });
  const parts: number[][] = spans.map(() => []);
  /** Until where the children of each span cover it without a gap. */
  const covered = spans.map(({ start }) => start);
  const order = spans.map((_, index) => index)
    .sort((a, b) => spans[a]!.start - spans[b]!.start);
  for (const index of order) {
    const { parent, start, end } = spans[index]!;
    const at = parent === "" ? undefined : byId.get(parent);
    if (at === undefined || at === index) continue;
    const from = covered[at]!;
    const until = Math.min(end, spans[at]!.end);
    if (until <= Math.max(start, from)) continue; // nothing new is covered
    if (start > from) parts[at]!.push(from, start);
    covered[at] = until;
  }
  spans.forEach(({ end }, index) => {
    if (end > covered[index]!) parts[index]!.push(covered[index]!, end);
  });
  return parts;
}

/** Returns the length of parts as `ownParts` returns them. */
export function lengthOf(parts: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < parts.length; i += 2) sum += parts[i + 1]! - parts[i]!;
  return sum;
}
