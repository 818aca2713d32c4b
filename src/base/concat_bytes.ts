/** Concatenation of byte arrays. */

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Concatenates `chunks` at the start of `buffer`, or in a new buffer if they do
 * not fit. Returns the filled part of the buffer.
 */
export function concatBytes(chunks: readonly Bytes[], buffer?: Bytes): Bytes {
  let size = 0;
  for (const { length } of chunks) size += length;
  const result = buffer !== undefined && size <= buffer.length
    ? buffer.subarray(0, size)
    : new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}
