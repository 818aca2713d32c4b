/**
 * Exemplars in the order that receivers demand: those of a series never go back
 * in time. A request with an older one is refused.
 */
import type { Exemplar } from "../../model/mod.ts";
import { toMilliseconds } from "./milliseconds.ts";

/** Most points have none. */
export const NO_EXEMPLARS: readonly Exemplar[] = [];

/**
 * Returns copies of the exemplars with a known time that is not after `time`, in
 * milliseconds, in the order of receivers.
 */
export function timedExemplars(
  given: readonly (Exemplar | undefined)[],
  time: number,
): readonly Exemplar[] {
  const timed: Exemplar[] = [];
  for (const exemplar of given) {
    if (exemplar === undefined) continue;
    const { labels, value, timestamp } = exemplar;
    const at = toMilliseconds(timestamp);
    if (at > 0 && at <= time) {
      timed.push({ labels: { ...labels }, value, timestamp });
    }
  }
  return timed.length === 0 ? NO_EXEMPLARS : timed.sort(order);
}

/**
 * Returns those exemplars that are newer than `last`, the newest one that the
 * receiver has.
 */
export function newerExemplars(
  exemplars: readonly Exemplar[],
  last: Exemplar | undefined,
): readonly Exemplar[] {
  if (last === undefined || exemplars.length === 0) return exemplars;
  return exemplars.filter((exemplar) => order(exemplar, last) > 0);
}

/** Orders by time, then by value. */
function order(a: Exemplar, b: Exemplar): number {
  return a.timestamp - b.timestamp || a.value - b.value;
}
