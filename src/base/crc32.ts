/**
 * Computes the CRC-32 of concatenated bytes from the CRCs of the parts, so that
 * pages can be compressed independently.
 *
 * A CRC is the remainder of a polynomial over GF(2); appending `n` bytes
 * multiplies it by x^8n. RFC 1952, section 8, gives the polynomial with its bits
 * reversed.
 */

const POLYNOMIAL = 0xedb88320;

/** x^0, highest bit first. */
const ONE = 0x80000000;

/** x^(2^i), indexed by i. */
const POWERS = new Uint32Array(32);
POWERS[0] = 0x40000000; // x^1
for (let i = 1; i < 32; i++) {
  POWERS[i] = product(POWERS[i - 1]!, POWERS[i - 1]!);
}

/** Multiplies two polynomials modulo the polynomial of the CRC. */
function product(a: number, b: number): number {
  let sum = 0;
  let times = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= times;
    times = (times & 1) === 1 ? times >>> 1 ^ POLYNOMIAL : times >>> 1;
  }
  return sum >>> 0;
}

/**
 * Returns the CRC-32 of bytes with the CRC `first`, followed by `size` bytes with
 * the CRC `second`. Cost: about a microsecond, for any size.
 */
export function combineCrc32(
  first: number,
  second: number,
  size: number,
): number {
  let shift = ONE;
  let power = 3; // appending a byte multiplies by x^8, which is x^(2^3)
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
    // x has order 2^32 - 1: its powers repeat after 32 squarings.
    if (rest % 2 === 1) shift = product(POWERS[power % 32]!, shift);
    power++;
  }
  return (product(shift, first) ^ second) >>> 0;
}
