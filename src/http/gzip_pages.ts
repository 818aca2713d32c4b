/**
 * Pieces of a body as one gzip member (RFC 1952): a few at a time are compressed
 * by themselves, and only once, for as long as they stay the same.
 *
 * Pages that have not changed since the last scrape cost neither reading nor
 * compressing. What is compressed apart cannot refer to each other, which makes
 * the whole larger by a few hundredths.
 */
import { joinedCrc } from "../base/mod.ts";
import type { Deflate } from "../platform/mod.ts";
import { joined } from "./joined.ts";

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

/** What they are put together in has room for this many bytes, as a rule. */
const ROOM = 131_072;

interface Squeezed {
  /** What it was made of. */
  readonly pieces: readonly Bytes[];
  /** Empty once its buffer is gone: it was handed out, and transferred. */
  readonly bytes: Bytes;
  readonly crc: number;
  /** Of all pieces. */
  readonly size: number;
}

/** Compresses bodies, and remembers their pieces. */
export class GzipPages {
  readonly #deflate: Deflate;
  /** By the first of the pieces. */
  readonly #known = new WeakMap<Bytes, Squeezed>();
  /** Used again and again: buffers that are dropped make collectors work. */
  #room: Bytes | undefined;

  constructor(deflate: Deflate) {
    this.#deflate = deflate;
  }

  /**
   * The batches of a body, compressed; each before the next one is asked for.
   * What has changed must be another piece.
   */
  *batches(
    plain: Iterable<readonly Bytes[]>,
  ): Generator<readonly Bytes[], void> {
    let crc = 0;
    let total = 0;
    let isFirst = true;
    for (const batch of plain) {
      const written: Bytes[] = [];
      if (isFirst) written.push(Uint8Array.from(HEADER));
      isFirst = false;
      for (let from = 0; from < batch.length; from += TOGETHER) {
        const pieces = batch.slice(from, from + TOGETHER);
        const { bytes, crc: own, size } = this.#squeezed(pieces);
        crc = joinedCrc(crc, own, size);
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

  #squeezed(pieces: readonly Bytes[]): Squeezed {
    const [first] = pieces;
    const known = this.#known.get(first!);
    const isSame = known !== undefined && known.bytes.length > 0 &&
      known.pieces.length === pieces.length &&
      pieces.every((piece, i) => piece === known.pieces[i]);
    if (isSame) return known;
    const plain = pieces.length === 1
      ? first!
      : joined(pieces, this.#room ??= new Uint8Array(ROOM));
    const squeezed = {
      pieces,
      bytes: this.#deflate.piece(plain),
      crc: this.#deflate.crc32(plain),
      size: plain.length,
    };
    this.#known.set(first!, squeezed);
    return squeezed;
  }
}
