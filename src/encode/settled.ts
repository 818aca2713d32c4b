/**
 * A family page by page, while others have their say in between: in the end
 * each of its series stands in one page, and in no other.
 */
import type { ByteWriter } from "../base/mod.ts";
import type { FamilyDesc, Rows } from "../model/mod.ts";
import { BLOCK_BITS } from "../model/internal.ts";
import type { CheckedEncoder } from "./checked_encoder.ts";
import type { ValuePlaces } from "./value_places.ts";

/** A piece of an exposition. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What writes pages: an encoder, and the writer that it fills. */
export interface Pen {
  readonly encoder: CheckedEncoder;
  readonly out: ByteWriter;
  readonly places: ValuePlaces;
}

/** A piece that is lent. */
export interface Piece {
  /** To be read before the next batch is asked for. */
  readonly bytes: Bytes;
  /** Another one once the bytes were written over. */
  readonly stamp: number;
}

/** A piece of which a family is made: what stands in some of its rows. */
export class Page implements Piece {
  bytes: Bytes;
  stamp = 0;
  /** Whether somebody was given its bytes, which never change from then on. */
  isGiven = false;
  /** How many passes hold on to it. */
  holds = 0;
  /** Of all its blocks, when it was written. */
  version: number;

  constructor(bytes: Bytes, version = 0) {
    this.bytes = bytes;
    this.version = version;
  }
}

/** What a family is made of: rows of pages, or of slices that nobody keeps. */
export interface Pages {
  /** How many there are to be looked at now. */
  readonly pages: number;
  /** The metadata, once a page was taken. */
  readonly head: Bytes;
  /** Grows by 1 with a page that stands, by `WRITING` with one that is written. */
  readonly work: number;
  /**
   * What stands in page `at` now, `EMPTY` if that is nothing; it does not
   * change as long as it is held.
   */
  take(at: number, pen: Pen): Page;
  /** Grows when a series comes or goes in a page that was taken. */
  versionOf(at: number): number;
}

/** How many pages that stand cost as much as one that is written. */
export const WRITING = 32;

/** How often pages that changed meanwhile are looked at again by turns. */
const MOST_ROUNDS = 3;

/** Rows that are written in their place, where nothing is kept. */
const ROWS_A_SLICE = 2048;

const NOTHING: readonly Piece[] = [];

/** A page without series; of no version, as it stands for many. */
export const EMPTY: Page = new Page(new Uint8Array(0), NaN);

/**
 * Takes all pages, so many at a time as `aBatch` says of their work, and holds
 * on to them.
 *
 * A series that goes and comes back meanwhile can stand in another row, and
 * would be there twice, or not at all. Pages in which that was so are looked at
 * again; in the end in one go, so that all of them are of one moment in that
 * respect.
 */
export function* settled(
  pages: Pages,
  pen: Pen,
  aBatch: number,
): Generator<readonly Piece[], Page[]> {
  const taken: Page[] = [];
  for (let round = 0;; round++) {
    let until = pages.work + aBatch;
    let isOver = true;
    for (let at = 0; at < pages.pages; at++) {
      if (round > 0 && taken[at]?.version === pages.versionOf(at)) continue;
      if (pages.work >= until && round < MOST_ROUNDS) {
        isOver = false;
        yield NOTHING;
        until = pages.work + aBatch;
      }
      if (round > 0 && at < taken.length) taken[at]!.holds--;
      const page = pages.take(at, pen);
      page.holds++;
      taken[at] = page;
    }
    if (isOver) return taken;
  }
}

/** Whether so many rows are better written in slices. */
export function isSliced(rows: Rows, encoder: CheckedEncoder): boolean {
  return encoder.isOpenEnded && rows.length > ROWS_A_SLICE;
}

/** A family of which nothing is kept. */
export function slicesOf(
  rows: Rows,
  desc: FamilyDesc,
  { encoder, out }: Pen,
): Pages & { work: number } {
  const origin = out.length;
  encoder.begin(desc);
  const head = out.slice(origin);
  out.rollback(origin);
  return {
    head,
    work: 0,
    get pages() {
      return Math.ceil(rows.length / ROWS_A_SLICE);
    },
    take(at) {
      const from = at * ROWS_A_SLICE;
      rows.emit(from, Math.min(from + ROWS_A_SLICE, rows.length), encoder);
      this.work += WRITING;
      if (out.length === origin) return EMPTY;
      const page = new Page(out.slice(origin), this.versionOf(at));
      out.rollback(origin);
      return page;
    },
    versionOf: (at) => sumOf(rows.changes.versions, at, ROWS_A_SLICE),
  };
}

/**
 * Of the page `at`, if each has so many rows, whole blocks of them: grows with
 * any of their numbers in `changes`.
 */
export function sumOf(changes: Uint32Array, at: number, rows: number): number {
  const blocks = rows >> BLOCK_BITS;
  const to = Math.min((at + 1) * blocks, changes.length);
  let sum = 0;
  for (let i = at * blocks; i < to; i++) sum += changes[i]!;
  return sum;
}
