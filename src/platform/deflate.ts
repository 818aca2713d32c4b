/** Synchronous compression of pages, which web streams do not offer. */
import { builtin } from "./builtin.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The compression level: half the time of the default, a third more bytes. */
const LEVEL = 2;

/** Size of the output buffer, in bytes; each call allocates a new one. */
const CHUNK = 8192;

/** Compresses pages independently of each other. */
export interface Deflate {
  /**
   * Compresses `bytes` to raw deflate blocks that end on a byte boundary, refer
   * to no earlier bytes and do not end the stream. The result is never empty,
   * and is alone in its buffer.
   */
  compress(bytes: Bytes): Bytes;
  /** Returns the CRC-32 of `bytes` as gzip computes it. */
  crc32(bytes: Bytes): number;
}

interface Zlib {
  deflateRawSync(bytes: Bytes, options: object): Bytes;
  crc32?(bytes: Bytes): number;
  readonly constants: { readonly Z_SYNC_FLUSH: number };
}

/** Returns compression by `node:zlib`; undefined without it or its `crc32`. */
export function zlibDeflate(): Deflate | undefined {
  const zlib = builtin<Zlib>("node:zlib");
  if (zlib?.crc32 === undefined) return undefined;
  const { crc32 } = zlib;
  const finishFlush = zlib.constants.Z_SYNC_FLUSH;
  const options = { level: LEVEL, finishFlush, chunkSize: CHUNK };
  return {
    // Copied: some runtimes return the start of a larger buffer, which would
    // otherwise stay in memory as long as the page.
    compress: (bytes) => new Uint8Array(zlib.deflateRawSync(bytes, options)),
    crc32: (bytes) => crc32(bytes),
  };
}
