/**
 * Composite values of OpenMetrics 2.0: what stands in the braces of a
 * histogram or summary. It shares no code with the encoders.
 */
import type { Complain, Cursor } from "./parse_lines.ts";
import { canonical } from "./parse_rules.ts";

/** A summary. */
export interface ParsedSummary {
  /** Tells it from other values. */
  readonly kind: "summary";
  /** All observations. */
  readonly count: number;
  /** Their sum. */
  readonly sum: number;
  /** Ranks and their values, rising. */
  readonly quantiles: readonly (readonly [rank: number, value: number])[];
}

/** A histogram of classic buckets, native ones, or both. */
export interface ParsedHistogram {
  /** Tells it from other values. */
  readonly kind: "histogram";
  /** Whether it counts what there is, not what has been (`gcount`). */
  readonly gauge: boolean;
  /** All observations. */
  readonly count: number;
  /** Their sum. */
  readonly sum: number;
  /** Upper bounds, the last one infinite, and how many lie below. */
  readonly buckets:
    | readonly (readonly [bound: number, cumulative: number])[]
    | undefined;
  /** The native buckets, if there are any. */
  readonly native: ParsedNative | undefined;
}

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

const KEY = /\+Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?/y;
const INTEGER = /-?(?:0|[1-9][0-9]*)/y;

/** Reads from `{` to `}`. */
export function parseComposite(
  cursor: Cursor,
  complain: Complain,
): ParsedSummary | ParsedHistogram {
  cursor.skip("{");
  const gauge = cursor.at("g");
  const g = gauge ? "g" : "";
  cursor.skip(`${g}count:`);
  const count = cursor.number();
  cursor.skip(`,${g}sum:`);
  const sum = cursor.number();
  if (!gauge) checkCount(count, complain);
  if (cursor.at(",quantile:[")) {
    const quantiles = pairs(cursor, ",quantile:[", complain);
    cursor.skip("}");
    if (gauge) complain("no quantiles in a gauge histogram");
    if (quantiles.some(([rank]) => !(rank >= 0 && rank <= 1))) {
      complain("quantiles from 0 to 1");
    }
    return { kind: "summary", count, sum, quantiles };
  }
  const native = cursor.at(",schema:")
    ? parseNative(cursor, complain)
    : undefined;
  const buckets = cursor.at(",bucket:[")
    ? pairs(cursor, ",bucket:[", complain)
    : undefined;
  cursor.skip("}");
  if (native === undefined && buckets === undefined) {
    complain("quantiles, or buckets of some kind");
  }
  if (buckets !== undefined) checkBuckets(buckets, gauge, count, complain);
  if (native !== undefined) checkTotal(native, count, sum, complain);
  return { kind: "histogram", gauge, count, sum, buckets, native };
}

/** `0.1:8,1.0:11]`, the keys rising and in their canonical spelling. */
function pairs(
  cursor: Cursor,
  opening: string,
  complain: Complain,
): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let before = -Infinity;
  items(cursor, opening, () => {
    const text = cursor.take(KEY, "a number");
    const key = text === "+Inf" ? Infinity : Number(text);
    if (text !== "+Inf" && text !== canonical(key)) {
      complain("bounds and ranks in their canonical spelling");
    }
    if (!(key > before)) complain("bounds and ranks that rise");
    before = key;
    cursor.skip(":");
    found.push([key, cursor.number()]);
  });
  return found;
}

/** What stands between commas, from the opening to `]`. */
function items(cursor: Cursor, opening: string, item: () => void): void {
  cursor.skip(opening);
  for (let first = true; !cursor.at("]"); first = false) {
    if (!first) cursor.skip(",");
    item();
  }
  cursor.skip("]");
}

function parseNative(cursor: Cursor, complain: Complain): ParsedNative {
  cursor.skip(",schema:");
  const schema = integer(cursor);
  if (schema < -4 || schema > 8) complain("a schema from -4 to 8");
  cursor.skip(",zero_threshold:");
  const zeroThreshold = cursor.number();
  if (!(zeroThreshold >= 0)) complain("a zero threshold from 0 on");
  cursor.skip(",zero_count:");
  const zeroCount = cursor.number();
  const negative = side(cursor, "negative", complain);
  const positive = side(cursor, "positive", complain);
  return { schema, zeroThreshold, zeroCount, negative, positive };
}

function integer(cursor: Cursor): number {
  return Number(cursor.take(INTEGER, "an integer"));
}

function side(
  cursor: Cursor,
  sign: "negative" | "positive",
  complain: Complain,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if (!cursor.at(`,${sign}_spans:[`)) return found;
  const spans: (readonly [offset: number, length: number])[] = [];
  let size = 0;
  items(cursor, `,${sign}_spans:[`, () => {
    const offset = integer(cursor);
    if (spans.length > 0 && offset < 0) {
      complain("gaps from 0 on between spans");
    }
    cursor.skip(":");
    const length = integer(cursor);
    if (length < 1) complain("spans of one bucket at least");
    spans.push([offset, length]);
    size += length;
  });
  const counts: number[] = [];
  items(cursor, `,${sign}_buckets:[`, () => {
    counts.push(cursor.number());
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

function checkCount(count: number, complain: Complain): void {
  if (!(count >= 0 && Number.isInteger(count))) {
    complain("whole counts from 0 on");
  }
}

function checkBuckets(
  buckets: NonNullable<ParsedHistogram["buckets"]>,
  gauge: boolean,
  count: number,
  complain: Complain,
): void {
  const [bound, total] = buckets.at(-1) ?? [];
  if (bound !== Infinity) complain("a last bucket +Inf");
  if (total !== count) complain("a +Inf bucket that equals the count");
  if (gauge) return;
  let before = 0;
  for (const [, cumulative] of buckets) {
    checkCount(cumulative, complain);
    if (cumulative < before) complain("buckets that never fall");
    before = cumulative;
  }
}

function checkTotal(
  { zeroCount, negative, positive }: ParsedNative,
  count: number,
  sum: number,
  complain: Complain,
): void {
  let total = zeroCount;
  for (const one of [...negative.values(), ...positive.values()]) total += one;
  // NaN is in no bucket, and shows in the sum.
  if (total !== count && !(total < count && Number.isNaN(sum))) {
    complain("native buckets that add up to the count");
  }
}
