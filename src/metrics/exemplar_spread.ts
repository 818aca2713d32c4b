/**
 * A few exemplars of one series, spread over value and time: for native
 * histograms, whose buckets are too many to keep one each.
 *
 * Of two that are near each other in value the younger one stays; one that is
 * old makes room for any.
 */
import type { Exemplar } from "../model/mod.ts";

/** As many as Prometheus' own client keeps. */
export const MOST_EXEMPLARS = 10;

/** Seconds after which an exemplar is old. */
const OLD = 300;

/** The exemplars of one series. */
export class ExemplarSpread {
  /** By rising value; NaN last. */
  readonly list: Exemplar[] = [];

  /** Takes an exemplar in, and lets another go if there are too many. */
  add(exemplar: Exemplar): void {
    const { list } = this;
    const isAbove = ({ value }: Exemplar) =>
      value > exemplar.value || Number.isNaN(value);
    const above = list.findIndex(isAbove);
    list.splice(above < 0 ? list.length : above, 0, exemplar);
    if (list.length > MOST_EXEMPLARS) {
      list.splice(this.#leastWanted(exemplar), 1);
    }
  }

  #leastWanted({ timestamp }: Exemplar): number {
    const { list } = this;
    let oldest = 0;
    let nearest = 1;
    for (let i = 1; i < list.length; i++) {
      if (list[i]!.timestamp < list[oldest]!.timestamp) oldest = i;
      if (gapBefore(list, i) < gapBefore(list, nearest)) nearest = i;
    }
    if (timestamp - list[oldest]!.timestamp > OLD) return oldest;
    const isOlder = list[nearest]!.timestamp < list[nearest - 1]!.timestamp;
    return isOlder ? nearest : nearest - 1;
  }
}

/** How far an exemplar is from the one before, as buckets are: by factor. */
function gapBefore(list: readonly Exemplar[], i: number): number {
  const [a, b] = [list[i - 1]!.value, list[i]!.value];
  if (a === b) return 0;
  return a * b > 0 ? Math.abs(Math.log(b / a)) : Infinity;
}
