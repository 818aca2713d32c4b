/**
 * Native buckets of OpenMetrics 2.0, their spans resolved to indexes. It shares
 * no code with the encoders.
 */
import type { Cursor } from "./parse_cursor.ts";
import type { Complain } from "./parse_lines.ts";

/** Native buckets: by index, how many lie in each. */
export interface ParsedNative {
  /** -4 to 8. */
  readonly schema: number;
  /** Magnitudes up to it are counted as zero. */
  readonly zeroThreshold: number;
  /** How many were counted as zero. */
  readonly zeroCount: number;
  /** What is below zero, by magnitude. */
  readonly negative: ReadonlyMap<number, number>;
  /** What is above zero. */
  readonly positive: ReadonlyMap<number, number>;
}

const INTEGER = /0|-?[1-9][0-9]*/y;
/** Spans of other readers hold 32 bits, with a sign. */
const FIRST_TOO_FAR = 2 ** 31;
/** From 1 to where doubles end. */
const DOUBLINGS = 1024;
/** Of fractions that were added up in another order. */
const SLACK = 2 ** -40;

/** Reads from `,schema:` to the last of the buckets. */
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
    complain("a zero threshold from 0 on");
  }
  cursor.skip(",zero_count:");
  const zeroCount = cursor.number();
  checkCount(zeroCount, gauge, complain);
  const negative = side(cursor, "negative", gauge, complain);
  const positive = side(cursor, "positive", gauge, complain);
  const infinite = DOUBLINGS * 2 ** schema + 1;
  for (const buckets of [negative, positive]) {
    for (const index of buckets.keys()) {
      if (index > infinite) complain("no bucket beyond the infinite one");
    }
  }
  return { schema, zeroThreshold, zeroCount, negative, positive };
}

function integer(cursor: Cursor, complain: Complain): number {
  const value = Number(cursor.take(INTEGER, "an integer"));
  if (Math.abs(value) >= FIRST_TOO_FAR) complain("an integer of 32 bits");
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
      complain("gaps from 0 on between spans");
    }
    cursor.skip(":");
    const length = integer(cursor, complain);
    if (length < 1) complain("spans of one bucket at least");
    spans.push([offset, length]);
    size += length;
  });
  const counts: number[] = [];
  items(cursor, `,${sign}_buckets:[`, () => {
    const count = cursor.number();
    checkCount(count, gauge, complain);
    counts.push(count);
  });
  if (counts.length === 0) complain("no empty sides");
  // Before anything is made of the lengths, which may be any numbers.
  if (counts.length !== size) {
    complain("as many buckets as there are in the spans");
  }
  let index = 0;
  let at = 0;
  for (const [offset, length] of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++, at++) {
      const bridges = i > 0 && i < length - 1 && counts[at - 1] !== 0;
      if (counts[at] !== 0) found.set(index, counts[at]!);
      else if (!bridges) complain("empty buckets in gaps of one only");
    }
  }
  return found;
}

/** What stands between commas, from the opening to `]`. */
export function items(cursor: Cursor, opening: string, item: () => void): void {
  cursor.skip(opening);
  for (let first = true; !cursor.at("]"); first = false) {
    if (!first) cursor.skip(",");
    item();
  }
  cursor.skip("]");
}

/** A gauge histogram may be a difference, or an average, of others. */
export function checkCount(
  count: number,
  gauge: boolean,
  complain: Complain,
): void {
  if (gauge) {
    if (!Number.isFinite(count)) complain("counts that are finite");
  } else if (!(count >= 0 && Number.isInteger(count))) {
    complain("whole counts from 0 on");
  }
}

/** Complains of buckets that do not make up the count. */
export function checkTotal(
  { zeroCount, negative, positive }: ParsedNative,
  count: number,
  sum: number,
  complain: Complain,
): void {
  let total = 0;
  let size = 0;
  let whole = true;
  const add = (one: number): void => {
    total += one;
    size += Math.abs(one);
    whole &&= Number.isInteger(one);
  };
  add(zeroCount);
  for (const side of [negative, positive]) side.forEach(add);
  const over = total - count;
  if (Math.abs(over) <= (whole ? 0 : size * SLACK)) return;
  // NaN is in no bucket, and shows in the sum.
  if (over < 0 && Number.isNaN(sum)) return;
  complain("native buckets that add up to the count");
}
