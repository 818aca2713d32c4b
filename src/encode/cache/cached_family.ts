/**
 * The pages of one family in one format.
 *
 * - If only numbers have changed, only their digits are rewritten; otherwise the
 *   whole page is.
 * - A page that is pinned or published never changes: a changed copy replaces
 *   it. See `CachedPage`.
 */
import type { FamilyDesc, Rows } from "../../model/mod.ts";
import {
  type Bytes,
  CachedPage,
  EMPTY,
  type PageSizes,
  type PageSource,
  type PageWriter,
  patchCost,
  rowsPerPage,
  sumOfPage,
  WRITE_COST,
} from "./consistent_pages.ts";
import type { Cached } from "./family_cache.ts";

/** The number of pages that `#findTransferred` checks at a time. */
const CHECKED = 128;

/** Approximate bytes of a page beside its text and positions: objects, headers. */
const PAGE_COST = 400;

/** The size of a page's text, and the positions of the values in it. */
interface PageText {
  size: number;
  /** Positions of its values; empty if the format does not mark them. */
  positions: Uint32Array;
  /** By row of the page: the index of its first value; one more at the end. */
  firsts: Uint32Array;
}

/** The cached pages of one family in one format. */
export class CachedFamily implements PageSource, Cached {
  size = 0;
  accounted = 0;
  work = 0;
  written = 0;
  readonly #rows: Rows;
  /** The description, with escaped names. */
  readonly #desc: FamilyDesc;
  readonly #sizes: PageSizes;
  /** The cells of `#rows` as the pages show them. */
  #written: Float64Array = new Float64Array(0);
  /** Rows per page; 0 until they are measured. */
  #pageRows = 0;

  readonly #pages: CachedPage[] = [];
  /** By page: `#changesOf` when it was last read. */
  readonly #seen: number[] = [];
  /** By page; not read while the page is unchanged. */
  readonly #texts: PageText[] = [];

  /** The metadata; empty until it is written. */
  #head: Bytes = EMPTY.bytes;
  /** The writer in whose encoder the family is open. */
  #open: PageWriter | undefined;

  /** `desc` is the description of `rows`, with escaped names. */
  constructor(rows: Rows, desc: FamilyDesc, sizes: PageSizes) {
    this.#rows = rows;
    this.#desc = desc;
    this.#sizes = sizes;
  }

  get count(): number {
    if (this.#rows.length === 0) return 0;
    return this.#pageRows === 0
      ? 1
      : Math.ceil(this.#rows.length / this.#pageRows);
  }

  get head(): Bytes {
    return this.#head;
  }

  /** Ends a pass: forgets its writer. */
  close(): void {
    this.#open = undefined;
  }

  read(index: number, writer: PageWriter): CachedPage {
    if (this.#pageRows === 0) {
      this.#openFor(writer);
      this.#pageRows = rowsPerPage(this.#rows, writer, this.#sizes);
    }
    if (index % CHECKED === 0) this.#findTransferred(index);
    const page = this.#pages[index];
    if (page === undefined) this.#write(index, writer);
    else if (this.#seen[index] !== this.#changesOf(index)) {
      this.#update(index, page, writer);
    } else this.work++;
    const current = this.#pages[index]!;
    current.pins++;
    return current;
  }

  release(page: CachedPage): void {
    page.pins--;
  }

  /**
   * Finds pages whose buffers were transferred, so that they are rewritten. The
   * loop is separate and short: the processor then fetches many uncached pages
   * in parallel, where `read` would wait for one after the other.
   */
  #findTransferred(from: number): void {
    for (let index = from; index < from + CHECKED; index++) {
      const page = this.#pages[index];
      if (page?.bytes.length === 0 && page !== EMPTY) this.#seen[index] = -1;
    }
  }

  versionOf(index: number): number {
    return sumOfPage(this.#rows.changes.versions, index, this.#pageRows);
  }

  /** Returns a sum that grows with each change of the page's rows. */
  #changesOf(index: number): number {
    const { numbers } = this.#rows.changes;
    return sumOfPage(numbers, index, this.#pageRows) + this.versionOf(index);
  }

  /** Updates a page whose rows may have changed. */
  #update(index: number, page: CachedPage, writer: PageWriter): void {
    const isTransferred = page.bytes.length === 0;
    if (isTransferred || page.version !== this.versionOf(index)) {
      return this.#write(index, writer);
    }
    const { width, cells } = this.#rows;
    const written = this.#written;
    const from = index * this.#pageRows * width;
    const to = Math.min(from + this.#pageRows * width, written.length);
    for (let i = from; i < to; i++) {
      if (cells[i] === written[i]) continue;
      if (Object.is(cells[i], written[i])) continue; // both are NaN
      return this.#patch(index, i, page, writer);
    }
    this.#seen[index] = this.#changesOf(index);
    this.work++;
  }

  /** Opens the family in the encoder of `writer`, unless it is open there. */
  #openFor(writer: PageWriter): void {
    if (this.#open === writer) return;
    const { out, encoder } = writer;
    const from = out.length;
    encoder.beginFamily(this.#desc);
    if (this.#head.length === 0) this.#head = out.slice(from);
    out.rollback(from);
    this.#open = writer;
  }

  #write(index: number, writer: PageWriter): void {
    const rows = this.#rows;
    const { out, encoder, patcher } = writer;
    this.#openFor(writer);
    this.work += WRITE_COST;
    this.written++;
    const origin = out.length;
    const first = index * this.#pageRows;
    const last = Math.min(first + this.#pageRows, rows.length);
    const firsts = new Uint32Array(encoder.canPatch ? last - first + 1 : 0);
    const version = this.versionOf(index);
    const seen = this.#changesOf(index);
    encoder.marks = encoder.canPatch ? patcher : undefined;
    patcher.begin(origin);
    for (let row = first; row < last; row++) {
      rows.emit(row, row + 1, encoder);
      if (encoder.canPatch) firsts[row - first + 1] = patcher.next;
    }
    encoder.marks = undefined;
    this.#copyCells(first * rows.width, last * rows.width);
    const size = out.length - origin;
    const before = this.#texts[index];
    const text = { size, positions: patcher.marked(), firsts };
    this.#pages[index] = size === 0
      ? EMPTY
      : new CachedPage(out.slice(origin), version);
    out.rollback(origin);
    this.#seen[index] = seen;
    this.#texts[index] = text;
    this.size += costOf(text) - (before === undefined ? 0 : costOf(before));
  }

  /** Rewrites the values of the rows that differ, from the cell `from` on. */
  #patch(
    index: number,
    from: number,
    page: CachedPage,
    writer: PageWriter,
  ): void {
    const { encoder, patcher } = writer;
    if (!encoder.canPatch) return this.#write(index, writer);
    const rows = this.#rows;
    const { width, cells } = rows;
    const written = this.#written;
    const text = this.#texts[index]!;
    const { firsts } = text;
    const { version } = page;
    const seen = this.#changesOf(index);
    this.#openFor(writer);
    // Invalid until the page is whole again: an error below leaves it half
    // patched, and another exposition may read it next.
    page.version = -1;
    encoder.marks = patcher;
    const isOwned = page.pins === 0 && !page.isPublished;
    patcher.patch(page.bytes, text.positions, isOwned);
    const first = index * this.#pageRows;
    const count = firsts.length - 1;
    let patched = 0;
    for (let i = Math.floor(from / width) - first; i < count; i++) {
      const base = (first + i) * width;
      let differs = false;
      for (let cell = base; cell < base + width; cell++) {
        if (cells[cell] === written[cell]) continue;
        written[cell] = cells[cell]!;
        differs = true;
      }
      if (!differs) continue;
      patched++;
      patcher.next = firsts[i]!;
      rows.emit(first + i, first + i + 1, encoder);
      // A line was added or removed: the positions of the values are wrong.
      if (patcher.next !== firsts[i + 1]) return this.#write(index, writer);
    }
    encoder.marks = undefined;
    const bytes = patcher.patched();
    if (isOwned) {
      // Not assigned needlessly: a young object in an old one costs the garbage
      // collector work.
      if (page.bytes !== bytes) page.bytes = bytes;
      page.revision++;
    } else {
      this.#pages[index] = new CachedPage(bytes, version);
    }
    page.version = version;
    this.work += patchCost(patched / count);
    this.written++;
    this.#seen[index] = seen;
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

function costOf({ size, positions, firsts }: PageText): number {
  return size + 4 * (positions.length + firsts.length) + PAGE_COST;
}
