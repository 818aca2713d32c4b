/** Times of OTLP. */

const NANOS = 1e9;

/** Earlier times, which nobody means, would be written with an exponent. */
const MIN_SECONDS = 1e-6;

/** Returns nanoseconds as unix seconds; 0 if unknown. At most the year 2554. */
export function secondsOf(nanos: number | undefined): number {
  const seconds = (nanos ?? 0) / NANOS;
  return seconds >= MIN_SECONDS ? seconds : 0;
}
