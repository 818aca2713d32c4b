/**
 * Parses native buckets of OpenMetrics 2.0 and resolves spans to bucket indexes.
 * Shares no code with the encoders.
 */
import type { Cursor } from "./parse_cursor.ts";
import type { Complain } from "./parse_lines.ts";

/** Native buckets: counts by bucket index, without empty buckets. */
export interface ParsedNative {
  /** Resolution, from -4 to 8. */
  readonly schema: number;
  /** The largest magnitude that the zero bucket counts. */
  readonly zeroThreshold: number;
  /** Count of the zero bucket. */
  readonly zeroCount: number;
  /** Buckets of negative values, indexed by their magnitude. */
  readonly negative: ReadonlyMap<number, number>;
  /** Buckets of positive values. */
  readonly positive: ReadonlyMap<number, number>;
}

const INTEGER = /0|-?[1-9][0-9]*/y;
/** The first value beyond signed 32 bits, in which other readers store spans. */
const FIRST_TOO_FAR = 2 ** 31;
/** The number of powers of two between 1 and the largest float64. */
const DOUBLINGS = 1024;
/** Maximum relative error of a sum of fractions that depends on their order. */
const SLACK = 2 ** -40;

/** Reads from `,schema:` to the end of the last bucket list. */
export function parseNative(
  cursor: Cursor,
  gauge: boolean,
  complain: Complain,
): ParsedNative {
  cursor.skip(",schema:");
  const schema = integer(cursor, complain);
  if (schema < -4 || schema > 8) complain("a schema from -4 to 8");
  cursor.skip(",zero_threshold:");
  const zeroThreshold = cursor.number();
  if (!(zeroThreshold >= 0 && Number.isFinite(zeroThreshold))) {
    complain("a finite zero threshold of 0 or more");
  }
  cursor.skip(",zero_count:");
  const zeroCount = cursor.number();
  checkCount(zeroCount, gauge, complain);
  const negative = side(cursor, "negative", gauge, complain);
  const positive = side(cursor, "positive", gauge, complain);
  const infinite = DOUBLINGS * 2 ** schema + 1;
  for (const buckets of [negative, positive]) {
    for (const index of buckets.keys()) {
      if (index > infinite) complain("no bucket beyond +Inf");
    }
  }
  return { schema, zeroThreshold, zeroCount, negative, positive };
}

function integer(cursor: Cursor, complain: Complain): number {
  const value = Number(cursor.take(INTEGER, "an integer"));
  if (Math.abs(value) >= FIRST_TOO_FAR) {
    complain("an integer that fits 32 bits");
  }
  return value;
}

function side(
  cursor: Cursor,
  sign: "negative" | "positive",
  gauge: boolean,
  complain: Complain,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (!cursor.at(`,${sign}_spans:[`)) return found;
  const spans: (readonly [offset: number, length: number])[] = [];
  let size = 0;
  items(cursor, `,${sign}_spans:[`, () => {
    const offset = integer(cursor, complain);
    if (spans.length > 0 && offset < 0) {
      complain("a gap of 0 or more between spans");
    }
    cursor.skip(":");
    const length = integer(cursor, complain);
    if (length < 1) complain("spans of at least one bucket");
    spans.push([offset, length]);
    size += length;
  });
  const counts: number[] = [];
  items(cursor, `,${sign}_buckets:[`, () => {
    const count = cursor.number();
    checkCount(count, gauge, complain);
    counts.push(count);
  });
  if (counts.length === 0) complain("no spans without buckets");
  // Checked before the lengths are used, which may be huge.
  if (counts.length !== size) {
    complain("as many buckets as the spans hold");
  }
  let index = 0;
  let at = 0;
  for (const [offset, length] of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, at++) {
      const bridges = i > 0 && i < length - 1 && counts[at - 1] !== 0;
      if (counts[at] !== 0) found.set(index, counts[at]!);
      else if (!bridges) complain("empty buckets only in gaps of one");
    }
  }
  return found;
}

/** Reads a list: `opening`, items with commas between them, `]`. */
export function items(cursor: Cursor, opening: string, item: () => void): void {
  cursor.skip(opening);
  for (let first = true; !cursor.at("]"); first = false) {
    if (!first) cursor.skip(",");
    item();
  }
  cursor.skip("]");
}

/**
 * Throws if `count` is illegal. Counts of a gauge histogram can be fractional or
 * negative, because they can be differences or averages.
 */
export function checkCount(
  count: number,
  gauge: boolean,
  complain: Complain,
): void {
  if (gauge) {
    if (!Number.isFinite(count)) complain("finite counts");
  } else if (!(count >= 0 && Number.isInteger(count))) {
    complain("integer counts of 0 or more");
  }
}

/** Throws if the buckets do not add up to the count. */
export function checkTotal(
  { zeroCount, negative, positive }: ParsedNative,
  count: number,
  sum: number,
  complain: Complain,
): void {
  let total = 0;
  let size = 0;
  let isWhole = true;
  const add = (bucket: number): void => {
    total += bucket;
    size += Math.abs(bucket);
    isWhole &&= Number.isInteger(bucket);
  };
  add(zeroCount);
  for (const side of [negative, positive]) side.forEach(add);
  const excess = total - count;
  if (Math.abs(excess) <= (isWhole ? 0 : size * SLACK)) return;
  // NaN is counted in no bucket, and makes the sum NaN.
  if (excess < 0 && Number.isNaN(sum)) return;
  complain("native buckets that add up to the count");
}
