/** Whole numbers as decimal digits, written from their end. */

/** Up to it, arithmetic on 32 bits does. */
const LARGEST = 0x7fffffff;

/** Whether `value` is a whole number from 0 to 2^31 - 1. */
export function isShortWhole(value: number): boolean {
  return value >= 0 && value <= LARGEST && value === Math.floor(value);
}

/** How many digits a short whole number has. */
export function widthOf(value: number): number {
  const whole = value | 0;
  let width = 1;
  for (let bound = 10; width < 10 && bound <= whole; bound *= 10) width++;
  return width;
}

/** Whether the digits of a short whole number stand before `end`. */
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

/** Writes the digits of a short whole number, the last one before `end`. */
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
