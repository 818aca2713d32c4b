/** Values of series: how a point changes what was received before it. */
import type { Exemplar, HistogramView, MetricType } from "../model/mod.ts";
import { newerOf } from "./exemplars.ts";
import { addHistograms, haveSameBuckets } from "./sums.ts";
import type { ReceivedFamily, Series, Value } from "./received_family.ts";
import { secondsOf } from "./times.ts";

/** A point of a series. */
export interface Point {
  readonly value: Value;
  readonly exemplar: Exemplar | undefined;
  /** Whether the value counts only since the last point. */
  readonly isDelta: boolean;
  /** Nanoseconds since the epoch; 0: unknown. */
  readonly start: number;
  readonly time: number;
}

/** Returns the sum of a series and a difference; undefined if they have none. */
export function sumOf(
  { family, value }: Series,
  more: Value,
): Value | undefined {
  if (typeof value === "number") {
    const sum = value + (more as number);
    const isCounter = family.terms.type === "counter";
    // An infinite total never comes back.
    return isCounter ? Math.min(sum, Number.MAX_VALUE) : sum;
  }
  return addHistograms(value as HistogramView, more as HistogramView);
}

/** Bytes that a series takes without its labels and its value, about. */
const SERIES_SIZE = 400;

/** Returns the bytes that a series takes, about. */
export function sizeOf(
  { labels, value }: Pick<Series, "labels" | "value">,
): number {
  // Its key has all names and values, which are also there one by one.
  return SERIES_SIZE + 2 * labels.key.length + 8 * numbersIn(value);
}

function numbersIn(value: Value): number {
  if (typeof value === "number") return 1;
  if (!isHistogram(value)) return 2 * value.quantiles.length;
  const { bounds, native, exemplars } = value;
  const sides = native === undefined
    ? 0
    : native.positive.counts.length + native.negative.counts.length;
  return 2 * bounds.length + sides + EXEMPLAR_NUMBERS * exemplars.length;
}

/** The numbers that take as much as an exemplar. */
const EXEMPLAR_NUMBERS = 32;

/** Replaces the value of a series. Exemplars stay until there are newer ones. */
export function replace(
  known: Series,
  { value, exemplar, isDelta, start, time }: Point,
): void {
  known.exemplar = exemplar ?? known.exemplar;
  known.value = withExemplars(value, known.value);
  known.isDelta = isDelta;
  known.start = startOf(known.family, start);
  known.since = start;
  known.time = time;
}

/** Returns since when a series counts; 0 if its family does not count. */
export function startOf({ terms }: ReceivedFamily, nanos: number): number {
  return COUNTS.includes(terms.type) ? secondsOf(nanos) : 0;
}

/** The types that count from a start on. */
const COUNTS: readonly MetricType[] = ["counter", "histogram", "summary"];

/** Returns a value with the exemplars before it that are newer than its own. */
function withExemplars(value: Value, before: Value): Value {
  if (!isHistogram(value) || !isHistogram(before)) return value;
  if (before.exemplars.length === 0) return value;
  if (!haveSameBuckets(value, before)) return value;
  if (value.native === undefined) {
    const exemplars = newerOf(before.exemplars, value.exemplars);
    return { ...value, exemplars };
  }
  return value.exemplars.length > 0
    ? value
    : { ...value, exemplars: before.exemplars };
}

function isHistogram(value: Value): value is HistogramView {
  return typeof value !== "number" && "bounds" in value;
}
