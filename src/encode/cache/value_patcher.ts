/**
 * Rewrites the values of a page in place, without the rest of its text.
 *
 * - An encoder marks the position of each value that it writes. When a page is
 *   patched, the encoder writes only values, in the same order.
 * - The old bytes are overwritten only if the caller owns them; otherwise a
 *   copy is patched.
 * - It knows nothing about lines: a value ends at a space or a line feed.
 */
import {
  hasDigits,
  isShortWhole,
  numberText,
  widthOf,
  writeDigits,
} from "../../base/internal.ts";
import type { ValueMarks } from "../format.ts";

const SPACE = 0x20;

/** Spare bytes in the new buffer of an owned page that has grown. */
const SLACK = 64;

type Bytes = Uint8Array<ArrayBuffer>;

const NO_BYTES: Bytes = new Uint8Array(0);

/** Marks the values of one page at a time, and patches them. */
export class ValuePatcher implements ValueMarks {
  /** Whether a page is patched: only its values are written, by `put`. */
  isPatching = false;
  /** The index of the next value. */
  next = 0;

  /** Positions of the values in the page that is being written. */
  #marks: Uint32Array = new Uint32Array(256);
  /** The position in the writer at which the page begins. */
  #origin = 0;

  /** The page before it is patched. */
  #old = NO_BYTES;
  /** Whether `#old` may be overwritten. */
  #isOwned = false;
  /** The patched page: a copy of `#old`, `#old` itself, or the scratch buffer. */
  #text = NO_BYTES;
  /**
   * Scratch buffer for pages whose values change their width. Its second half
   * holds the old page: moving bytes within one buffer is fastest.
   */
  #scratch: Bytes = new Uint8Array(32_768);
  /**
   * Whether a width changed, in this page or the previous one (a hint to start
   * in the scratch buffer).
   */
  #hasMoved = false;
  /** Positions of the values: first in the old page, then in the new one. */
  #positions: Uint32Array = this.#marks;
  /** The number of values whose positions are already updated. */
  #moved = 0;
  /** The number of old bytes that are already copied into the new page. */
  #read = 0;
  /** The distance by which the following bytes move. */
  #shift = 0;

  /** Begins a page at position `origin` of the writer. */
  begin(origin: number): void {
    this.isPatching = false;
    this.#origin = origin;
    this.next = 0;
  }

  /** Records that the next value is written at `position` of the writer. */
  mark(position: number): void {
    if (this.next === this.#marks.length) {
      const larger = new Uint32Array(2 * this.next);
      larger.set(this.#marks);
      this.#marks = larger;
    }
    this.#marks[this.next++] = position - this.#origin;
  }

  /** Returns the positions of all values since `begin`. */
  marked(): Uint32Array {
    return this.#marks.slice(0, this.next);
  }

  /**
   * Begins to patch `old`, whose values are at `positions`. The old bytes are
   * overwritten if `isOwned`, otherwise a copy is patched.
   */
  patch(old: Bytes, positions: Uint32Array, isOwned = false): void {
    this.isPatching = true;
    this.next = 0;
    this.#old = old;
    this.#isOwned = isOwned;
    this.#positions = positions;
    this.#moved = this.#read = this.#shift = 0;
    // If values have moved once, they usually move again.
    if (this.#hasMoved) this.#useScratch(old);
    // The constructor copies without clearing the memory first.
    else this.#text = isOwned ? old : new Uint8Array(old);
    this.#hasMoved = false;
  }

  /** Rewrites the next value; does nothing after the last one. */
  put(value: number): void {
    const index = this.next++;
    const positions = this.#positions;
    if (index >= positions.length) return;
    const from = positions[index]!;
    const old = this.#old;
    let to = from;
    while (old[to]! > SPACE) to++;
    const isShort = isShortWhole(value);
    const digits = isShort ? "" : numberText(value);
    const size = isShort ? widthOf(value) : digits.length;
    if (size !== to - from) {
      if (this.#text !== this.#scratch) this.#useScratch(this.#text);
      this.#hasMoved = true;
    } else if (isShort && hasDigits(old, to, value)) return;
    if (this.#text === this.#scratch) this.#copyUpTo(index, from, size);
    this.#read = to;
    const at = from + this.#shift;
    const text = this.#text;
    if (isShort) writeDigits(text, at + size, value);
    else for (let i = 0; i < size; i++) text[at + i] = digits.charCodeAt(i);
    this.#shift += size - (to - from);
  }

  /**
   * Returns the page with its new values. The array of positions that was passed
   * to `patch` then holds the new positions.
   */
  patched(): Bytes {
    this.isPatching = false;
    const old = this.#old;
    if (this.#text !== this.#scratch) return this.#text;
    this.#copyUpTo(this.#positions.length - 1, old.length, 0);
    const length = old.length + this.#shift;
    const written = this.#text.subarray(0, length);
    if (!this.#isOwned) return new Uint8Array(written);
    const buffer = old.buffer.byteLength < length
      ? new ArrayBuffer(length + SLACK)
      : old.buffer;
    const body = new Uint8Array(buffer, 0, length);
    body.set(written);
    return body;
  }

  /** Continues with `text` in the scratch buffer. */
  #useScratch(text: Bytes): void {
    const half = this.#reserve(text.length);
    this.#text = this.#scratch;
    this.#text.set(text, half);
    this.#text.copyWithin(0, half, half + this.#read);
  }

  /**
   * Copies the old page up to `from`, the position of value `index` or the end,
   * into the new one; leaves room for `size` more bytes.
   */
  #copyUpTo(index: number, from: number, size: number): void {
    const shift = this.#shift;
    const positions = this.#positions;
    for (let i = this.#moved; i <= index; i++) positions[i]! += shift;
    this.#moved = index + 1;
    const half = this.#reserve(from + shift + size);
    const read = this.#read;
    this.#text.copyWithin(read + shift, half + read, half + from);
  }

  /**
   * Makes room for `size` bytes in each half of the scratch buffer. The new page
   * must be in that buffer, or not yet begun.
   *
   * @returns The start of the second half.
   */
  #reserve(size: number): number {
    const scratch = this.#scratch;
    const half = scratch.length / 2;
    if (size <= half) return half;
    const larger = new Uint8Array(4 * size);
    larger.set(scratch.subarray(0, half));
    larger.set(scratch.subarray(half), 2 * size);
    this.#text = this.#scratch = larger;
    return 2 * size;
  }
}
