/** The axis of a heat map. Pure; nothing here knows the document. */
import type { Distribution } from "./buckets.ts";
import { decadeScale, logScale, type Scale } from "./scales.ts";

/** Returns the axis of a distribution: 1 ms to 10 s, wider if the data is. */
export function heatScale(
  { rows, counts, columns }: Distribution,
  isSeconds: boolean,
): Scale {
  let first = Infinity;
  let last = -1;
  for (let i = 0; i < columns * rows.length; i++) {
    if (counts[i]! <= 0) continue;
    const row = i % rows.length;
    if (row < first) first = row;
    if (row > last) last = row;
  }
  const { edges } = rows;
  const top = rows.hasOver ? edges[rows.length - 1]! : Infinity;
  const used = last < 0 ? 1 : edges[Math.min(last + 1, rows.length)]!;
  // A bucket from zero on has no end on log paper: it gets a part of a decade.
  const below = first === Infinity
    ? NaN
    : edges[first]! || edges[first + 1]! / 2;
  const least = isSeconds ? 0.001 : Infinity;
  const low = below > 0 && below < least ? below : Math.min(least, 1);
  if (top > low && top < Infinity) return logScale(low, top);
  const high = Math.max(isSeconds ? 10 : 0, Math.min(used, 1e15));
  return logScale(low, decadeScale(low, high).high);
}
