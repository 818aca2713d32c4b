/** Numbers and times as OTLP has them. */

/**
 * Converts unix seconds to nanoseconds, rounded to microseconds, the precision
 * of a float64 of unix seconds. Times that OTLP cannot express become 0.
 */
export function nanoseconds(seconds: number): bigint {
  if (typeof seconds !== "number") return 0n;
  const micros = Math.round(seconds * 1e6);
  return micros > 0 && micros < 2 ** 53 ? BigInt(micros) * 1000n : 0n;
}

/** Returns whether a number is encoded as an integer; -0 becomes 0. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value);
}
