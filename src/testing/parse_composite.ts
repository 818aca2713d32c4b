/**
 * Parses composite values of OpenMetrics 2.0: histograms and summaries in braces.
 * Shares no code with the encoders.
 */
import type { Cursor } from "./parse_cursor.ts";
import type { Complain } from "./parse_lines.ts";
import {
  checkCount,
  checkTotal,
  items,
  type ParsedNative,
  parseNative,
} from "./parse_native.ts";
import { canonical } from "./parse_rules.ts";

/** The value of a summary in OpenMetrics 2.0. */
export interface ParsedSummary {
  /** Discriminates between values. */
  readonly kind: "summary";
  /** Number of observations. */
  readonly count: number;
  /** Sum of observations. */
  readonly sum: number;
  /** Quantiles as pairs of rank and value, in ascending order of rank. */
  readonly quantiles: readonly (readonly [rank: number, value: number])[];
}

/** The value of a histogram in OpenMetrics 2.0, classic, native or both. */
export interface ParsedHistogram {
  /** Discriminates between values. */
  readonly kind: "histogram";
  /** Whether it is a gauge histogram (`gcount`), whose counts may decrease. */
  readonly gauge: boolean;
  /** Number of observations. */
  readonly count: number;
  /** Sum of observations. */
  readonly sum: number;
  /** Upper bounds with cumulative counts, up to +Inf; undefined if absent. */
  readonly buckets:
    | readonly (readonly [bound: number, cumulative: number])[]
    | undefined;
  /** Native buckets; undefined if absent. */
  readonly native: ParsedNative | undefined;
}

const KEY = /\+Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?/y;

/** Reads one composite value, from `{` to `}`. */
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
  checkCount(count, gauge, complain);
  if (cursor.at(",quantile:[")) {
    const quantiles = pairs(cursor, ",quantile:[", complain);
    cursor.skip("}");
    if (gauge) complain("no quantiles in a gauge histogram");
    if (quantiles.some(([rank]) => !(rank >= 0 && rank <= 1))) {
      complain("quantiles between 0 and 1");
    }
    if (quantiles.some(([, value]) => value < 0)) {
      complain("a quantile value of 0 or more");
    }
    if (!(sum >= 0)) complain("a sum of 0 or more");
    return { kind: "summary", count, sum, quantiles };
  }
  const native = cursor.at(",schema:")
    ? parseNative(cursor, gauge, complain)
    : undefined;
  const buckets = cursor.at(",bucket:[")
    ? pairs(cursor, ",bucket:[", complain)
    : undefined;
  if (native === undefined && buckets === undefined) {
    complain("quantiles or buckets");
  }
  cursor.skip("}");
  if (buckets !== undefined) checkBuckets(buckets, gauge, count, complain);
  if (native !== undefined) checkTotal(native, count, sum, complain);
  return { kind: "histogram", gauge, count, sum, buckets, native };
}

/** Reads `0.1:8,1.0:11]`: ascending keys in canonical form, with numbers. */
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
      complain("bounds and ranks in canonical form");
    }
    if (!(key > before)) complain("increasing bounds and ranks");
    before = key;
    cursor.skip(":");
    found.push([key, cursor.number()]);
  });
  return found;
}

function checkBuckets(
  buckets: NonNullable<ParsedHistogram["buckets"]>,
  gauge: boolean,
  count: number,
  complain: Complain,
): void {
  const [bound, total] = buckets.at(-1) ?? [];
  if (bound !== Infinity) complain("+Inf as the last bucket");
  if (total !== count) complain("a +Inf bucket that equals the count");
  let before = 0;
  for (const [, cumulative] of buckets) {
    checkCount(cumulative, gauge, complain);
    if (!gauge && cumulative < before) {
      complain("bucket counts that never decrease");
    }
    before = cumulative;
  }
}
