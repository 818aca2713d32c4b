/**
 * Text of float64 numbers in expositions.
 *
 * - `numberText` writes sample values: the shortest digits that parse to the
 *   same number, all digits of an integer, `+Inf`, `-Inf` or `NaN`.
 * - `boundText` writes `le` and `quantile`: one canonical spelling in every
 *   format, because another spelling would be another series.
 */

/** From here on all numbers are whole, and the shortest digits end in zeros. */
const MIN_PADDED = 2 ** 53;

/** From here on JavaScript writes an exponent. */
const MIN_EXPONENT = 1e21;

/**
 * Returns the text of a sample value.
 *
 * JavaScript's shortest form is legal in every text format, except for
 * infinities. `-0` becomes `0`. Integers from 2^53 on are written with all
 * their digits, because JavaScript pads the shortest ones with zeros: a reader
 * of integers would see another number.
 */
export function numberText(value: number): string {
  if (value >= MIN_PADDED || value <= -MIN_PADDED) return largeText(value);
  return String(value);
}

function largeText(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(Math.abs(value) < MIN_EXPONENT ? BigInt(value) : value);
}

/**
 * Returns the canonical text of a bucket bound or quantile (OpenMetrics 1.0,
 * section "Considerations: Canonical Numbers"): the shortest digits, with an
 * exponent of at least two digits below 1e-4 and from 1e6 on, otherwise with a
 * decimal point.
 *
 * Examples: `0.005`, `1.0`, `1e+06`, `1e-05`, `+Inf`.
 */
export function boundText(value: number): string {
  if (!Number.isFinite(value) || value === 0) {
    return value === 0 ? "0.0" : numberText(value);
  }
  const [mantissa = "", power = ""] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const text = String(value); // positional from 1e-6 up to 1e21
  return text.includes(".") ? text : `${text}.0`;
}
