/**
 * Checked copies of what sources of users write: label values, exemplars and
 * views. Each property is read once, because a getter can return something else
 * the next time.
 */
import { display } from "../base/internal.ts";
import {
  checkHistogram,
  checkNumber,
  checkSummary,
  isSameTotal,
} from "./check_point.ts";
import { nativeOf } from "./copies.ts";
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

/** Earlier times, which nobody means, would be written with an exponent. */
const MIN_SECONDS = 1e-6;

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

/** Label values that are replaced for each series, because they are borrowed. */
export class LabelsCopy implements LabelSet {
  names: readonly string[] = [];
  /** One value per name. */
  readonly values: string[] = [];

  value(index: number): string {
    return this.values[index]!;
  }
}

/**
 * Fills `copy` with the label values of a series of `desc`, as well-formed text.
 * Labels beyond the names that `labels` has are absent.
 */
export function copyLabels(
  desc: FamilyDesc,
  labels: LabelSet,
  copy: LabelsCopy,
): void {
  const { labelNames } = desc;
  const names: readonly string[] = labels?.names ?? namesOf(desc, labels);
  if (names !== labelNames) checkNames(desc, names);
  const { values } = copy;
  copy.names = labelNames;
  values.length = labelNames.length;
  for (let i = 0; i < labelNames.length; i++) {
    const value: unknown = i < names.length ? labels.value(i) : "";
    values[i] = typeof value === "string"
      ? value.toWellFormed()
      : checkedText(desc, labelNames[i]!, value);
  }
}

/** Returns the names of labels that name none: those of `desc`. */
function namesOf(desc: FamilyDesc, labels: LabelSet): readonly string[] {
  if (typeof labels?.value === "function") return desc.labelNames;
  throw wrong(
    desc,
    `the labels of a series are ${display(labels)}; ` +
      `give new Labels(names, values)`,
  );
}

/** Refuses label names that are not the first ones of `desc`, in its order. */
function checkNames(desc: FamilyDesc, names: readonly string[]): void {
  const { labelNames } = desc;
  let isSame = names.length <= labelNames.length;
  for (let i = 0; isSame && i < names.length; i++) {
    isSame = names[i] === labelNames[i];
  }
  if (isSame) return;
  throw wrong(
    desc,
    `its labels are [${labelNames.join(", ")}], in this order, but a series ` +
      `has ${display(names)}`,
  );
}

/** Returns the text of a label value that is a number or a boolean. */
function checkedText(desc: FamilyDesc, label: string, value: unknown): string {
  const type = typeof value;
  if (type === "number" || type === "boolean" || type === "bigint") {
    return String(value);
  }
  throw wrong(
    desc,
    `the value of label "${label}" must be text, not ${display(value)}`,
  );
}

/**
 * Returns a start or timestamp: unix seconds, 0 if unknown. NaN, null and
 * undefined are unknown.
 */
export function checkedTime(
  desc: FamilyDesc,
  what: string,
  seconds: number | null | undefined,
): number {
  if (seconds === undefined || seconds === null || Number.isNaN(seconds)) {
    return 0;
  }
  const isLegal = typeof seconds === "number" && seconds >= 0 &&
    seconds <= MAX_SECONDS;
  if (isLegal) return seconds < MIN_SECONDS ? 0 : seconds;
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
  const { count, sum, bounds, counts, exemplars } = view;
  const native = nativeOf(view);
  const copied = checkedNumbers(desc, "counts", counts);
  const copy: HistogramView = {
    count: totalOf(copied, count),
    sum,
    bounds: checkedNumbers(desc, "bounds", bounds),
    counts: copied,
    exemplars: checkedExemplars(desc, exemplars),
    native: native && checkedNative(desc, native),
  };
  checkHistogram(desc, copy);
  checkRising(desc, "bounds", copy.bounds, -Number.MAX_VALUE, Number.MAX_VALUE);
  checkExemplarsFit(desc, copy);
  return copy;
}

/**
 * Returns the sum of `counts` in the order in which formats add them up, if
 * `count` only differs from it by rounding; otherwise `count`, to be refused.
 */
function totalOf(counts: Float64Array, count: number): number {
  if (!(count > Number.MAX_SAFE_INTEGER)) return count;
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  return isSameTotal(total, count) ? total : count;
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
  if (copy.values.length !== copy.quantiles.length) {
    throw wrong(desc, "it must have one value for each quantile");
  }
  sortQuantiles(copy);
  checkRising(desc, "quantiles", copy.quantiles, 0, 1);
  return copy;
}

/** Sorts the quantiles, in place: some readers want them to rise. */
function sortQuantiles({ quantiles, values }: SummaryView): void {
  if (quantiles.every((rank, i) => i === 0 || rank > quantiles[i - 1]!)) return;
  const pairs = Array.from(quantiles, (rank, i) => [rank, values[i]!] as const)
    .sort(([a], [b]) => a - b);
  pairs.forEach(([rank, value], i) => {
    quantiles[i] = rank;
    values[i] = value;
  });
}

function checkedNumbers(
  desc: FamilyDesc,
  what: string,
  list: ArrayLike<number>,
): Float64Array {
  // Typed arrays of other realms count: threads and tests have them.
  const isTyped = ArrayBuffer.isView(list) && "BYTES_PER_ELEMENT" in list;
  const length = isTyped || Array.isArray(list) ? list.length : NaN;
  if (!(length <= MAX_LENGTH)) {
    throw wrong(
      desc,
      `its ${what} must be a Float64Array, not ${display(list)}`,
    );
  }
  // Throws if they are BigInts. It reads no property, so nothing can lie.
  if (isTyped) return new Float64Array(list);
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

const NO_EXEMPLARS: HistogramView["exemplars"] = [];

function checkedExemplars(
  desc: FamilyDesc,
  exemplars: HistogramView["exemplars"],
): readonly (Exemplar | undefined)[] {
  if (!Array.isArray(exemplars) || !(exemplars.length <= MAX_LENGTH)) {
    throw wrong(
      desc,
      `its exemplars must be a list, not ${display(exemplars)}`,
    );
  }
  if (exemplars.length === 0) return NO_EXEMPLARS;
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
