/**
 * What was written of one family in one format, in pages of whole rows.
 *
 * - Where numbers have changed, their digits alone are written anew; where more
 *   has, the page is.
 * - A page that somebody holds never changes: another one takes its place.
 */
import type { FamilyDesc, Rows } from "../model/mod.ts";
import { BLOCK } from "../model/internal.ts";
import {
  type Bytes,
  EMPTY,
  Page,
  type Pages,
  type Pen,
  sumOf,
  WRITING,
} from "./settled.ts";

/** How what is kept is divided; `scrape_bench` has others beside it. */
export interface PageSizes {
  /** So large it shall be: small enough to copy for one value. */
  readonly pageBytes: number;
  /** The most rows: those of a block, or these doubled a number of times. */
  readonly pageRows: number;
  /** So many pages are written before the caller has its say. */
  readonly pagesABatch: number;
}

/** So many pages are fetched together. */
const AHEAD = 128;

/** What a page needs beside its bytes and places: objects, headers. */
const PAGE_COST = 400;

/** What is known of the bytes of a page. */
interface Text {
  size: number;
  /** Where its values stand; none if its format has no places. */
  places: Uint32Array;
  /** By row of the page: which of the places is its first; one more at the end. */
  firsts: Uint32Array;
}

/** The pages of one family in one format. */
export class KeptFamily implements Pages {
  /** About what it takes in memory, in bytes. */
  size = 0;
  /** As much of it as its owner has accounted for. */
  accounted = 0;
  work = 0;
  readonly #rows: Rows;
  /** As the format has it. */
  readonly #desc: FamilyDesc;
  readonly #sizes: PageSizes;
  /** The numbers as they stand in the pages. */
  #written: Float64Array = new Float64Array(0);
  /** Rows of a page; known once the first rows are written. */
  #pageRows = 0;

  readonly #pages: Page[] = [];
  /** By page: what has changed in it, up to when it was looked at. */
  readonly #seen: number[] = [];
  /** By page; not read where it stands. */
  readonly #texts: Text[] = [];

  /** The metadata; empty until the first point. */
  #head: Bytes = EMPTY.bytes;
  /** Whose encoder has the family open. */
  #open: Pen | undefined;

  /** `desc` is that of `rows`, with names escaped. */
  constructor(rows: Rows, desc: FamilyDesc, sizes: PageSizes) {
    this.#rows = rows;
    this.#desc = desc;
    this.#sizes = sizes;
  }

  get pages(): number {
    if (this.#rows.length === 0) return 0;
    return this.#pageRows === 0
      ? 1
      : Math.ceil(this.#rows.length / this.#pageRows);
  }

  get head(): Bytes {
    return this.#head;
  }

  /** A pass has ended: its pen is let go of. */
  close(): void {
    this.#open = undefined;
  }

  take(at: number, pen: Pen): Page {
    if (this.#pageRows === 0) this.#measure(pen);
    if (at % AHEAD === 0) this.#lookAhead(at);
    const page = this.#pages[at];
    if (page === undefined) this.#write(at, pen);
    else if (this.#seen[at] !== this.#changesOf(at)) this.#look(at, page, pen);
    else this.work++;
    return this.#pages[at]!;
  }

  /**
   * Finds pages whose buffers were transferred: they are to be written anew. In
   * so short a loop processors fetch many pages at a time that are in no cache;
   * `take` would wait for one after the other.
   */
  #lookAhead(from: number): void {
    for (let at = from; at < from + AHEAD; at++) {
      const page = this.#pages[at];
      if (page?.bytes.length === 0 && page !== EMPTY) this.#seen[at] = -1;
    }
  }

  versionOf(at: number): number {
    return sumOf(this.#rows.changes.versions, at, this.#pageRows);
  }

  /** Of numbers or otherwise: another one if there are any. */
  #changesOf(at: number): number {
    const { numbers } = this.#rows.changes;
    return sumOf(numbers, at, this.#pageRows) + this.versionOf(at);
  }

  /** Brings a page up to date in which something may have changed. */
  #look(at: number, page: Page, pen: Pen): void {
    const isGone = page.bytes.length === 0;
    if (isGone || page.version !== this.versionOf(at)) {
      return this.#write(at, pen);
    }
    const { width, cells } = this.#rows;
    const written = this.#written;
    const from = at * this.#pageRows * width;
    const to = Math.min(from + this.#pageRows * width, written.length);
    for (let i = from; i < to; i++) {
      if (cells[i] === written[i]) continue;
      if (Object.is(cells[i], written[i])) continue; // NaN, before and now
      return this.#patch(at, i, page, pen);
    }
    this.#seen[at] = this.#changesOf(at);
    this.work++;
  }

  /** Tries how many rows make up a page. */
  #measure(pen: Pen): void {
    const { out, encoder } = pen;
    const from = out.length;
    this.#lift(pen);
    this.#rows.emit(0, Math.min(BLOCK, this.#rows.length), encoder);
    const each = (out.length - from) / Math.min(BLOCK, this.#rows.length);
    out.rollback(from);
    const { pageBytes, pageRows } = this.#sizes;
    let rows = pageRows;
    while (rows > BLOCK && rows * each > pageBytes) rows /= 2;
    this.#pageRows = rows;
  }

  /** Opens the family for `pen`, unless it is. */
  #lift(pen: Pen): void {
    if (this.#open === pen) return;
    const { out, encoder } = pen;
    const from = out.length;
    encoder.begin(this.#desc);
    if (this.#head.length === 0) this.#head = out.slice(from);
    out.rollback(from);
    this.#open = pen;
  }

  #write(at: number, pen: Pen): void {
    const rows = this.#rows;
    const { out, encoder, places } = pen;
    this.#lift(pen);
    this.work += WRITING;
    const origin = out.length;
    const first = at * this.#pageRows;
    const last = Math.min(first + this.#pageRows, rows.length);
    const firsts = new Uint32Array(encoder.hasPlaces ? last - first + 1 : 0);
    const version = this.versionOf(at);
    const seen = this.#changesOf(at);
    encoder.places = encoder.hasPlaces ? places : undefined;
    places.begin(origin);
    for (let row = first; row < last; row++) {
      rows.emit(row, row + 1, encoder);
      if (encoder.hasPlaces) firsts[row - first + 1] = places.next;
    }
    encoder.places = undefined;
    this.#copyCells(first * rows.width, last * rows.width);
    const size = out.length - origin;
    const before = this.#texts[at];
    const text = { size, places: places.marked(), firsts };
    this.#pages[at] = size === 0 ? EMPTY : new Page(out.slice(origin), version);
    out.rollback(origin);
    this.#seen[at] = seen;
    this.#texts[at] = text;
    this.size += costOf(text) - (before === undefined ? 0 : costOf(before));
  }

  /** Writes the rows anew that differ, from the cell `from` on. */
  #patch(at: number, from: number, page: Page, pen: Pen): void {
    const { encoder, places } = pen;
    if (!encoder.hasPlaces) return this.#write(at, pen);
    const rows = this.#rows;
    const { width, cells } = rows;
    const written = this.#written;
    const text = this.#texts[at]!;
    const { firsts } = text;
    const { version } = page;
    const seen = this.#changesOf(at);
    this.#lift(pen);
    this.work += WRITING;
    // Until it is whole again: who throws below leaves it half done, and another
    // exposition may be about to take it.
    page.version = -1;
    encoder.places = places;
    const isOurs = page.holds === 0 && !page.isGiven;
    places.patch(page.bytes, text.places, isOurs);
    const first = at * this.#pageRows;
    const count = firsts.length - 1;
    for (let i = Math.floor(from / width) - first; i < count; i++) {
      const base = (first + i) * width;
      let differs = false;
      for (let cell = base; cell < base + width; cell++) {
        if (cells[cell] === written[cell]) continue;
        written[cell] = cells[cell]!;
        differs = true;
      }
      if (!differs) continue;
      places.next = firsts[i]!;
      rows.emit(first + i, first + i + 1, encoder);
      // A line more or a line less: the values have other places now.
      if (places.next !== firsts[i + 1]) return this.#write(at, pen);
    }
    encoder.places = undefined;
    const bytes = places.patched();
    if (isOurs) {
      // What is young, in an old object, is work for collectors.
      if (page.bytes !== bytes) page.bytes = bytes;
      page.stamp++;
    } else {
      this.#pages[at] = new Page(bytes, version);
    }
    page.version = version;
    this.#seen[at] = seen;
    this.size += bytes.length - text.size;
    text.size = bytes.length;
  }

  #copyCells(from: number, to: number): void {
    const { cells } = this.#rows;
    if (this.#written.length < to) {
      const larger = new Float64Array(cells.length);
      larger.set(this.#written);
      this.size += 8 * (larger.length - this.#written.length);
      this.#written = larger;
    }
    const written = this.#written;
    for (let i = from; i < to; i++) written[i] = cells[i]!;
  }
}

function costOf({ size, places, firsts }: Text): number {
  return size + 4 * (places.length + firsts.length) + PAGE_COST;
}
