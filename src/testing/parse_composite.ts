/**
 * Composite values of OpenMetrics 2.0: what stands in the braces of a
 * histogram or summary. It shares no code with the encoders.
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

const KEY = /\+Inf|-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?/y;

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
  checkCount(count, gauge, complain);
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
    ? parseNative(cursor, gauge, complain)
    : undefined;
  const buckets = cursor.at(",bucket:[")
    ? pairs(cursor, ",bucket:[", complain)
    : undefined;
  if (native === undefined && buckets === undefined) {
    complain("quantiles, or buckets of some kind");
  }
  cursor.skip("}");
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

function checkBuckets(
  buckets: NonNullable<ParsedHistogram["buckets"]>,
  gauge: boolean,
  count: number,
  complain: Complain,
): void {
  const [bound, total] = buckets.at(-1) ?? [];
  if (bound !== Infinity) complain("a last bucket +Inf");
  if (total !== count) complain("a +Inf bucket that equals the count");
  let before = 0;
  for (const [, cumulative] of buckets) {
    checkCount(cumulative, gauge, complain);
    if (!gauge && cumulative < before) complain("buckets that never fall");
    before = cumulative;
  }
}
