/** Bucket bounds: makes, checks and searches them. */

/**
 * The default bucket bounds of all Prometheus clients, for durations in seconds:
 * 5 ms to 10 s.
 */
export const DEFAULT_BUCKETS: readonly number[] = Object.freeze([
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
]);

/**
 * Returns `count` bounds: `start`, `start + width`, … They are computed as
 * decimal numbers, so that `le` is 0.3 and not 0.30000000000000004.
 *
 * @throws {RangeError} Unless `start` is finite, `width` above 0 and finite, and
 *   `count` at least 1.
 */
export function linearBuckets(
  start: number,
  width: number,
  count: number,
): number[] {
  if (!(width > 0 && width < Infinity)) {
    throw new RangeError(
      `Cannot make linear buckets of width ${width}: give a width above 0`,
    );
  }
  if (!Number.isFinite(start)) {
    throw new RangeError(
      `Cannot make linear buckets from ${start}: give a finite start`,
    );
  }
  checkCount("linear", count);
  const [from, step] = [decimalOf(start), decimalOf(width)];
  const exponent = Math.min(from.exponent, step.exponent);
  const scaled = (decimal: Decimal): bigint =>
    decimal.digits * 10n ** BigInt(decimal.exponent - exponent);
  const by = scaled(step);
  let digits = scaled(from);
  return Array.from({ length: count }, (_, i) => {
    if (i > 0) digits += by;
    return numberOf({ digits, exponent });
  });
}

/**
 * Returns `count` bounds: `start`, `start * factor`, `start * factor²`, …,
 * computed as decimal numbers like those of `linearBuckets`.
 *
 * @throws {RangeError} Unless `start` is above 0, `factor` above 1, both finite,
 *   and `count` at least 1.
 */
export function exponentialBuckets(
  start: number,
  factor: number,
  count: number,
): number[] {
  if (!(start > 0 && factor > 1 && start < Infinity && factor < Infinity)) {
    throw new RangeError(
      `Cannot make exponential buckets from ${start} by ${factor}: ` +
        `give a start above 0 and a factor above 1`,
    );
  }
  checkCount("exponential", count);
  const by = decimalOf(factor);
  let bound = decimalOf(start);
  return Array.from({ length: count }, (_, i) => {
    if (i > 0) bound = product(bound, by);
    return numberOf(bound);
  });
}

/**
 * Returns `count` bounds from `lowest` to `highest`, a constant factor apart.
 * Each is the shortest decimal number within the error of the computation.
 *
 * @throws {RangeError} Unless 0 < `lowest` < `highest` and `count` is at
 *   least 2.
 */
export function exponentialRange(
  lowest: number,
  highest: number,
  count: number,
): number[] {
  if (!(lowest > 0 && highest > lowest && highest < Infinity && count >= 2)) {
    throw new RangeError(
      `Cannot spread ${count} buckets from ${lowest} to ${highest}: ` +
        `give 0 < lowest < highest and a count of at least 2`,
    );
  }
  checkCount("exponential", count);
  // A difference of logarithms: the ratio itself may be infinite.
  const range = Math.log(highest) - Math.log(lowest);
  const tolerance = 4 * Number.EPSILON * (1 + range);
  const bounds = [lowest];
  for (let i = 1; i < count - 1; i++) {
    const share = i / (count - 1);
    const bound = share < 0.5
      ? lowest * Math.exp(range * share)
      : highest / Math.exp(range * (1 - share));
    const short = shortest(bound, tolerance);
    const isBetween = short > bounds.at(-1)! && short < highest;
    bounds.push(isBetween ? short : bound);
  }
  return [...bounds, highest];
}

function checkCount(adjective: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new RangeError(
    `Cannot make ${count} ${adjective} buckets: give a whole number from 1 on`,
  );
}

/** The number `digits * 10^exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** Returns the shortest decimal that is read as `value`. */
function decimalOf(value: number): Decimal {
  const [digits, exponent] = value.toExponential().split("e");
  const [whole, fraction = ""] = digits!.split(".");
  return {
    digits: BigInt(whole! + fraction),
    exponent: Number(exponent) - fraction.length,
  };
}

/** Returns the closest float64. */
function numberOf({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`);
}

/** Digits of a product: far more than a float64 has, but a limited number. */
const MAX_DIGITS = 100;

function product(a: Decimal, b: Decimal): Decimal {
  const digits = a.digits * b.digits;
  const exponent = a.exponent + b.exponent;
  const excess = Math.max(0, digits.toString().length - MAX_DIGITS);
  return {
    digits: digits / 10n ** BigInt(excess),
    exponent: exponent + excess,
  };
}

/** Returns the number with the fewest digits within `tolerance` of `value`. */
function shortest(value: number, tolerance: number): number {
  for (let digits = 1; digits < 17; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.abs(short - value) <= tolerance * value) return short;
  }
  return value;
}

/**
 * Returns the bounds as the engine stores them: a copy without a final `+Inf`.
 *
 * @throws {RangeError} If they are not finite numbers that rise.
 */
export function checkedBounds(
  name: string,
  buckets: readonly number[],
): Float64Array {
  const list = Array.from<number>(buckets); // holes become undefined: refused
  const finite = list.at(-1) === Infinity ? list.slice(0, -1) : list;
  finite.forEach((bound, i) => {
    const before = finite[i - 1];
    if (Number.isFinite(bound) && (before === undefined || bound > before)) {
      return;
    }
    throw new RangeError(
      `Cannot declare histogram "${name}": bucket ${bound} ` +
        (before === undefined
          ? `is not a finite number; give upper bounds such as [0.1, 1, 10]`
          : `does not follow ${before}; give finite bounds that rise`),
    );
  });
  return Float64Array.from(finite);
}

/** Up to this many bounds a linear search is faster than a binary one. */
const LINEAR = 16;

/**
 * Returns the index of the first bound not below `value`; `bounds.length` if
 * there is none, or if `value` is NaN.
 */
export function bucketOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (high - low > LINEAR) {
    const middle = (low + high) >>> 1;
    if (value <= bounds[middle]!) high = middle;
    else low = middle + 1;
  }
  while (low < high && !(value <= bounds[low]!)) low++;
  return low;
}
