/**
 * Text of float64 numbers in expositions.
 *
 * - `numberText` writes sample values: the shortest digits that parse to the
 *   same number, `+Inf`, `-Inf` or `NaN`.
 * - `boundText` writes `le` and `quantile`: one canonical spelling in every
 *   format, because another spelling would be another series.
 */

/**
 * Returns the text of a sample value.
 *
 * JavaScript's shortest form is legal in every text format, except for
 * infinities. `-0` becomes `0`.
 */
export function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
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
