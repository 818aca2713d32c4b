/**
 * The common part of all formats: a sink that writes text or bytes, and refuses what no
 * reader would accept.
 *
 * - Names are checked and escaped once per family.
 * - Metadata is written with the first point, so an empty family is left out.
 * - It refuses names that clash, a verb that does not fit the type, a counter
 *   below zero, and counts that do not add up. Its caller then rolls back the
 *   whole part that wrote them.
 */
import type { ByteWriter, TextWriter } from "../base/mod.ts";
import type {
  EscapingScheme,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  SummaryView,
} from "../model/mod.ts";
import {
  checkHistogram,
  checkNumber,
  checkOnce,
  checkSummary,
  escapedDesc,
  ExposedNames,
  factsOf,
  grammarError,
  VERBS,
} from "../model/internal.ts";
import type { PageableEncoder, ValueMarks } from "./format.ts";

/**
 * Base class of encoders: checks what a source writes, and calls one method per
 * point.
 *
 * Families and points are cached separately, so a subclass must write each of
 * them independently of the others. A subclass that cannot do so must return
 * `undefined` from `pageable`.
 *
 * `W` is the writer: a `TextWriter` if the format is text and is also to be
 * written as strings, see `FormatInit.textEncoder`.
 *
 * If a part throws, `rollback` removes its bytes and names. A subclass that has
 * fields which depend on what was written must save them in `mark` and restore
 * them in `rollback`, and call `super` in both.
 *
 * ```ts
 * import { CheckedEncoder } from "@barograph/barograph/encode";
 * import type { FamilyDesc, LabelSet } from "@barograph/barograph/model";
 *
 * class NumberedEncoder extends CheckedEncoder {
 *   #name = "";
 *   #count = 0;
 *   #marked = 0;
 *   override get pageable(): undefined {
 *     return undefined; // a line depends on the lines before it
 *   }
 *   override mark(): void {
 *     super.mark();
 *     this.#marked = this.#count;
 *   }
 *   override rollback(): void {
 *     super.rollback();
 *     this.#count = this.#marked;
 *   }
 *   protected override writeHeader({ name }: FamilyDesc): void {
 *     this.#name = name;
 *   }
 *   protected override writeNumber(labels: LabelSet, value: number): void {
 *     const texts = JSON.stringify(labels.names.map((_, i) => labels.value(i)));
 *     this.out.utf8(`${++this.#count} ${this.#name} ${texts} ${value}\n`);
 *   }
 *   protected override writeHistogram(): void {} // left out
 *   protected override writeSummary(): void {} // left out
 * }
 * ```
 */
export abstract class CheckedEncoder<W extends TextWriter = ByteWriter>
  implements PageableEncoder {
  /** Receives the values of a page that is written or patched. */
  marks: ValueMarks | undefined;
  /** The target of everything that is written. */
  protected readonly out: W;
  readonly #escaping: EscapingScheme;
  /** The families of this exposition, as declared and as written. */
  readonly #families = new Map<FamilyDesc, FamilyDesc>();
  /** The set of names in which all of these families are reserved. */
  #reservedIn: object | undefined;
  /** All names written; undefined while all families are `#reservedIn` one set. */
  #names: ExposedNames | undefined;
  /** The families opened since `mark`: `rollback` removes them. */
  readonly #sinceMark: FamilyDesc[] = [];
  #mark = 0;
  #desc: FamilyDesc | undefined;
  #verb = "";
  #hasHeader = false;

  /** Writes into `out`, with names escaped by `escaping`. */
  constructor(out: W, escaping: EscapingScheme) {
    this.out = out;
    this.#escaping = escaping;
  }

  /** Writes the metadata of a family; called before its points are written. */
  protected abstract writeHeader(desc: FamilyDesc): void;
  /** Writes a number of any type; `start` in unix seconds, 0 if unknown. */
  protected abstract writeNumber(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void;
  /** Writes a histogram; its counts are not cumulative. */
  protected abstract writeHistogram(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void;
  /** Writes a summary; `start` in unix seconds, 0 if unknown. */
  protected abstract writeSummary(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void;

  /** Returns whether the format has room for this summary. Default: true. */
  protected canWriteSummary(_view: SummaryView): boolean {
    return true;
  }

  /** This encoder, because its families can be cached. */
  get pageable(): PageableEncoder | undefined {
    return this;
  }

  /** Whether values are reported to `marks`. Default: false. */
  get canPatch(): boolean {
    return false;
  }

  /** Writes what follows the last family. Default: nothing. */
  end(): void {}

  /**
   * Marks the point to which `rollback` returns; closes the open family. A
   * subclass saves its fields here.
   */
  mark(): void {
    this.#mark = this.out.length;
    this.#sinceMark.length = 0;
    this.#desc = undefined;
  }

  /**
   * Removes everything written since `mark`, and frees its names. A subclass
   * restores its fields here.
   */
  rollback(): void {
    this.out.rollback(this.#mark);
    for (const declared of this.#sinceMark) {
      this.#names?.release(this.#families.get(declared)!);
      this.#families.delete(declared);
    }
    this.#sinceMark.length = 0;
    this.#desc = undefined;
  }

  /**
   * Opens a family; its metadata is written with the first point. Returns true.
   *
   * @throws {RangeError | FamilyConflictError} If a name is illegal, or taken.
   */
  family(declared: FamilyDesc): boolean {
    this.openFamily(this.reserveFamily(declared));
    return true;
  }

  /**
   * Reserves the names of a family for this exposition; returns the family with
   * escaped names.
   *
   * Families that one registry has reserved together cannot clash, so their
   * names are not compared again.
   *
   * @throws {RangeError | FamilyConflictError} If a name is illegal, or taken.
   */
  reserveFamily(declared: FamilyDesc): FamilyDesc {
    const known = factsOf(declared);
    const facts = known !== undefined && known.checked === undefined
      ? known
      : checkOnce(declared);
    const desc = facts.isClassic
      ? declared
      : escapedDesc(declared, this.#escaping);
    const families = this.#families;
    const isReserved = this.#names === undefined &&
      facts.reservedIn !== undefined && !families.has(declared) &&
      (families.size === 0 || facts.reservedIn === this.#reservedIn);
    if (isReserved) this.#reservedIn = facts.reservedIn;
    else this.#reserveNames(desc);
    families.set(declared, desc);
    this.#sinceMark.push(declared);
    return desc;
  }

  #reserveNames(desc: FamilyDesc): void {
    let names = this.#names;
    if (names === undefined) {
      this.#names = names = new ExposedNames(["allow-utf-8"]);
      for (const written of this.#families.values()) names.reserve(written);
    }
    names.check(desc);
    names.reserve(desc);
  }

  /** Opens a reserved family and writes its metadata at once. */
  beginFamily(reserved: FamilyDesc): void {
    this.openFamily(reserved);
    this.writeHeader(reserved);
    this.#hasHeader = true;
  }

  /** Writes what precedes a family of `size` bytes. Default: nothing. */
  writeFrame(_size: number): void {}

  /** Opens a reserved family; its metadata is written with the first point. */
  openFamily(reserved: FamilyDesc): void {
    this.#desc = reserved;
    this.#verb = VERBS[reserved.type];
    this.#hasHeader = false;
  }

  /**
   * Checks and writes a number.
   *
   * @throws {RangeError} If the type does not allow this number.
   */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const desc = this.#point("number");
    checkNumber(desc, value);
    this.writeNumber(labels, value, start, exemplar);
  }

  /**
   * Checks and writes a histogram.
   *
   * @throws {RangeError} If its counts are illegal or do not add up.
   */
  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const desc = this.#point("histogram");
    checkHistogram(desc, view);
    this.writeHistogram(labels, view, start);
  }

  /**
   * Checks and writes a summary.
   *
   * @throws {RangeError} If its count is not a whole number from 0 on, or its sum
   *   is no number.
   */
  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const desc = this.#open("summary");
    checkSummary(desc, view);
    if (!this.canWriteSummary(view)) return;
    this.#begin(desc);
    this.writeSummary(labels, view, start);
  }

  /** Begins a point: writes the metadata if needed, and returns the family. */
  #point(verb: "number" | "histogram"): FamilyDesc {
    const desc = this.#open(verb);
    this.#begin(desc);
    return desc;
  }

  /** Returns the open family. */
  #open(verb: "number" | "histogram" | "summary"): FamilyDesc {
    const desc = this.#desc;
    if (desc === undefined || this.#verb !== verb) {
      throw grammarError(desc, verb);
    }
    return desc;
  }

  /** Writes the metadata before the first point. */
  #begin(desc: FamilyDesc): void {
    if (this.#hasHeader) return;
    this.writeHeader(desc);
    this.#hasHeader = true;
  }
}
