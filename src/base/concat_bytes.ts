/** Concatenation of byte arrays. */

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Concatenates `pieces` into the beginning of `room`, or into a new buffer if
 * they do not fit there.
 */
export function concatBytes(pieces: readonly Bytes[], room?: Bytes): Bytes {
  let size = 0;
  for (const { length } of pieces) size += length;
  const whole = room !== undefined && size <= room.length
    ? room.subarray(0, size)
    : new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
