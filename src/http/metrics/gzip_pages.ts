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
 * The maximum number of bytes that one call compresses, which takes less than a
 * millisecond. A larger page is a group by itself, compressed piece by piece.
 */
const MAX_PIECE = 262_144;

/**
 * After this many changes in a row, a group is hot: it is not cached, and
 * compressed together with the hot groups beside it, because each call costs 0.2
 * ms, whatever its size.
 */
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

  get isHot(): boolean {
    return this.#heat >= HOT;
  }

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
   * Remembers the pages and their compressed form, undefined if the group is hot.
   * Unchanged references are not written again, because each write costs a write
   * barrier.
   */
  keep(pages: readonly Page[], compressed: Compressed | undefined): void {
    this.#compressed = compressed;
    this.#pages.length = pages.length;
    pages.forEach((page, i) => {
      if (this.#pages[i] !== page) this.#pages[i] = page;
      this.#revisions[i] = page.revision;
    });
  }
}

/** Pages that are compressed together, copied into one buffer. */
class PageRun {
  readonly #buffer: Bytes;
  #length = 0;

  constructor(buffer: Bytes) {
    this.#buffer = buffer;
  }

  get bytes(): Bytes {
    return this.#buffer.subarray(0, this.#length);
  }

  hasRoom(bytes: Bytes): boolean {
    return this.#length + bytes.length <= this.#buffer.length;
  }

  append(bytes: Bytes): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  clear(): void {
    this.#length = 0;
  }
}

/** The chunks of a gzip stream, and what its end says about them. */
class GzipStream {
  /** The chunks that are not handed on yet; first the header. */
  #chunks: Bytes[] = [Uint8Array.from(HEADER)];
  #crc = 0;
  #size = 0;

  push({ bytes, crc, size }: Compressed): void {
    this.#crc = combineCrc32(this.#crc, crc, size);
    this.#size += size;
    this.#chunks.push(bytes);
  }

  /** Adds the last deflate block, the CRC-32 and the size modulo 2^32. */
  end(): void {
    const tail = new Uint8Array(LAST_BLOCK.length + 8);
    tail.set(LAST_BLOCK);
    const view = new DataView(tail.buffer, LAST_BLOCK.length);
    view.setUint32(0, this.#crc, true);
    view.setUint32(4, this.#size % 2 ** 32, true);
    this.#chunks.push(tail);
  }

  /** Returns the chunks since the last call. */
  take(): readonly Bytes[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}

/** Compresses expositions and caches compressed pages. */
export class GzipPages {
  readonly #deflate: Deflate;
  /** Groups, keyed by their first page. */
  readonly #groups = new WeakMap<Page, PageGroup>();
  /** A buffer that no exposition uses, to spare the garbage collector. */
  #spare: Bytes | undefined;

  constructor(deflate: Deflate) {
    this.#deflate = deflate;
  }

  /**
   * Compresses an exposition; each batch is read before the next one is requested.
   * Yields after each call of the compressor, and perhaps nothing. A changed page
   * must be another object or have another revision.
   */
  *batches(plain: Iterable<readonly Page[]>): Batches {
    const stream = new GzipStream();
    const buffer = this.#spare ?? new Uint8Array(MAX_PIECE);
    this.#spare = undefined;
    const run = new PageRun(buffer);
    for (const batch of plain) {
      for (let from = 0; from < batch.length;) {
        const to = endOfGroup(batch, from);
        yield* this.#group(batch, from, to, run, stream);
        from = to;
      }
      yield stream.take(); // even if there is nothing, so that its reader can rest
    }
    this.#flush(run, stream);
    stream.end();
    this.#spare = buffer;
    yield stream.take();
  }

  *#group(
    batch: readonly Page[],
    from: number,
    to: number,
    run: PageRun,
    stream: GzipStream,
  ): Batches {
    const first = batch[from]!;
    let group = this.#groups.get(first);
    if (group === undefined) this.#groups.set(first, group = new PageGroup());
    const found = group.find(batch, from, to);
    const pages = batch.slice(from, to);
    if (found !== undefined || !group.isHot) {
      if (this.#flush(run, stream) !== undefined) yield stream.take();
    }
    if (found !== undefined) return stream.push(found);
    if (first.bytes.length > MAX_PIECE) {
      const compressed = yield* this.#inPieces(first.bytes);
      stream.push(compressed);
      group.keep(pages, group.isHot ? undefined : compressed);
      return yield stream.take();
    }
    for (const { bytes } of pages) {
      if (!run.hasRoom(bytes)) {
        this.#flush(run, stream);
        yield stream.take();
      }
      run.append(bytes);
    }
    if (group.isHot) return group.keep(pages, undefined);
    group.keep(pages, this.#flush(run, stream));
    yield stream.take();
  }

  /** Compresses the pages of `run`, if there are any, and clears it. */
  #flush(run: PageRun, stream: GzipStream): Compressed | undefined {
    const { bytes } = run;
    if (bytes.length === 0) return undefined;
    const compressed = this.#atOnce(bytes);
    stream.push(compressed);
    run.clear();
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
