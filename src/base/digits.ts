/** Decimal digits of whole numbers, written from the last one to the first. */

/** The largest number for which 32-bit arithmetic suffices. */
const MAX_SHORT = 0x7fffffff;

/** Returns whether `value` is a short whole number: 0 to 2^31 - 1. */
export function isShortWhole(value: number): boolean {
  return value >= 0 && value <= MAX_SHORT && value === Math.floor(value);
}

/** Returns the number of digits of a short whole number. */
export function widthOf(value: number): number {
  const whole = value | 0;
  let width = 1;
  for (let bound = 10; width < 10 && bound <= whole; bound *= 10) width++;
  return width;
}

/** Returns whether `bytes` has the digits of a short whole number before `end`. */
export function hasDigits(
  bytes: Uint8Array,
  end: number,
  value: number,
): boolean {
  let rest = value | 0;
  let at = end;
  do {
    const tenth = (rest / 10) | 0;
    if (bytes[--at] !== 48 + rest - tenth * 10) return false;
    rest = tenth;
  } while (rest > 0);
  return true;
}

/** Writes the digits of a short whole number so that they end before `end`. */
export function writeDigits(
  bytes: Uint8Array,
  end: number,
  value: number,
): void {
  let rest = value | 0;
  let at = end;
  do {
    const tenth = (rest / 10) | 0;
    bytes[--at] = 48 + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
}
