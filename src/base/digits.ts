/** Decimal digits of whole numbers, written from the last one to the first. */

/** The largest number that signed 32-bit arithmetic can hold. */
const MAX_SHORT = 0x7fffffff;

/** Returns whether `value` is a short whole number: 0 to 2^31 - 1, or -0. */
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

/** Returns whether the digits of a short whole number end just before `end`. */
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

/** Writes the digits of a short whole number; they end just before `end`. */
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
