/** Numbers as the history keeps them: short in memory and in JSON. */

/** From here on, float32 is coarser than a hundredth. */
const LARGE = 65_536;

/** Below this magnitude, float32 has fewer than seven digits. */
const SMALL = 1e-37;

/** Returns whether a finite number that is not whole fits into a float32. */
export function isFloat32(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude < LARGE && magnitude > SMALL;
}

/**
 * Returns the finite number that is kept for `value`: whole numbers as they are,
 * others with seven digits, large ones with three decimals.
 */
export function shortNumber(value: number): number {
  if (value % 1 === 0) return value + 0; // never -0
  if (isFloat32(value)) return Number(Math.fround(value).toPrecision(7));
  return Math.abs(value) < LARGE ? value : Math.round(value * 1000) / 1000;
}
