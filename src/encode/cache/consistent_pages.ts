/**
 * Collects a family page by page, yielding in between. If series move
 * meanwhile, the affected pages are read again, so that each series ends up in
 * exactly one page.
 */
import type { ByteWriter } from "../../base/mod.ts";
import type { FamilyDesc, Rows } from "../../model/mod.ts";
import { BLOCK, BLOCK_BITS } from "../../model/internal.ts";
import type { PageableEncoder } from "../format.ts";
import type { ValuePatcher } from "./value_patcher.ts";

/** Bytes of an exposition. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Sizes of pages; `scrape_bench` compares alternatives. */
export interface PageSizes {
  /** Target page size in bytes; small enough to copy when one value changes. */
  readonly pageBytes: number;
  /** Maximum number of rows of a page: 16 times a power of two. */
  readonly pageRows: number;
  /** New pages written before yielding to the caller; see `WRITE_COST`. */
  readonly pagesPerStep: number;
  /** Pages handed on together. */
  readonly pagesPerBatch: number;
}

/** An encoder, the writer that it fills, and the patcher of its values. */
export interface PageWriter {
  readonly encoder: PageableEncoder;
  readonly out: ByteWriter;
  readonly patcher: ValuePatcher;
}

/**
 * The bytes of some series of a family.
 *
 * A borrowed page must be read before the next list of pages is requested.
 */
export interface Page {
  /** The bytes; empty if their buffer was transferred. */
  readonly bytes: Bytes;
  /** Changes whenever `bytes` is overwritten in place. */
  readonly revision: number;
}

/**
 * A page, and whether passes may still read it.
 *
 * ```text
 *            read by a pass                handed out for good
 *   owned ──────────────────► pinned(n) ──────────────────────► published
 *     ▲                          │
 *     └──────────────────────────┘
 *           handed on, n = 0
 * ```
 *
 * - Owned: the family overwrites changed values in place.
 * - Pinned by n passes, or published: `bytes` never change. The family replaces
 *   the page by a changed copy, which it owns.
 */
export class CachedPage implements Page {
  bytes: Bytes;
  revision = 0;
  /** Whether the bytes were handed out for good. */
  isPublished = false;
  /** The number of passes that still read it. */
  pins = 0;
  /** The sum of its blocks' versions when it was written. */
  version: number;

  constructor(bytes: Bytes, version = 0) {
    this.bytes = bytes;
    this.version = version;
  }
}

/** A family that is read page by page while its series can change. */
export interface ConsistentSource<P extends { readonly version: number }, W> {
  /** The current number of pages. */
  readonly count: number;
  /** Grows by 1 for an unchanged page, by up to `WRITE_COST` for others. */
  readonly work: number;
  /** Returns the current page at `index`, which does not change until `release`. */
  read(index: number, writer: W): P;
  /** Ends a reading of `page`. */
  release(page: P): void;
  /** Returns a number that grows when series of the page are added or removed. */
  versionOf(index: number): number;
}

/** The pages of one family: cached, or written for a single pass. */
export interface PageSource extends ConsistentSource<CachedPage, PageWriter> {
  /** The metadata; empty before a page was read. */
  readonly head: Bytes;
  /** The number of pages written or patched so far. */
  readonly written: number;
}

/** The number of unchanged pages that cost as much as a new one. */
export const WRITE_COST = 32;

/** Returns the cost of a page of which this share of the rows is patched. */
export function patchCost(share: number): number {
  return WRITE_COST / 8 + share * WRITE_COST / 2;
}

/** Rounds of reading with pauses; the round after them has none. */
const MAX_ROUNDS = 3;

const NO_PAGES: readonly never[] = [];

/** The page without series. Families share it, so its version is NaN. */
export const EMPTY: CachedPage = new CachedPage(new Uint8Array(0), NaN);

/**
 * Reads all pages of `source`. Yields an empty list after `stepWork`
 * units of work; see `ConsistentSource.work`.
 *
 * A series that is removed and added again meanwhile can move to another row: it
 * would appear twice, or not at all. So pages whose series have changed are read
 * again. After `MAX_ROUNDS` they are read without yielding, so that nothing can
 * change in between.
 */
export function* consistentPages<P extends { readonly version: number }, W>(
  source: ConsistentSource<P, W>,
  writer: W,
  stepWork: number,
): Generator<readonly never[], P[]> {
  const pages: P[] = [];
  for (let round = 0;; round++) {
    let until = source.work + stepWork;
    let isConsistent = true;
    for (let index = 0; index < source.count; index++) {
      if (round > 0 && pages[index]?.version === source.versionOf(index)) {
        continue;
      }
      if (source.work >= until && round < MAX_ROUNDS) {
        isConsistent = false;
        yield NO_PAGES;
        until = source.work + stepWork;
      }
      if (round > 0 && index < pages.length) source.release(pages[index]!);
      pages[index] = source.read(index, writer);
    }
    if (isConsistent) return pages;
  }
}

/** Returns the number of rows that fit into a page; the family must be open. */
export function rowsPerPage(
  rows: Rows,
  { encoder, out }: PageWriter,
  { pageBytes, pageRows }: PageSizes,
): number {
  const from = out.length;
  // A single series, because this precedes the first page in its step.
  const tried = Math.min(BLOCK, rows.length);
  for (let row = 0; row < tried && out.length === from; row++) {
    rows.emit(row, row + 1, encoder);
  }
  const each = out.length - from;
  out.rollback(from);
  let fitting = pageRows;
  while (fitting > BLOCK && fitting * each > pageBytes) fitting /= 2;
  return fitting;
}

/** Returns the pages of a family that is not cached, and opens the family. */
export function transientPages(
  rows: Rows,
  desc: FamilyDesc,
  writer: PageWriter,
  sizes: PageSizes,
): PageSource & { work: number; written: number } {
  const { encoder, out } = writer;
  const origin = out.length;
  encoder.beginFamily(desc);
  const head = out.slice(origin);
  out.rollback(origin);
  const pageRows = rowsPerPage(rows, writer, sizes);
  return {
    head,
    work: 0,
    written: 0,
    get count() {
      return Math.ceil(rows.length / pageRows);
    },
    read(index) {
      const from = index * pageRows;
      rows.emit(from, Math.min(from + pageRows, rows.length), encoder);
      this.work += WRITE_COST;
      this.written++;
      if (out.length === origin) return EMPTY;
      const page = new CachedPage(out.slice(origin), this.versionOf(index));
      out.rollback(origin);
      return page;
    },
    release() {}, // nothing else reads these pages
    versionOf: (index) => sumOfPage(rows.changes.versions, index, pageRows),
  };
}

/**
 * Returns the sum of the counters of all blocks of page `index`; `pageRows`, the
 * rows per page, is a multiple of `BLOCK`. The sum grows with each counter.
 */
export function sumOfPage(
  counters: Uint32Array,
  index: number,
  pageRows: number,
): number {
  const blocks = pageRows >> BLOCK_BITS;
  const to = Math.min((index + 1) * blocks, counters.length);
  let sum = 0;
  for (let i = index * blocks; i < to; i++) sum += counters[i]!;
  return sum;
}
