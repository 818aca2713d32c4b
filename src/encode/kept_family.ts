/**
 * What was written of one family in one format, in pages of whole rows.
 *
 * - A page whose numbers are as they were costs one comparison a number. Where
 *   some differ, their digits alone are written anew, into a copy; where more
 *   differs, the page is.
 * - A page that somebody holds never changes: another one takes its place.
 */
import { BLOCK, type FamilyDesc, type Rows } from "../model/mod.ts";
import { type Bytes, type Pages, type Pen, versionOf } from "./settled.ts";

/** The most rows of a page; a whole number of blocks. */
const MOST_ROWS = 8 * BLOCK;

/** What a page needs beside its bytes and places: objects, headers. */
const PAGE_COST = 400;

interface Page {
  /** Its buffer may be gone: it was handed out, and can have been transferred. */
  body: Bytes;
  size: number;
  /** How many hold on to the body. */
  holds: number;
  /** Of all its blocks, at the time of writing. */
  version: number;
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
  readonly #rows: Rows;
  /** As the format has it. */
  readonly #desc: FamilyDesc;
  readonly #pageBytes: number;
  /** The numbers as they stand in the pages. */
  #written: Float64Array = new Float64Array(0);
  readonly #pages: Page[] = [];
  /** Rows of a page; known once the first rows are written. */
  #pageRows = 0;
  /** The metadata; empty until the first point. */
  #head: Bytes = new Uint8Array(0);
  /** Whose encoder has the family open. */
  #open: Pen | undefined;

  /** `desc` is that of `rows`, with names escaped. */
  constructor(rows: Rows, desc: FamilyDesc, pageBytes: number) {
    this.#rows = rows;
    this.#desc = desc;
    this.#pageBytes = pageBytes;
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

  take(at: number, pen: Pen): Bytes {
    const page = this.#page(at, pen);
    page.holds++;
    return page.body;
  }

  release(at: number, body: Bytes): void {
    const page = this.#pages[at];
    if (page?.body === body) page.holds--;
  }

  versionOf(at: number): number {
    return versionOf(this.#rows, at * this.#pageRows, this.#pageRows);
  }

  /** Page `at`, up to date. */
  #page(at: number, pen: Pen): Page {
    if (this.#pageRows === 0) this.#measure(pen);
    const page = this.#pages[at];
    const stands = page !== undefined && page.body.length === page.size &&
      page.version === this.versionOf(at);
    if (!stands) return this.#write(at, pen);
    const { width, cells } = this.#rows;
    const written = this.#written;
    const from = at * this.#pageRows * width;
    const to = Math.min(from + this.#pageRows * width, written.length);
    for (let i = from; i < to; i++) {
      if (cells[i] === written[i]) continue;
      if (Object.is(cells[i], written[i])) continue; // NaN, before and now
      return this.#patch(at, i, page, pen);
    }
    return page;
  }

  /** Tries how many rows make up a page. */
  #measure(pen: Pen): void {
    const { out, encoder } = pen;
    const from = out.length;
    this.#lift(pen);
    this.#rows.emit(0, Math.min(BLOCK, this.#rows.length), encoder);
    const each = (out.length - from) / Math.min(BLOCK, this.#rows.length);
    out.rollback(from);
    let rows = MOST_ROWS;
    while (rows > BLOCK && rows * each > this.#pageBytes) rows /= 2;
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

  #write(at: number, pen: Pen): Page {
    const rows = this.#rows;
    const { out, encoder, places } = pen;
    this.#lift(pen);
    const origin = out.length;
    const first = at * this.#pageRows;
    const last = Math.min(first + this.#pageRows, rows.length);
    const firsts = new Uint32Array(encoder.hasPlaces ? last - first + 1 : 0);
    const version = this.versionOf(at);
    encoder.places = encoder.hasPlaces ? places : undefined;
    places.begin(origin);
    for (let row = first; row < last; row++) {
      rows.emit(row, row + 1, encoder);
      if (encoder.hasPlaces) firsts[row - first + 1] = places.next;
    }
    encoder.places = undefined;
    this.#copyCells(first * rows.width, last * rows.width);
    const before = this.#pages[at];
    const body = out.slice(origin);
    out.rollback(origin);
    const page = {
      body,
      size: body.length,
      holds: 0,
      version,
      places: places.marked(),
      firsts,
    };
    this.#pages[at] = page;
    this.size += costOf(page) - (before === undefined ? 0 : costOf(before));
    return page;
  }

  /** Writes the rows anew that differ, from the cell `from` on. */
  #patch(at: number, from: number, page: Page, pen: Pen): Page {
    const { encoder, places } = pen;
    if (!encoder.hasPlaces) return this.#write(at, pen);
    const rows = this.#rows;
    const { width, cells } = rows;
    const written = this.#written;
    const { firsts, version } = page;
    this.#lift(pen);
    // Until it is whole again: who throws below leaves it half done, and another
    // exposition may be about to take it.
    page.version = -1;
    encoder.places = places;
    places.patch(page.body, page.places);
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
    const spare = page.holds === 0 ? page.body.buffer : undefined;
    page.body = places.patched(spare);
    page.holds = 0;
    page.version = version;
    this.size += page.body.length - page.size;
    page.size = page.body.length;
    return page;
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

function costOf({ size, places, firsts }: Page): number {
  return size + 4 * (places.length + firsts.length) + PAGE_COST;
}
