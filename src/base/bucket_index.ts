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
/** Of the upper half: the bits of the fraction. */
const MANTISSA = 0xfffff;
const TWO_TO_64 = 2 ** 64;

/**
 * The index of the bucket that holds `value`, which must be above 0.
 * `Infinity` lies one past the bucket of the largest float64. Cost: two reads
 * of a table and one comparison.
 */
export function bucketIndex(value: number, schema: number): number {
  FLOAT[0] = value;
  const high = HALVES[HIGH]!;
  const biased = high >>> 20;
  if (biased === 0) return subnormalIndex(value, schema);
  if (biased === 0x7ff) return bucketIndex(Number.MAX_VALUE, schema) + 1;
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
  // In integers: a float64 put together from halves costs more than all this.
  const beyond = fraction > bound ||
    (fraction === bound && HALVES[1 - HIGH]! > lows[index]!);
  return index + (beyond ? 1 : 0) + (biased - 1023) * (1 << schema);
}

/** By a power of two that all schemas know: 2^64 is 2^(16 * 4). */
function subnormalIndex(value: number, schema: number): number {
  return bucketIndex(value * TWO_TO_64, schema) - 64 * 2 ** schema;
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
  const { bounds } = TABLES[schema] ?? tableOf(schema);
  return scale(bounds[index - power * width]!, power + 1);
}

/** `value * 2^power`, exact also where `2^power` alone would not be. */
function scale(value: number, power: number): number {
  const half = Math.trunc(power / 2);
  return value * 2 ** half * 2 ** (power - half);
}

/** Where the buckets within [0.5, 1) end, and where to begin to look. */
interface Table {
  /** `2^(j / 2^schema - 1)` for j from 0 on. */
  readonly bounds: Float64Array;
  /** The upper bits of their fractions, and an end past all of them. */
  readonly highs: Uint32Array;
  /** The lower bits. */
  readonly lows: Uint32Array;
  /**
   * By the first `schema + 1` bits of a fraction, the first bound that is not
   * below all such fractions. No two bounds begin with the same bits: they are
   * at least `ln 2 / 2 * 2^-schema` apart, the fractions `2^-schema / 4`.
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
