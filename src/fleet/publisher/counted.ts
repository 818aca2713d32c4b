/**
 * The counts of a registry that has left a fleet. The totals of that fleet have
 * them, so they are left out if the registry joins it again.
 */
import type { NativeView } from "../../model/mod.ts";
import type { ImageFamily } from "./image.ts";

/** The numbers of a series when its registry left a fleet. */
export interface CountedSeries {
  readonly start: number;
  readonly cells: Float64Array;
  readonly native: NativeView | undefined;
}

/** The counts of a registry, by signature of the family and by labels. */
export type Counted = ReadonlyMap<string, ReadonlyMap<string, CountedSeries>>;

/** Returns what a registry has counted, now or before; `own` is its cells. */
export function countedIn(
  families: ReadonlyMap<string, ImageFamily>,
  own: Float64Array,
  before: Counted,
): Counted {
  const all = new Map(before);
  for (const [signature, { isCumulative, entries, width }] of families) {
    if (!isCumulative) continue;
    const series = new Map<string, CountedSeries>(all.get(signature));
    for (const { labels, isOwn, at, start, extra } of entries.values()) {
      if (!isOwn) continue;
      const cells = own.slice(at, at + width);
      series.set(labels, { start, cells, native: extra?.native });
    }
    all.set(signature, series);
  }
  return all;
}
