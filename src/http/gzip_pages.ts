/**
 * Pieces of a body as one gzip member (RFC 1952): each is compressed by itself,
 * and only once, for as long as somebody holds on to it.
 *
 * A page that has not changed since the last scrape costs neither reading nor
 * compressing. Pieces cannot refer to each other, which makes the whole larger
 * by a quarter where they are pages.
 */
import { joinedCrc } from "../base/mod.ts";
import type { Deflate } from "../platform/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Deflate, no name, no time, made anywhere. */
const HEADER = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255];

/** An empty block that is the last one. */
const LAST_BLOCK: readonly [number, number] = [3, 0];

interface Squeezed {
  /** Empty once its buffer is gone: it was handed out, and transferred. */
  readonly bytes: Bytes;
  readonly crc: number;
}

/** Compresses bodies, and remembers their pieces. */
export class GzipPages {
  readonly #deflate: Deflate;
  readonly #known = new WeakMap<Bytes, Squeezed>();

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
    let size = 0;
    let isFirst = true;
    for (const batch of plain) {
      const squeezed = batch.map((piece) => {
        const { bytes, crc: own } = this.#squeezed(piece);
        crc = joinedCrc(crc, own, piece.length);
        size += piece.length;
        return bytes;
      });
      if (isFirst) squeezed.unshift(Uint8Array.from(HEADER));
      isFirst = false;
      yield squeezed;
    }
    const end = new DataView(new ArrayBuffer(LAST_BLOCK.length + 8));
    LAST_BLOCK.forEach((byte, i) => end.setUint8(i, byte));
    end.setUint32(LAST_BLOCK.length, crc, true);
    end.setUint32(LAST_BLOCK.length + 4, size % 2 ** 32, true);
    const tail = new Uint8Array(end.buffer);
    yield isFirst ? [Uint8Array.from(HEADER), tail] : [tail];
  }

  #squeezed(piece: Bytes): Squeezed {
    const known = this.#known.get(piece);
    if (known !== undefined && known.bytes.length > 0) return known;
    const squeezed = {
      bytes: this.#deflate.piece(piece),
      crc: this.#deflate.crc32(piece),
    };
    this.#known.set(piece, squeezed);
    return squeezed;
  }
}
