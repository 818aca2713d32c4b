/** Times of remote write, which are whole milliseconds. */

/** More than the rounding error of unix seconds, in milliseconds. */
const ROUNDING = 0.001;

/** Returns the millisecond of a time in seconds. */
export function toMilliseconds(seconds: number): number {
  return Math.floor(seconds * 1000 + ROUNDING);
}
