/**
 * Checked copies of what sources of users write: label values, exemplars and
 * views. Each property is read once, because a getter can return something else
 * the next time.
 */
import { display } from "../base/internal.ts";
import { checkHistogram, checkNumber, checkSummary } from "./check_point.ts";
import type { FamilyDesc } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  NativeView,
  SummaryView,
} from "./points.ts";

/** The end of the year 9999: protobuf has no later time. */
export const MAX_SECONDS = 253_402_300_799;

/** The maximum number of bounds, buckets, quantiles or exemplars of a series. */
const MAX_LENGTH = 100_000;

/**
 * The least index of a native bucket: the one of the smallest float64, in the
 * finest schema.
 */
const MIN_INDEX = -1074 * 2 ** 8;

/** The error for a part of a point of `desc`. */
function wrong({ type, name }: FamilyDesc, what: string): RangeError {
  return new RangeError(`Cannot write ${type} "${name}": ${what}`);
}

/** Returns the label values of a series of `desc`, with well-formed text. */
export function checkedLabels(desc: FamilyDesc, labels: LabelSet): string[] {
  const { length } = desc.labelNames;
  const values: string[] = [];
  for (let i = 0; i < length; i++) {
    const value: unknown = labels.value(i);
    if (typeof value !== "string") {
      throw wrong(
        desc,
        `the value of label "${desc.labelNames[i]}" must be text, not ` +
          display(value),
      );
    }
    values.push(value.toWellFormed());
  }
  return values;
}

/** Returns a start or timestamp: unix seconds, 0 if unknown. */
export function checkedTime(
  desc: FamilyDesc,
  what: string,
  seconds: number | undefined,
): number {
  if (seconds === undefined) return 0;
  const isLegal = typeof seconds === "number" && seconds >= 0 &&
    seconds <= MAX_SECONDS;
  if (isLegal) return seconds;
  throw wrong(
    desc,
    `its ${what} must be unix seconds, or 0 if unknown, not ` +
      display(seconds),
  );
}

/** Returns a number that the type of `desc` allows. */
export function checkedNumber(desc: FamilyDesc, value: number): number {
  checkNumber(desc, value);
  return value;
}

/** Returns a checked copy of an exemplar. */
export function checkedExemplar(
  desc: FamilyDesc,
  exemplar: Exemplar | null | undefined,
): Exemplar | undefined {
  if (exemplar === undefined || exemplar === null) return undefined;
  const { labels, value, timestamp } = exemplar;
  const time = checkedTime(desc, "exemplar's timestamp", timestamp);
  // Not spread: `__proto__` and names of Object.prototype are names, too.
  const texts = Object.entries(labels).map(
    ([name, text]: [string, unknown]) => {
      if (typeof text === "string") return [name, text.toWellFormed()] as const;
      throw wrong(
        desc,
        `the value of its exemplar's label ${
          display(name)
        } must be text, not ` +
          display(text),
      );
    },
  );
  if (typeof value !== "number") {
    throw wrong(
      desc,
      `its exemplar's value must be a number, not ${display(value)}`,
    );
  }
  return { labels: Object.fromEntries(texts), value, timestamp: time };
}

/** Returns a checked copy of a histogram. */
export function checkedHistogram(
  desc: FamilyDesc,
  view: HistogramView,
): HistogramView {
  const { count, sum, bounds, counts, exemplars, native } = view;
  const copy: HistogramView = {
    count,
    sum,
    bounds: checkedNumbers(desc, "bounds", bounds),
    counts: checkedNumbers(desc, "counts", counts),
    exemplars: checkedExemplars(desc, exemplars),
    native: (native ?? undefined) && checkedNative(desc, native!),
  };
  checkHistogram(desc, copy);
  checkRising(desc, "bounds", copy.bounds, -Number.MAX_VALUE, Number.MAX_VALUE);
  checkExemplarsFit(desc, copy);
  return copy;
}

/** Returns a checked copy of a summary. */
export function checkedSummary(
  desc: FamilyDesc,
  view: SummaryView,
): SummaryView {
  const { count, sum, quantiles, values } = view;
  const copy: SummaryView = {
    count,
    sum,
    quantiles: checkedNumbers(desc, "quantiles", quantiles),
    values: checkedNumbers(desc, "values", values),
  };
  checkSummary(desc, copy);
  checkRising(desc, "quantiles", copy.quantiles, 0, 1);
  if (copy.values.length !== copy.quantiles.length) {
    throw wrong(desc, "it must have one value for each quantile");
  }
  return copy;
}

function checkedNumbers(
  desc: FamilyDesc,
  what: string,
  list: ArrayLike<number>,
): Float64Array {
  // Typed arrays of other realms count: threads and tests have them.
  const isList = Array.isArray(list) ||
    Object.prototype.toString.call(list) === "[object Float64Array]";
  const length = isList ? list.length : NaN;
  if (!(length <= MAX_LENGTH)) {
    throw wrong(
      desc,
      `its ${what} must be a Float64Array, not ${display(list)}`,
    );
  }
  const copy = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value: unknown = list[i];
    if (typeof value !== "number") {
      throw wrong(desc, `its ${what} must be numbers, not ${display(value)}`);
    }
    copy[i] = value;
  }
  return copy;
}

function checkRising(
  desc: FamilyDesc,
  what: string,
  values: Float64Array,
  least: number,
  most: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const isRising = i === 0 || value > values[i - 1]!;
    if (isRising && value >= least && value <= most) continue;
    throw wrong(
      desc,
      `its ${what} must rise, ` +
        (most === 1 ? "from 0 to 1" : "without infinity") +
        `; ${display(value)} is at ${i}`,
    );
  }
}

function checkedExemplars(
  desc: FamilyDesc,
  exemplars: HistogramView["exemplars"],
): (Exemplar | undefined)[] {
  if (!Array.isArray(exemplars) || !(exemplars.length <= MAX_LENGTH)) {
    throw wrong(
      desc,
      `its exemplars must be a list, not ${display(exemplars)}`,
    );
  }
  return Array.from(
    exemplars as HistogramView["exemplars"],
    (exemplar) => checkedExemplar(desc, exemplar),
  );
}

/** Refuses exemplars outside of their classic bucket. */
function checkExemplarsFit(
  desc: FamilyDesc,
  { bounds, exemplars, native }: HistogramView,
): void {
  if (bounds.length === 0 && native !== undefined) return; // of no bucket
  for (let i = 0; i < exemplars.length; i++) {
    const value = exemplars[i]?.value;
    if (value === undefined) continue;
    const isWithin = i < bounds.length ? value <= bounds[i]! : true;
    const isAbove = i === 0 || !(value <= bounds[i - 1]!);
    if (i <= bounds.length && isWithin && isAbove) continue;
    throw wrong(desc, `exemplar ${value} at ${i} is not in bucket ${i}`);
  }
}

function checkedNative(desc: FamilyDesc, native: NativeView): NativeView {
  const { schema, zeroThreshold, zeroCount, positive, negative } = native;
  for (const value of [zeroThreshold, zeroCount]) {
    if (typeof value === "number") continue;
    throw wrong(desc, `its zero bucket must be numbers, not ${display(value)}`);
  }
  return {
    schema,
    zeroThreshold,
    zeroCount,
    positive: checkedSide(desc, positive),
    negative: checkedSide(desc, negative),
  };
}

function checkedSide(desc: FamilyDesc, side: DenseBuckets): DenseBuckets {
  const { offset, size, counts, overflow } = side;
  const copy = {
    offset,
    size,
    counts: checkedNumbers(desc, "native counts", counts),
    overflow,
  };
  const isLegal = Number.isInteger(size) && size >= 0 &&
    typeof overflow === "number" &&
    (size === 0 || (Number.isInteger(offset) && offset >= MIN_INDEX));
  if (isLegal) return copy;
  throw new RangeError(
    `Cannot write native histogram "${desc.name}": its buckets must have a ` +
      "whole size, and the offset of a float64",
  );
}
