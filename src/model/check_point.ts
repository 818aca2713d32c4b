/**
 * The rules for points: what no reader of any format would accept is an error.
 *
 * `checkNumber`, `checkHistogram` and `checkSummary` are cheap enough for every
 * point of a scrape. The rules that only sources of users can break are in
 * `copy_point.ts`.
 */
import { display, infinityBucket } from "../base/internal.ts";
import type { FamilyDesc, MetricType } from "./desc.ts";
import type {
  DenseBuckets,
  HistogramView,
  NativeView,
  SummaryView,
} from "./points.ts";

/** Returns the legal numbers of a type in words. */
function legalNumbers(type: MetricType): string {
  return type === "counter"
    ? "a number from 0 on"
    : type === "info"
    ? "1"
    : type === "stateset"
    ? "0 or 1"
    : "a number";
}

/** @throws {RangeError} If the type of `desc` does not allow this number. */
export function checkNumber({ type, name }: FamilyDesc, value: number): void {
  const isLegal = type === "counter"
    ? value >= 0
    : type === "info"
    ? value === 1
    : type !== "stateset" || value === 0 || value === 1;
  if (isLegal && typeof value === "number") return;
  throw new RangeError(
    `Cannot write ${display(value)} as ${type} "${name}": ` +
      `it must be ${legalNumbers(type)}`,
  );
}

/** @throws {RangeError} If counts are illegal or do not add up. */
export function checkHistogram(
  { name }: FamilyDesc,
  view: HistogramView,
): void {
  if (typeof view.sum !== "number") throw wrongSum("histogram", name, view.sum);
  if (!hasLegalCounts(view)) {
    throw new RangeError(
      `Cannot write histogram "${name}": its counts, one more than ` +
        `there are bounds, must be whole numbers that add up to count`,
    );
  }
  if (view.native !== undefined && !hasLegalBuckets(view.native, view)) {
    throw new RangeError(
      `Cannot write native histogram "${name}": its schema must be -4 ` +
        `to 8, and its buckets whole numbers that add up to count, with none ` +
        `past the bucket of Infinity`,
    );
  }
}

/** @throws {RangeError} If the sum or the count is illegal. */
export function checkSummary({ name }: FamilyDesc, view: SummaryView): void {
  if (typeof view.sum !== "number") throw wrongSum("summary", name, view.sum);
  if (typeof view.count === "number" && isCount(view.count)) return;
  throw new RangeError(
    `Cannot write ${display(view.count)} as the count of summary "${name}": ` +
      `it must be a whole number from 0 on`,
  );
}

function wrongSum(type: string, name: string, sum: unknown): RangeError {
  return new RangeError(
    `Cannot write ${display(sum)} as the sum of ${type} "${name}": ` +
      `it must be a number`,
  );
}

// Not `value % 1`, which took a quarter of a scrape of histograms on V8.
function isCount(value: number): boolean {
  return value >= 0 && value - Math.floor(value) === 0;
}

function hasLegalCounts({ bounds, counts, count }: HistogramView): boolean {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    if (!isCount(counts[i]!)) return false;
    sum += counts[i]!;
  }
  // An infinite count is no count, and the sum of finite ones can be infinite.
  return sum === count && sum < Infinity &&
    counts.length === bounds.length + 1;
}

/**
 * Returns whether two totals of the same observations agree. Up to 2^53 they are
 * equal; beyond, they depend on the order of the additions.
 */
export function isSameTotal(a: number, b: number): boolean {
  if (a === b) return true;
  return Math.min(a, b) > Number.MAX_SAFE_INTEGER &&
    Math.abs(a - b) <= MAX_ROUNDING * a && Math.max(a, b) < Infinity;
}

/** More than the additions of any program add up to, at 2^-53 each. */
const MAX_ROUNDING = 2 ** -20;

/**
 * Returns whether the buckets add up to `count`. They may add up to less if NaN
 * was observed, which is in no native bucket. The encoders choose integers by
 * `count`, so no bucket may be larger.
 */
function hasLegalBuckets(
  native: NativeView,
  { count, sum }: HistogramView,
): boolean {
  const { schema, zeroThreshold, zeroCount, positive, negative } = native;
  const isLegal = Number.isInteger(schema) && schema >= -4 && schema <= 8 &&
    zeroThreshold >= 0 && zeroThreshold < Infinity && isCount(zeroCount);
  if (!isLegal) return false;
  const last = infinityBucket(schema);
  const total = zeroCount + totalOf(positive, last) + totalOf(negative, last);
  return isSameTotal(total, count) || (total < count && Number.isNaN(sum));
}

/** Returns the sum of all counts; NaN if one is illegal or its bucket past `last`. */
function totalOf(
  { offset, size, counts, overflow }: DenseBuckets,
  last: number,
): number {
  if (!isCount(overflow) || !(size <= counts.length)) return NaN;
  if (size > 0 && !Number.isInteger(offset)) return NaN;
  let total = overflow;
  for (let i = 0; i < size; i++) {
    if (!isCount(counts[i]!)) return NaN;
    total += counts[i]!;
  }
  for (let i = Math.max(0, last + 1 - offset); i < size; i++) {
    if (counts[i]! > 0) return NaN;
  }
  return total;
}
