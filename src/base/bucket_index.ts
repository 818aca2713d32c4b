/**
 * Exponential buckets: the bucket of a value, and the bound of a bucket.
 *
 * Bucket `i` of schema `n` holds the values in `(B^(i-1), B^i]` with
 * `B = 2^(2^-n)`, for schemas -4 to 8 (Prometheus, native histograms). Both
 * directions are exact on every runtime, because neither uses the platform's
 * logarithms or powers: each bound lies in its own bucket.
 */

import { infinityBucket } from "./infinity_bucket.ts";

const FLOAT = new Float64Array(1);
const HALVES = new Uint32Array(FLOAT.buffer);
/** The half of a float64 that holds the exponent: 1 on little-endian machines. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
/** The bits of the fraction in the upper half. */
const MANTISSA = 0xfffff;
const TWO_TO_64 = 2 ** 64;

/**
 * Returns the index of the bucket that holds `value`, which must be above 0.
 * `Infinity` has the bucket after the largest float64. Cost: two table
 * reads and one comparison.
 */
export function bucketIndex(value: number, schema: number): number {
  FLOAT[0] = value;
  const high = HALVES[HIGH]!;
  const biased = high >>> 20;
  if (biased === 0) return subnormalIndex(value, schema);
  if (biased === 0x7ff) return infinityBucket(schema);
  if (schema <= 0) {
    // value = fraction * 2^power with a fraction in [0.5, 1)
    const isPower = (high & MANTISSA) === 0 && HALVES[1 - HIGH] === 0;
    const power = biased - (isPower ? 1023 : 1022);
    return (power + (1 << -schema) - 1) >> -schema;
  }
  const { highs, lows, firsts } = TABLES[schema] ?? tableOf(schema);
  const fraction = high & MANTISSA;
  const index = firsts[fraction >>> (19 - schema)]!;
  const bound = highs[index]!;
  // Compare integers: assembling a float64 from two halves costs more than the
  // rest of this function.
  const beyond = fraction > bound ||
    (fraction === bound && HALVES[1 - HIGH]! > lows[index]!);
  return index + (beyond ? 1 : 0) + (biased - 1023) * (1 << schema);
}

/** Scales subnormals up by 2^64, a whole number of buckets in every schema. */
function subnormalIndex(value: number, schema: number): number {
  return bucketIndex(value * TWO_TO_64, schema) - 64 * 2 ** schema;
}

/**
 * Returns the upper bound of bucket `index`: the largest float64 for the last
 * finite bucket, `Infinity` for the bucket after it.
 */
export function bucketBound(index: number, schema: number): number {
  if (index === 1024 * 2 ** schema) return Number.MAX_VALUE;
  if (schema <= 0) return scale(1, index * 2 ** -schema);
  const width = 2 ** schema;
  const power = Math.floor(index / width);
  const { bounds } = TABLES[schema] ?? tableOf(schema);
  return scale(bounds[index - power * width]!, power + 1);
}

/** Returns `value * 2^power`; exact even if `2^power` alone overflows. */
function scale(value: number, power: number): number {
  const half = Math.trunc(power / 2);
  return value * 2 ** half * 2 ** (power - half);
}

/** The bounds of the buckets in [0.5, 1), and an index into them. */
interface Table {
  /** `2^(j / 2^schema - 1)` for j from 0 on. */
  readonly bounds: Float64Array;
  /** The upper bits of the fractions of the bounds, and a sentinel. */
  readonly highs: Uint32Array;
  /** The lower bits of the fractions, and a sentinel. */
  readonly lows: Uint32Array;
  /**
   * Maps the first `schema + 1` bits of a fraction to the index of the first
   * bound that is not below the smallest fraction with these bits. No two
   * bounds share the bits: bounds are at least `ln 2 / 2 * 2^-schema` apart,
   * fractions with the same bits less than `2^-schema / 4`.
   */
  readonly firsts: Uint16Array;
}

const TABLES: (Table | undefined)[] = [];

function tableOf(schema: number): Table {
  const bounds = exactBounds(schema);
  const firsts = new Uint16Array(2 ** (schema + 1));
  for (let slot = 0, first = 0; slot < firsts.length; slot++) {
    const start = 0.5 + slot / (2 * firsts.length);
    while (bounds[first]! < start) first++;
    firsts[slot] = first;
  }
  const halves = new Uint32Array(bounds.buffer);
  const highs = halves.filter((_, i) => i % 2 === HIGH);
  const lows = halves.filter((_, i) => i % 2 !== HIGH);
  return TABLES[schema] = {
    bounds,
    highs: Uint32Array.of(
      ...highs.map((half) => half & MANTISSA),
      MANTISSA + 1,
    ),
    lows: Uint32Array.of(...lows, 0),
    firsts,
  };
}

/** Computes the bounds by integer square roots of 160 bits, rounded once. */
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

/**
 * Takes the square root `times` times in succession. `square` has `2 * bits`
 * fractional bits, the result has `bits`.
 */
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
