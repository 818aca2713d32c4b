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
 * Returns `count` bounds: `start`, `start + width`, …
 *
 * @throws {RangeError} Unless `width` is above 0 and `count` at least 1.
 */
export function linearBuckets(
  start: number,
  width: number,
  count: number,
): number[] {
  if (!(width > 0)) {
    throw new RangeError(
      `Cannot make linear buckets of width ${width}: give a width above 0`,
    );
  }
  return bounds("linear", count, (i) => start + width * i);
}

/**
 * Returns `count` bounds: `start`, `start * factor`, `start * factor²`, …
 *
 * @throws {RangeError} Unless `start` is above 0, `factor` above 1 and `count`
 *   at least 1.
 */
export function exponentialBuckets(
  start: number,
  factor: number,
  count: number,
): number[] {
  if (!(start > 0 && factor > 1)) {
    throw new RangeError(
      `Cannot make exponential buckets from ${start} by ${factor}: ` +
        `give a start above 0 and a factor above 1`,
    );
  }
  return bounds("exponential", count, (i) => start * factor ** i);
}

/**
 * Returns `count` bounds from `lowest` to `highest`, a constant factor apart.
 *
 * @throws {RangeError} Unless 0 < `lowest` < `highest` and `count` is at
 *   least 2.
 */
export function exponentialRange(
  lowest: number,
  highest: number,
  count: number,
): number[] {
  if (!(lowest > 0 && highest > lowest && count >= 2)) {
    throw new RangeError(
      `Cannot spread ${count} buckets from ${lowest} to ${highest}: ` +
        `give 0 < lowest < highest and a count of at least 2`,
    );
  }
  const factor = (highest / lowest) ** (1 / (count - 1));
  return bounds(
    "exponential",
    count,
    (i) => i === count - 1 ? highest : lowest * factor ** i,
  );
}

function bounds(
  adjective: string,
  count: number,
  at: (index: number) => number,
): number[] {
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(
      `Cannot make ${count} ${adjective} buckets: give a whole number from 1 on`,
    );
  }
  return Array.from({ length: count }, (_, i) => at(i));
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
