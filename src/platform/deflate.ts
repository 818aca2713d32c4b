/** Synchronous compression, which web streams do not offer. */
import { builtin } from "./builtin.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The compression level: half the time of the default, a third more bytes. */
const LEVEL = 2;

/** The level of zstd: as fast as the level of deflate, and a fifth smaller. */
const ZSTD_LEVEL = 1;

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

/** The content codings of HTTP that `node:zlib` may have. */
export type ZlibCoding = "zstd" | "gzip" | "deflate";

/** `node:zlib`. Older runtimes lack the optional functions. */
interface Zlib {
  deflateRawSync(bytes: Bytes, options: object): Bytes;
  deflateSync(bytes: Bytes, options: object): Bytes;
  gzipSync(bytes: Bytes, options: object): Bytes;
  zstdCompressSync?(bytes: Bytes, options: object): Bytes;
  crc32?(bytes: Bytes): number;
  readonly constants: {
    readonly Z_SYNC_FLUSH: number;
    readonly ZSTD_c_compressionLevel?: number;
  };
}

/** Returns compression by `node:zlib`; undefined without it or its `crc32`. */
export function zlibDeflate(): Deflate | undefined {
  const zlib = builtin<Zlib>("node:zlib");
  if (zlib?.crc32 === undefined) return undefined;
  const { crc32 } = zlib;
  const finishFlush = zlib.constants.Z_SYNC_FLUSH;
  const options = { level: LEVEL, finishFlush, chunkSize: CHUNK };
  return {
    compress: (bytes) => trimmed(zlib.deflateRawSync(bytes, options)),
    crc32: (bytes) => crc32(bytes),
  };
}

/**
 * Compresses a whole body by `node:zlib`; returns undefined without it or if it
 * does not have the coding.
 */
export function zlibCompress(
  bytes: Bytes,
  coding: ZlibCoding,
): Bytes | undefined {
  const zlib = builtin<Zlib>("node:zlib");
  if (zlib === undefined) return undefined;
  if (coding === "gzip") return trimmed(zlib.gzipSync(bytes, { level: LEVEL }));
  if (coding === "deflate") {
    return trimmed(zlib.deflateSync(bytes, { level: LEVEL }));
  }
  const { zstdCompressSync, constants: { ZSTD_c_compressionLevel } } = zlib;
  if (zstdCompressSync === undefined || ZSTD_c_compressionLevel === undefined) {
    return undefined;
  }
  const params = { [ZSTD_c_compressionLevel]: ZSTD_LEVEL };
  return trimmed(zstdCompressSync(bytes, { params }));
}

/**
 * Returns a copy: some runtimes return the start of a larger buffer, which would
 * otherwise stay in memory as long as the bytes.
 */
function trimmed(bytes: Bytes): Bytes {
  return new Uint8Array(bytes);
}
