/** Synchronous compression of single pages, which web streams do not offer. */
import { builtin } from "./builtin.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Takes half the time of the default level, for a third more bytes. */
const LEVEL = 2;

/** Size of the output buffer in bytes: each call allocates one and drops it. */
const CHUNK = 8192;

/** Compresses pages independently of each other. */
export interface Deflate {
  /**
   * Compresses `bytes` to raw deflate blocks that end on a whole byte, refer to
   * nothing before them, and are not the end of a stream. Never empty; the
   * buffer of the result holds nothing else.
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

/** Returns compression by `node:zlib`; undefined if that or its CRC is missing. */
export function zlibDeflate(): Deflate | undefined {
  const zlib = builtin<Zlib>("node:zlib");
  if (zlib?.crc32 === undefined) return undefined;
  const { crc32 } = zlib;
  const finishFlush = zlib.constants.Z_SYNC_FLUSH;
  const options = { level: LEVEL, finishFlush, chunkSize: CHUNK };
  return {
    // Copied: some runtimes return the beginning of a larger buffer, which would
    // stay in memory for as long as the page does.
    compress: (bytes) => new Uint8Array(zlib.deflateRawSync(bytes, options)),
    crc32: (bytes) => crc32(bytes),
  };
}
