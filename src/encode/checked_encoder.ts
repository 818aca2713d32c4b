/**
 * What all formats have in common: a sink that writes, and refuses what no
 * reader could take.
 *
 * - Names are escaped as the reader asked, and checked, once a family.
 * - Metadata is written with the first point, so that an empty family vanishes.
 * - It refuses names that clash, a verb that is not the type's, a counter below
 *   zero, counts that do not add up. The source that said it is then taken back
 *   whole.
 */
import type { ByteWriter } from "../base/mod.ts";
import { bucketIndex } from "../base/internal.ts";
import type {
  DenseBuckets,
  EscapingScheme,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  NativeView,
  SummaryView,
} from "../model/mod.ts";
import {
  checkDesc,
  escapedDesc,
  grammarError,
  NameBook,
  verbOf,
} from "../model/internal.ts";
import type { Encoder } from "./format.ts";
import type { ValuePlaces } from "./value_places.ts";

/** Checks points; subclasses write them. */
export abstract class CheckedEncoder implements Encoder {
  /** Told of each value, if somebody keeps what is written. */
  places: ValuePlaces | undefined;
  protected readonly out: ByteWriter;
  readonly #escaping: EscapingScheme;
  /** The names written so far; `rollback` frees those since `mark`. */
  readonly #written = new NameBook(["allow-utf-8"]); // escaped already
  readonly #sinceMark: FamilyDesc[] = [];
  #mark = 0;
  #desc: FamilyDesc | undefined;
  #verb = "";
  #hasHeader = false;

  constructor(out: ByteWriter, escaping: EscapingScheme) {
    this.out = out;
    this.#escaping = escaping;
  }

  /** Writes the metadata of a family, and keeps what its points need. */
  protected abstract header(desc: FamilyDesc): void;
  /** Writes a number. */
  protected abstract numberPoint(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void;
  /** Writes a histogram. */
  protected abstract histogramPoint(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void;
  /** Writes a summary. */
  protected abstract summaryPoint(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void;

  /** Whether values have places of their own, in which they can be patched. */
  get hasPlaces(): boolean {
    return false;
  }

  /** Whether nothing need be known of a family's end to write its beginning. */
  get isOpenEnded(): boolean {
    return true;
  }

  end(): void {}

  mark(): void {
    this.#mark = this.out.mark();
    this.#sinceMark.length = 0;
    this.#desc = undefined;
  }

  rollback(): void {
    this.out.rollback(this.#mark);
    for (const desc of this.#sinceMark) this.#written.leave(desc);
    this.#sinceMark.length = 0;
    this.#desc = undefined;
  }

  family(declared: FamilyDesc): boolean {
    this.open(this.claim(declared));
    return true;
  }

  /** Takes the names of a family; returns it as this format has it. */
  claim(declared: FamilyDesc): FamilyDesc {
    checkDesc(declared);
    const desc = escapedDesc(declared, this.#escaping);
    this.#written.check(desc);
    this.#written.enter(desc);
    this.#sinceMark.push(desc);
    return desc;
  }

  /**
   * Opens a family that was claimed and writes its metadata at once, for one
   * who keeps that and the points apart.
   */
  begin(claimed: FamilyDesc): void {
    this.open(claimed);
    this.header(claimed);
    this.#hasHeader = true;
  }

  /** Writes what stands before metadata and points of so many bytes. */
  frame(_size: number): void {}

  /** Opens a family that was claimed. */
  open(claimed: FamilyDesc): void {
    this.#desc = claimed;
    this.#verb = verbOf(claimed.type);
    this.#hasHeader = false;
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const desc = this.#point("number");
    if (!isLegal(desc.type, value)) {
      throw new RangeError(
        `Cannot write ${value} as ${desc.type} "${desc.name}": ` +
          `it must be ${LEGAL[desc.type]}`,
      );
    }
    this.numberPoint(labels, value, start, exemplar);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const desc = this.#point("histogram");
    if (!isWhole(view)) {
      throw new RangeError(
        `Cannot write histogram "${desc.name}": its counts, one more than ` +
          `there are bounds, must be whole numbers that add up to count`,
      );
    }
    if (view.native !== undefined && !isSound(view.native, view)) {
      throw new RangeError(
        `Cannot write native histogram "${desc.name}": its schema must be -4 ` +
          `to 8, and its buckets whole numbers that add up to count, with none ` +
          `past the bucket of Infinity`,
      );
    }
    this.histogramPoint(labels, view, start);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const desc = this.#point("summary");
    if (!isCount(view.count)) {
      throw new RangeError(
        `Cannot write ${view.count} as the count of summary "${desc.name}": ` +
          `it must be a whole number from 0 on`,
      );
    }
    this.summaryPoint(labels, view, start);
  }

  #point(verb: "number" | "histogram" | "summary"): FamilyDesc {
    const desc = this.#desc;
    if (desc === undefined || this.#verb !== verb) {
      throw grammarError(desc, verb);
    }
    if (!this.#hasHeader) {
      this.header(desc);
      this.#hasHeader = true;
    }
    return desc;
  }
}

/** What numbers of a type can be; any, where nothing stands here. */
const LEGAL: Partial<Record<MetricType, string>> = {
  counter: "a number from 0 on",
  info: "1",
  stateset: "0 or 1",
};

function isLegal(type: MetricType, value: number): boolean {
  if (type === "counter") return value >= 0;
  if (type === "info") return value === 1;
  return type !== "stateset" || value === 0 || value === 1;
}

/** Without `%`, which took a quarter of a scrape of histograms on V8. */
function isCount(value: number): boolean {
  return value >= 0 && value - Math.floor(value) === 0;
}

function isWhole({ bounds, counts, count }: HistogramView): boolean {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    if (!isCount(counts[i]!)) return false;
    sum += counts[i]!;
  }
  return sum === count && counts.length === bounds.length + 1;
}

/**
 * NaN is in no native bucket: they may hold less than `count`. Past 2^53 both
 * are rounded, each in its own way.
 */
function isSound(native: NativeView, { count, sum }: HistogramView): boolean {
  const { schema, zeroThreshold, zeroCount, positive, negative } = native;
  const whole = Number.isInteger(schema) && schema >= -4 && schema <= 8 &&
    zeroThreshold >= 0 && zeroThreshold < Infinity && isCount(zeroCount);
  if (!whole) return false;
  const last = bucketIndex(Infinity, schema);
  const total = zeroCount + totalOf(positive, last) + totalOf(negative, last);
  if (total === count || total > Number.MAX_SAFE_INTEGER) return true;
  return total < count && Number.isNaN(sum);
}

/** NaN if one of them is no count, or is one of a bucket past `last`. */
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
