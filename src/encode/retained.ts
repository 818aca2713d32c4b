/**
 * Expositions in one format that cost what has changed since the last one.
 *
 * - Families whose series stand in rows are kept as pages of text (or of what
 *   else the format is made of); see `KeptFamily`. All else is written anew.
 * - What it gives is, byte for byte, what `expose` writes of the same state.
 * - It gives way: after each batch its caller may do something else, also take
 *   another exposition. A family that needs no more than a batch is of one
 *   moment, and so is each page of a larger one.
 * - What is kept is bounded, together with what others keep.
 */
import { ByteWriter } from "../base/mod.ts";
import { concatBytes } from "../base/internal.ts";
import {
  type FamilyDesc,
  FilterSink,
  type Rows,
  type Source,
} from "../model/mod.ts";
import { collectPart, failPart, partsOf } from "../model/internal.ts";
import { CheckedEncoder } from "./checked_encoder.ts";
import type { ExposeOptions } from "./expose.ts";
import type { Format } from "./format.ts";
import { KeptFamily, type PageSizes } from "./kept_family.ts";
import {
  type Bytes,
  EMPTY,
  isSliced,
  Page,
  type Pages,
  type Pen,
  type Piece,
  settled,
  slicesOf,
  WRITING,
} from "./settled.ts";
import { ValuePlaces } from "./value_places.ts";

const SIZES: PageSizes = {
  pageBytes: 12_288,
  pageRows: 128,
  pagesABatch: 8,
};

/** What has so many bytes is handed on. */
const BATCH = 262_144;

/** A family is hot if more than this share of its pages had to be written. */
const HOT = 0.9;

/** Below this size bytes are copied together rather than handed on as they are. */
const LEAST_PIECE = 4096;

export type { Bytes, PageSizes, Piece };

/** How many bytes may be kept, by all that share it. */
export interface KeepBudget {
  /** What is left of them; it is counted down and up. */
  left: number;
}

/** What is kept of the sources of one format. */
export class Retained {
  readonly #format: Format;
  readonly #budget: KeepBudget;
  readonly #sizes: PageSizes;
  readonly #families = new Map<Rows, KeptFamily>();
  /** Those that did not fit, and how large they were. */
  readonly #tooLarge = new WeakMap<Rows, number>();

  /**
   * `budget` may be shared with what is kept in other formats, or of other
   * sources.
   */
  constructor(
    format: Format,
    budget: KeepBudget,
    sizes: PageSizes = SIZES,
  ) {
    this.#format = format;
    this.#budget = budget;
    this.#sizes = sizes;
  }

  /** Forgets everything. */
  clear(): void {
    for (const rows of this.#families.keys()) this.#forget(rows);
  }

  /**
   * The exposition of `source`, batch by batch, each of any number of pieces,
   * which never change; a batch takes about a tenth of a millisecond, or one
   * or two if its pages are new.
   *
   * @throws What a part threw, if nobody listens, or if half of its family has
   *   been handed out already.
   */
  *batches(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Bytes[], void> {
    for (const batch of this.#batches(source, options, given)) {
      yield batch.map(({ bytes }) => bytes);
    }
  }

  /**
   * The same with pieces that are lent: they are to be read before the next
   * batch is asked for. What has not changed is, in the next exposition, the
   * same piece with the same stamp.
   */
  lent(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Piece[], void> {
    return this.#batches(source, options, (pages) => pages);
  }

  *#batches(
    source: Source,
    options: ExposeOptions,
    handed: Handing,
  ): Generator<readonly Piece[], void> {
    const { except, only } = options;
    const out = new ByteWriter(options.sizeHint ?? LEAST_PIECE);
    const encoder = this.#format.encoder(out);
    const pen = encoder instanceof CheckedEncoder
      ? { encoder, out, places: new ValuePlaces() }
      : undefined;
    const sink = only === undefined ? encoder : new FilterSink(encoder, only);
    const unseen = new Set(only === undefined ? this.#families.keys() : []);
    for (const part of [...partsOf(source)]) {
      if (part.rows !== undefined) unseen.delete(part.rows);
      if (except?.has(part)) continue;
      if (only !== undefined && !part.descs.some(only)) continue;
      if (part.rows === undefined || pen === undefined) {
        collectPart(source, part, sink, options.observer);
      } else {
        yield* this.#part(source, part, part.rows, pen, options, handed);
      }
      if (out.length < BATCH) continue;
      encoder.mark(); // before it, nothing is open any more
      yield [taken(out)];
    }
    encoder.end();
    if (out.length > 0) yield [taken(out)];
    for (const rows of unseen) this.#forget(rows);
  }

  *#part(
    source: Source,
    part: Source,
    rows: Rows,
    pen: Pen,
    { observer }: ExposeOptions,
    handed: Handing,
  ): Generator<readonly Piece[], void> {
    const { encoder } = pen;
    encoder.mark();
    let isHandedOut = false;
    try {
      const desc = encoder.claim(rows.desc);
      rows.open();
      const kept = this.#keptOf(rows, desc);
      if (kept === undefined && !isSliced(rows, encoder)) {
        encoder.open(desc);
        rows.emit(0, rows.length, encoder);
        return;
      }
      const pages = kept ?? slicesOf(rows, desc, pen);
      const batches = this.#family(pages, rows, pen, handed);
      for (const batch of batches) {
        if (batch.length > 0) isHandedOut = true;
        yield batch;
      }
    } catch (error) {
      encoder.places = undefined;
      encoder.rollback();
      this.#forget(rows);
      if (isHandedOut) throw error;
      failPart(source, part, error, observer);
    }
  }

  /** The family whole, once each of its pages was looked at. */
  *#family(
    pages: Pages,
    rows: Rows,
    pen: Pen,
    handed: Handing,
  ): Generator<readonly Piece[], void> {
    const { encoder, out } = pen;
    const isKept = pages instanceof KeptFamily;
    const aBatch = isKept ? this.#sizes.pagesABatch : 1;
    const { work } = pages;
    const all = yield* settled(pages, pen, aBatch * WRITING);
    const isHot = isKept && pages.work - work > HOT * WRITING * all.length;
    if (isKept) this.#account(rows, pages);
    const filled = all.filter((page) => page !== EMPTY);
    let size = 0;
    for (const { bytes } of filled) size += bytes.length;
    if (size === 0) return;
    encoder.frame(pages.head.length + size);
    out.append(pages.head);
    const isShort = size < LEAST_PIECE;
    if (!isShort) {
      encoder.mark();
      yield [taken(out)];
    }
    const most = Math.ceil(aBatch);
    for (let from = 0; from < filled.length; from += most) {
      const batch = filled.slice(from, from + most);
      if (!isShort) yield handed(whole(batch, rows.desc), isHot);
      else for (const { bytes } of batch) out.append(bytes);
      for (const page of batch) page.holds--;
    }
  }

  #keptOf(rows: Rows, desc: FamilyDesc): KeptFamily | undefined {
    const known = this.#families.get(rows);
    if (known !== undefined) return known;
    if (this.#budget.left <= (this.#tooLarge.get(rows) ?? 0)) return undefined;
    const kept = new KeptFamily(rows, desc, this.#sizes);
    this.#families.set(rows, kept);
    return kept;
  }

  #account(rows: Rows, kept: KeptFamily): void {
    kept.close();
    if (this.#families.get(rows) !== kept) return; // forgotten meanwhile
    this.#budget.left -= kept.size - kept.accounted;
    kept.accounted = kept.size;
    if (this.#budget.left >= 0) return;
    this.#tooLarge.set(rows, kept.size);
    this.#forget(rows);
  }

  #forget(rows: Rows): void {
    const kept = this.#families.get(rows);
    if (kept === undefined) return;
    this.#families.delete(rows);
    this.#budget.left += kept.accounted;
  }
}

/** What becomes of pages that are handed out, of a family that is hot or not. */
type Handing = (pages: readonly Page[], isHot: boolean) => readonly Piece[];

/**
 * Pieces that will never change: from here on other pages take the place of
 * these, where something changes. Where that is nearly everywhere it is copies,
 * which are dropped young: collectors hardly notice them.
 */
function given(pages: readonly Page[], isHot: boolean): readonly Piece[] {
  if (isHot) return [new Page(concatBytes(pages.map(({ bytes }) => bytes)))];
  for (const page of pages) page.isGiven = true;
  return pages;
}

/** The same pages, of which none was empty. */
function whole(pages: readonly Page[], { name }: FamilyDesc): readonly Page[] {
  if (pages.every(({ bytes }) => bytes.length > 0)) return pages;
  // Another reader was handed the same ones meanwhile.
  throw new TypeError(
    `Cannot write "${name}": the buffer of a page was transferred; ` +
      `transfer a copy, piece.slice().buffer`,
  );
}

/** A copy of what was written, after which the writer begins anew. */
function taken(out: ByteWriter): Piece {
  const page = new Page(out.slice());
  out.rollback(0);
  return page;
}
