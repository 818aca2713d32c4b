/**
 * Exponential buckets: which one a value belongs to, and where one ends.
 *
 * Bucket `i` of schema `n` holds the values in `(B^(i-1), B^i]` with
 * `B = 2^(2^-n)`, for schemas -4 to 8 (Prometheus, native histograms). Both
 * directions are exact: a bound lies in its own bucket, on every runtime,
 * because no logarithm and no power of the platform takes part.
 */

const FLOAT = new Float64Array(1);
const HALVES = new Uint32Array(FLOAT.buffer);
/** Which half of a float64 holds the exponent: 1 on little-endian machines. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const TWO_TO_54 = 2 ** 54;

/**
 * The index of the bucket that holds `value`, which must be above 0.
 * `Infinity` lies one past the bucket of the largest float64.
 */
export function bucketIndex(value: number, schema: number): number {
  if (value === Infinity) return bucketIndex(Number.MAX_VALUE, schema) + 1;
  let exponent = exponentOf(value);
  if (exponent === -1023) exponent = exponentOf(value * TWO_TO_54) - 54;
  // value = fraction * 2^power with a fraction in [0.5, 1)
  const power = exponent + 1;
  const fraction = scale(value, -power);
  if (schema > 0) {
    return firstNotBelow(boundsOf(schema), fraction) + exponent * 2 ** schema;
  }
  const whole = fraction === 0.5 ? power - 1 : power;
  return (whole + (1 << -schema) - 1) >> -schema;
}

/**
 * The upper bound of bucket `index`: the largest float64 for the last finite
 * bucket, `Infinity` for the one past it.
 */
export function bucketBound(index: number, schema: number): number {
  if (index === 1024 * 2 ** schema) return Number.MAX_VALUE;
  if (schema <= 0) return scale(1, index * 2 ** -schema);
  const width = 2 ** schema;
  const power = Math.floor(index / width);
  return scale(boundsOf(schema)[index - power * width]!, power + 1);
}

function exponentOf(value: number): number {
  FLOAT[0] = value;
  return ((HALVES[HIGH]! >>> 20) & 0x7ff) - 1023;
}

/** `value * 2^power`, exact also where `2^power` alone would not be. */
function scale(value: number, power: number): number {
  const half = Math.trunc(power / 2);
  return value * 2 ** half * 2 ** (power - half);
}

function firstNotBelow(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const BOUNDS = new Map<number, Float64Array>();

/** `2^(j / 2^schema - 1)` for j from 0 to `2^schema - 1`: within [0.5, 1). */
function boundsOf(schema: number): Float64Array {
  const known = BOUNDS.get(schema);
  if (known !== undefined) return known;
  const bounds = exactBounds(schema);
  BOUNDS.set(schema, bounds);
  return bounds;
}

/** Powers of two by integer square roots of 160 bits, rounded once at the end. */
function exactBounds(schema: number): Float64Array {
  const bits = 160n;
  const one = 1n << bits;
  const root = rootOf(one << (bits + 1n), schema, bits);
  const bounds = new Float64Array(2 ** schema);
  let power = one;
  for (let j = 0; j < bounds.length; j++) {
    const rounded = (power + (1n << (bits - 53n))) >> (bits - 52n);
    bounds[j] = Number(rounded) / 2 ** 53;
    power = (power * root) >> bits;
  }
  return bounds;
}

/** `square` is 2 with `2 * bits` binary places; the root is taken `times`. */
function rootOf(square: bigint, times: number, bits: bigint): bigint {
  const root = squareRoot(square);
  return times === 1 ? root : rootOf(root << bits, times - 1, bits);
}

function squareRoot(value: bigint): bigint {
  let guess = 1n << BigInt((value.toString(2).length >> 1) + 1);
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
