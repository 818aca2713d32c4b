/**
 * Compresses expositions with gzip (RFC 1952), a group of pages at a time, and
 * caches each group until one of its pages changes.
 *
 * A group that is unchanged since the last scrape is neither read nor
 * compressed. Groups cannot refer to each other, which makes the body a few
 * percent larger.
 */
import { combineCrc32, concatBytes } from "../../base/internal.ts";
import type { Page } from "../../encode/mod.ts";
import type { Deflate } from "../../platform/internal.ts";
import type { Batches } from "./time_sliced.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The header of a gzip stream: deflate, no name, no time, unknown system. */
const HEADER = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255];

/** An empty deflate block that is marked as the last one. */
const LAST_BLOCK: readonly [number, number] = [3, 0];

/**
 * The maximum number of pages in a group. Compressing groups takes half the time
 * of compressing single pages, but repeats more work when one page changes.
 */
const GROUP = 8;

/**
 * The maximum number of bytes that one call compresses, which takes about half a
 * millisecond. A larger page is a group by itself, compressed piece by piece.
 */
const MAX_PIECE = 131_072;

/** After this many changes in a row, a group is not cached. */
const HOT = 4;

/** A compressed group. */
interface Compressed {
  readonly bytes: Bytes;
  readonly crc: number;
  /** Size before compression. */
  readonly size: number;
}

/** Consecutive pages, and their compressed form if it is cached. */
class PageGroup {
  readonly #pages: Page[] = [];
  readonly #revisions: number[] = [];
  #compressed: Compressed | undefined;
  /** How many times in a row the group has changed. */
  #heat = 0;

  /** Returns the compressed form of `batch[from..to)` if it is cached. */
  find(
    batch: readonly Page[],
    from: number,
    to: number,
  ): Compressed | undefined {
    const pages = this.#pages;
    let isSame = pages.length === to - from;
    for (let i = 0; i < pages.length && isSame; i++) {
      const page = batch[from + i]!;
      isSame = pages[i] === page && this.#revisions[i] === page.revision;
    }
    this.#heat = isSame ? 0 : this.#heat + 1;
    // The bytes are empty if a reader has transferred their buffer.
    const isUsable = isSame && this.#compressed?.bytes.length !== 0;
    return isUsable ? this.#compressed : undefined;
  }

  /**
   * Caches the compressed form, unless the group is hot. Unchanged references
   * are not written again, because each write costs a write barrier.
   */
  keep(pages: readonly Page[], compressed: Compressed): void {
    this.#compressed = this.#heat < HOT ? compressed : undefined;
    this.#pages.length = pages.length;
    pages.forEach((page, i) => {
      if (this.#pages[i] !== page) this.#pages[i] = page;
      this.#revisions[i] = page.revision;
    });
  }
}

/** Compresses expositions and caches compressed pages. */
export class GzipPages {
  readonly #deflate: Deflate;
  /** Groups, keyed by their first page. */
  readonly #groups = new WeakMap<Page, PageGroup>();
  /** Reused, to spare the garbage collector. */
  #buffer: Bytes | undefined;

  constructor(deflate: Deflate) {
    this.#deflate = deflate;
  }

  /**
   * Compresses an exposition group by group; each batch is compressed before the
   * next one is read. Yields nothing after each piece of a large page. A changed
   * page must be another object or have another revision.
   */
  *batches(plain: Iterable<readonly Page[]>): Batches {
    let crc = 0;
    let total = 0;
    /** The header, until it is handed on. */
    let head: readonly Bytes[] = [Uint8Array.from(HEADER)];
    for (const batch of plain) {
      // Hands on an empty batch, too, so that its reader can rest.
      if (batch.length === 0) yield [];
      for (let from = 0; from < batch.length;) {
        const to = endOfGroup(batch, from);
        const group = yield* this.#compressed(batch, from, to);
        crc = combineCrc32(crc, group.crc, group.size);
        total += group.size;
        yield [...head, group.bytes];
        head = [];
        from = to;
      }
    }
    const tail = new Uint8Array(LAST_BLOCK.length + 8);
    writeTail(tail, crc, total);
    yield [...head, tail];
  }

  *#compressed(
    batch: readonly Page[],
    from: number,
    to: number,
  ): Generator<readonly Bytes[], Compressed> {
    const first = batch[from]!;
    let group = this.#groups.get(first);
    if (group === undefined) this.#groups.set(first, group = new PageGroup());
    const found = group.find(batch, from, to);
    if (found !== undefined) return found;
    const pages = batch.slice(from, to);
    let compressed: Compressed;
    if (first.bytes.length > MAX_PIECE) {
      compressed = yield* this.#inPieces(first.bytes);
    } else {
      compressed = this.#atOnce(
        pages.length === 1 ? first.bytes : concatBytes(
          pages.map(({ bytes }) => bytes),
          this.#buffer ??= new Uint8Array(MAX_PIECE),
        ),
      );
    }
    group.keep(pages, compressed);
    return compressed;
  }

  #atOnce(plain: Bytes): Compressed {
    return {
      bytes: this.#deflate.compress(plain),
      crc: this.#deflate.crc32(plain),
      size: plain.length,
    };
  }

  *#inPieces(plain: Bytes): Generator<readonly Bytes[], Compressed> {
    const pieces: Bytes[] = [];
    let crc = 0;
    for (let from = 0; from < plain.length; from += MAX_PIECE) {
      if (from > 0) yield [];
      const piece = this.#atOnce(plain.subarray(from, from + MAX_PIECE));
      crc = combineCrc32(crc, piece.crc, piece.size);
      pieces.push(piece.bytes);
    }
    return { bytes: concatBytes(pieces), crc, size: plain.length };
  }
}

/** Returns the end of the group of `batch` that begins at `from`. */
function endOfGroup(batch: readonly Page[], from: number): number {
  const max = Math.min(from + GROUP, batch.length);
  let size = batch[from]!.bytes.length;
  let to = from + 1;
  while (to < max) {
    size += batch[to]!.bytes.length;
    if (size > MAX_PIECE) break;
    to++;
  }
  return to;
}

/** Writes the last deflate block, the CRC-32 and the size modulo 2^32. */
function writeTail(bytes: Bytes, crc: number, size: number): void {
  bytes.set(LAST_BLOCK);
  const view = new DataView(bytes.buffer, LAST_BLOCK.length);
  view.setUint32(0, crc, true);
  view.setUint32(4, size % 2 ** 32, true);
}
