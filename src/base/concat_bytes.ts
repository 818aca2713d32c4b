/** Pieces of bytes, put together. */

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * All of `pieces`, one after the other, in a buffer of their own, or at the
 * beginning of `room`, if that has enough.
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
