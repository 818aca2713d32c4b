/**
 * Pieces of a body as one gzip member (RFC 1952): a few at a time are compressed
 * by themselves, and only once, for as long as they stay the same.
 *
 * Pages that have not changed since the last scrape cost neither reading nor
 * compressing. What is compressed apart cannot refer to each other, which makes
 * the whole larger by a few hundredths.
 */
import { combineCrc32, concatBytes } from "../base/internal.ts";
import type { Piece } from "../encode/mod.ts";
import type { Deflate } from "../platform/internal.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Deflate, no name, no time, made anywhere. */
const HEADER = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255];

/** An empty block that is the last one. */
const LAST_BLOCK: readonly [number, number] = [3, 0];

/**
 * So many pieces in a row are compressed together: fewer and larger calls take
 * half the time, for a little more to be done where one of them has changed.
 */
const TOGETHER = 8;

/** What has changed so many times in a row soon will again: it is not kept. */
const HOT = 4;

/** What they are put together in has room for this many bytes, as a rule. */
const ROOM = 131_072;

/** What became of some pieces. */
interface Squeezed {
  readonly bytes: Bytes;
  readonly crc: number;
  /** Of all pieces. */
  readonly size: number;
}

/** Some pieces in a row, compressed. */
class Row {
  readonly #pieces: Piece[] = [];
  readonly #stamps: number[] = [];
  #squeezed: Squeezed | undefined;
  /** How often in a row it had changed. */
  #heat = 0;

  /** What became of the pieces of `batch` in these places, if it is known. */
  find(batch: readonly Piece[], from: number, to: number) {
    const pieces = this.#pieces;
    let isSame = pieces.length === to - from;
    for (let i = 0; i < pieces.length && isSame; i++) {
      const piece = batch[from + i]!;
      isSame = pieces[i] === piece && this.#stamps[i] === piece.stamp;
    }
    this.#heat = isSame ? 0 : this.#heat + 1;
    // Empty if its buffer is gone: it was handed out, and transferred.
    const isThere = isSame && this.#squeezed?.bytes.length !== 0;
    return isThere ? this.#squeezed : undefined;
  }

  /**
   * Remembers what became of them, unless they change all the time. What stays
   * is not written again: collectors look at what is.
   */
  keep(pieces: readonly Piece[], squeezed: Squeezed): void {
    this.#squeezed = this.#heat < HOT ? squeezed : undefined;
    this.#pieces.length = pieces.length;
    pieces.forEach((piece, i) => {
      if (this.#pieces[i] !== piece) this.#pieces[i] = piece;
      this.#stamps[i] = piece.stamp;
    });
  }
}

/** Compresses bodies, and remembers their pieces. */
export class GzipPages {
  readonly #deflate: Deflate;
  /** By the first of the pieces. */
  readonly #known = new WeakMap<Piece, Row>();
  /** Used again and again: buffers that are dropped make collectors work. */
  #room: Bytes | undefined;

  constructor(deflate: Deflate) {
    this.#deflate = deflate;
  }

  /**
   * The batches of a body, compressed; each before the next one is asked for.
   * What has changed must be another piece, or have another stamp.
   */
  *batches(
    plain: Iterable<readonly Piece[]>,
  ): Generator<readonly Bytes[], void> {
    let crc = 0;
    let total = 0;
    let isFirst = true;
    for (const batch of plain) {
      const written: Bytes[] = [];
      if (isFirst) written.push(Uint8Array.from(HEADER));
      isFirst = false;
      for (let from = 0; from < batch.length; from += TOGETHER) {
        const to = Math.min(from + TOGETHER, batch.length);
        const { bytes, crc: own, size } = this.#squeezed(batch, from, to);
        crc = combineCrc32(crc, own, size);
        total += size;
        written.push(bytes);
      }
      yield written;
    }
    const end = new DataView(new ArrayBuffer(LAST_BLOCK.length + 8));
    LAST_BLOCK.forEach((byte, i) => end.setUint8(i, byte));
    end.setUint32(LAST_BLOCK.length, crc, true);
    end.setUint32(LAST_BLOCK.length + 4, total % 2 ** 32, true);
    const tail = new Uint8Array(end.buffer);
    yield isFirst ? [Uint8Array.from(HEADER), tail] : [tail];
  }

  #squeezed(batch: readonly Piece[], from: number, to: number): Squeezed {
    const first = batch[from]!;
    let row = this.#known.get(first);
    if (row === undefined) this.#known.set(first, row = new Row());
    const found = row.find(batch, from, to);
    if (found !== undefined) return found;
    const pieces = batch.slice(from, to);
    const plain = pieces.length === 1 ? first.bytes : concatBytes(
      pieces.map(({ bytes }) => bytes),
      this.#room ??= new Uint8Array(ROOM),
    );
    const squeezed = {
      bytes: this.#deflate.piece(plain),
      crc: this.#deflate.crc32(plain),
      size: plain.length,
    };
    row.keep(pieces, squeezed);
    return squeezed;
  }
}
