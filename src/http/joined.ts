/** Pieces of a body, put together. */

type Bytes = Uint8Array<ArrayBuffer>;

/** All of `pieces`, one after the other, in a buffer of their own. */
export function joined(pieces: readonly Bytes[]): Bytes {
  let size = 0;
  for (const { length } of pieces) size += length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
