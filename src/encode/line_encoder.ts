/**
 * What the line-based formats have in common: a sink that writes lines.
 *
 * - Names are checked, and turned to bytes, once a family.
 * - The labels of a point are rendered once and copied to its other lines.
 * - Metadata is written with the first point, so that an empty family vanishes.
 * - It refuses what no format can hold: names that clash, a verb that is not
 *   the type's, a counter below zero, counts that do not add up. The source
 *   that said it is then taken back whole.
 */
import type { ByteWriter, Fragment } from "../base/mod.ts";
import {
  checkDesc,
  type Exemplar,
  type FamilyDesc,
  grammarError,
  type HistogramView,
  Labels,
  type LabelSet,
  type MetricType,
  NameBook,
  type SummaryView,
  verbOf,
} from "../model/mod.ts";
import type { Encoder } from "./format.ts";
import { LabelText } from "./label_text.ts";
import { Tails } from "./tails.ts";

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Writes lines; subclasses say which. */
export abstract class LineEncoder implements Encoder {
  protected readonly out: ByteWriter;
  /** The names written so far; `rollback` frees those since `mark`. */
  readonly #written = new NameBook();
  readonly #sinceMark: FamilyDesc[] = [];
  #mark = 0;
  #desc: FamilyDesc | undefined;
  #verb = "";
  #hasHeader = false;
  #labelText = new LabelText([]);

  #labels: LabelSet = Labels.NONE;
  /** Where the label block of the point at hand stands; -1: not yet. */
  #blockFrom = -1;
  #blockTo = -1;
  /** Where `name{labels,` stands for the name last asked for. */
  #headName: Fragment | undefined;
  #headFrom = 0;
  #headTo = 0;

  protected readonly les: Tails = new Tails("le");
  protected readonly quantiles: Tails = new Tails("quantile");
  protected readonly infinite: Fragment = this.les.tail(Infinity);

  constructor(out: ByteWriter) {
    this.out = out;
  }

  /** Writes the metadata lines of a family, and keeps what its lines need. */
  protected abstract header(desc: FamilyDesc): void;
  /** Writes the lines of a number. */
  protected abstract numberLines(
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void;
  /** Writes the lines of a histogram. */
  protected abstract histogramLines(view: HistogramView, start: number): void;
  /** Writes the lines of a summary. */
  protected abstract summaryLines(view: SummaryView, start: number): void;

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

  family(desc: FamilyDesc): boolean {
    checkDesc(desc);
    this.#written.check(desc);
    this.#written.enter(desc);
    this.#sinceMark.push(desc);
    this.#desc = desc;
    this.#verb = verbOf(desc.type);
    this.#hasHeader = false;
    this.#labelText = new LabelText(desc.labelNames);
    return true;
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const desc = this.#begin("number", labels);
    if (!isLegal(desc.type, value)) {
      throw new RangeError(
        `Cannot write ${value} as ${desc.type} "${desc.name}": ` +
          `it must be ${LEGAL[desc.type]}`,
      );
    }
    this.numberLines(value, start, exemplar);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const desc = this.#begin("histogram", labels);
    if (!isWhole(view)) {
      throw new RangeError(
        `Cannot write histogram "${desc.name}": its counts, one more than ` +
          `there are bounds, must be whole numbers that add up to count`,
      );
    }
    this.histogramLines(view, start);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    this.#begin("summary", labels);
    this.summaryLines(view, start);
  }

  #begin(
    verb: "number" | "histogram" | "summary",
    labels: LabelSet,
  ): FamilyDesc {
    const desc = this.#desc;
    if (desc === undefined || this.#verb !== verb) {
      throw grammarError(desc, verb);
    }
    if (!this.#hasHeader) {
      this.header(desc);
      this.#hasHeader = true;
    }
    this.#labels = labels;
    this.#blockFrom = -1;
    this.#headName = undefined;
    return desc;
  }

  /** `name{labels} `: what stands before a value. */
  protected sample(name: Fragment): void {
    const { out } = this;
    out.copy(name);
    if (this.#block()) out.bytes(CLOSE, SPACE);
    else out.byte(SPACE);
  }

  /** `name{labels,tail`; `tail` is a last label and what follows it. */
  protected sampleWith(name: Fragment, tail: Fragment): void {
    const { out } = this;
    if (name === this.#headName) {
      out.repeat(this.#headFrom, this.#headTo);
    } else {
      this.#headFrom = out.length;
      out.copy(name);
      out.byte(this.#block() ? COMMA : OPEN);
      this.#headTo = out.length;
      this.#headName = name;
    }
    out.copy(tail);
  }

  /** A value, and the end of the line. */
  protected value(value: number): void {
    this.out.number(value);
    this.out.byte(LINE_FEED);
  }

  /** Writes the labels of the point; false if it has none. */
  #block(): boolean {
    const { out } = this;
    if (this.#blockFrom < 0) {
      this.#blockFrom = out.length;
      this.#labelText.write(this.#labels, out);
      this.#blockTo = out.length;
    } else {
      out.repeat(this.#blockFrom, this.#blockTo);
    }
    return this.#blockTo > this.#blockFrom;
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

function isWhole({ bounds, counts, count }: HistogramView): boolean {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    if (!(counts[i]! >= 0 && counts[i]! % 1 === 0)) return false;
    sum += counts[i]!;
  }
  return sum === count && counts.length === bounds.length + 1;
}
