/** Sentences about charts, made from their data. Pure. */
import type { Gap } from "../core/data.ts";
import { brief, type Format, seconds, utc, words } from "../core/units.ts";
import { lastOf, type Track } from "./tracks.ts";

const WHY: Readonly<Record<Gap["why"], string>> = {
  slow: "behind",
  asleep: "asleep",
  restarted: "restarted",
  unsampled: "not sampled",
  cut: "no connection",
};

/** Names a gap: `restarted, 22 s without data`. */
export function gapWords({ from, to, why }: Gap, isShort = false): string {
  if (isShort) return WHY[why];
  return `${WHY[why]}, ${words(brief(seconds(to - from)))} without data`;
}

/** The first and the last third of a track are compared. */
const PARTS = 3;

function median(values: Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  return known[Math.floor(known.length / 2)] ?? NaN;
}

/** A value that is this many times another counts as a change. */
const CHANGED = 1.5;

/**
 * Describes the course of a track: `46.7/s now, about the same before`, `1.22/s
 * now, 0.10/s before 14:21`.
 */
export function trackSentence(track: Track, format: Format): string {
  const now = lastOf(track.values);
  if (Number.isNaN(now)) return "no data";
  const sentence = `${words(format(now))} now`;
  const third = Math.max(1, Math.floor(track.values.length / PARTS));
  const before = median(track.values.subarray(0, third));
  const recent = median(track.values.subarray(track.values.length - third));
  if (Number.isNaN(before) || Number.isNaN(recent)) return sentence;
  if (recent <= before * CHANGED && before <= recent * CHANGED) {
    return `${sentence}, about the same since ${utc.minutes(track.from)}`;
  }
  return `${sentence}, ${words(format(before))} at ${utc.minutes(track.from)}`;
}

/** Names a quantile: `p99`, `p99.9`. */
export function quantileName(q: number): string {
  return `p${Number((q * 100).toPrecision(6))}`;
}

/** Names a bucket: `1.3 to 1.6 s`, `over 10 s`. */
export function rangeWords(from: number, to: number, format: Format): string {
  const low = brief(format(from));
  const high = brief(format(to));
  if (to === Infinity) return `over ${words(low)}`;
  const isAlike = low.unit === high.unit || from === 0;
  return `${isAlike ? low.digits : words(low)} to ${words(high)}`;
}

/** Names the bucket of a quantile, which is no finer; empty if it is exact. */
export function bucketWords(from: number, to: number, format: Format): string {
  return to > from ? `bucket ${rangeWords(from, to, format)}` : "";
}
