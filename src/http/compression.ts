/**
 * The compressions that the runtime has.
 *
 * Brotli is none of them: at the one level that streams have, it costs seconds
 * of a processor for a body that is read once.
 */
import type { Coding } from "./accept_encoding.ts";

/** The fastest first. HTTP and `CompressionStream` agree on these names. */
const CODINGS: readonly Coding[] = ["zstd", "gzip", "deflate"];

/** The codings that can be had, the best one first. */
export function availableCodings(): readonly Coding[] {
  return CODINGS.filter((coding) => {
    try {
      compressor(coding);
      return true;
    } catch {
      return false; // unknown here, or an old runtime without streams of it
    }
  });
}

/** A stream that compresses what goes through it. */
export function compressor(coding: Coding): CompressionStream {
  return new CompressionStream(coding as CompressionFormat);
}

/** The whole of `bytes`, compressed. */
export async function compressed(
  bytes: Uint8Array<ArrayBuffer>,
  coding: Coding,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(compressor(coding));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
