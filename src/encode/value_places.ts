/**
 * Where the values stand in a piece of text, so that they can be written anew
 * without the rest.
 *
 * - An encoder marks each value as it writes it. When it is told to patch, it
 *   writes nothing but values, each into its old place in a copy of the text.
 * - Of the old text nothing is written over, unless it is said to be ours: who
 *   holds it, keeps it.
 * - It knows no lines: a value ends where a blank or a line feed stands.
 */
import {
  hasDigits,
  isShortWhole,
  numberText,
  widthOf,
  writeDigits,
} from "../base/internal.ts";

const BLANK = 0x20;

/** Room for values that become longer, where a text is written over. */
const SLACK = 64;

type Bytes = Uint8Array<ArrayBuffer>;

const NOTHING: Bytes = new Uint8Array(0);

/** The places of values in one text, which is written or patched. */
export class ValuePlaces {
  /** Whether values go into their old places, and nothing else is written. */
  isPatching = false;
  /** Which value comes next. */
  next = 0;

  /** Marks of the text that is being written. */
  #marks: Uint32Array = new Uint32Array(256);
  /** Where the text begins in its writer. */
  #origin = 0;

  /** What is read. */
  #old = NOTHING;
  /** Whether it may be written over. */
  #isOurs = false;
  /** What is written: a copy of the old text, or that itself; or the desk. */
  #text = NOTHING;
  /**
   * Where a text is put together whose values become longer or shorter, from
   * the old one in its second half: moving bytes within one buffer is quickest.
   */
  #desk: Bytes = new Uint8Array(32_768);
  /** Whether a value of this text, or else of the one before, had another width. */
  #isMoving = false;
  /** By value: where it stands; of the old text, then of the new one. */
  #places: Uint32Array = this.#marks;
  /** The places up to here are those of the new text. */
  #moved = 0;
  /** Up to here the old text is in the new one, on the desk. */
  #read = 0;
  /** How much farther on it stands there. */
  #shift = 0;

  /** A text begins at `origin` of its writer. */
  begin(origin: number): void {
    this.isPatching = false;
    this.#origin = origin;
    this.next = 0;
  }

  /** The next value is written at `at` of the writer. */
  mark(at: number): void {
    if (this.next === this.#marks.length) {
      const more = new Uint32Array(2 * this.next);
      more.set(this.#marks);
      this.#marks = more;
    }
    this.#marks[this.next++] = at - this.#origin;
  }

  /** The places of all values since `begin`. */
  marked(): Uint32Array {
    return this.#marks.slice(0, this.next);
  }

  /**
   * From here on values are written at `places`, into a copy of `old`, or into
   * its own buffer if that `isOurs`.
   */
  patch(old: Bytes, places: Uint32Array, isOurs = false): void {
    this.isPatching = true;
    this.next = 0;
    this.#old = old;
    this.#isOurs = isOurs;
    this.#places = places;
    this.#moved = this.#read = this.#shift = 0;
    // Texts whose values have moved once do it again, as a rule.
    if (this.#isMoving) this.#lay(old);
    // This way, the memory need not be cleared first.
    else this.#text = isOurs ? old : new Uint8Array(old);
    this.#isMoving = false;
  }

  /** Writes a value in the place of the old one; nothing past the last one. */
  put(value: number): void {
    const index = this.next++;
    const places = this.#places;
    if (index >= places.length) return;
    const from = places[index]!;
    const old = this.#old;
    let to = from;
    while (old[to]! > BLANK) to++;
    const isShort = isShortWhole(value);
    const digits = isShort ? "" : numberText(value);
    const size = isShort ? widthOf(value) : digits.length;
    if (size !== to - from) {
      if (this.#text !== this.#desk) this.#lay(this.#text);
      this.#isMoving = true;
    } else if (isShort && hasDigits(old, to, value)) return;
    if (this.#text === this.#desk) this.#follow(index, from, size);
    this.#read = to;
    const at = from + this.#shift;
    const text = this.#text;
    if (isShort) writeDigits(text, at + size, value);
    else for (let i = 0; i < size; i++) text[at + i] = digits.charCodeAt(i);
    this.#shift += size - (to - from);
  }

  /** The text with all its new values; its places are up to date as well. */
  patched(): Bytes {
    this.isPatching = false;
    const old = this.#old;
    if (this.#text !== this.#desk) return this.#text;
    this.#follow(this.#places.length - 1, old.length, 0);
    const length = old.length + this.#shift;
    const written = this.#text.subarray(0, length);
    if (!this.#isOurs) return new Uint8Array(written);
    const room = old.buffer.byteLength < length
      ? new ArrayBuffer(length + SLACK)
      : old.buffer;
    const body = new Uint8Array(room, 0, length);
    body.set(written);
    return body;
  }

  /** Goes on with `text` on the desk. */
  #lay(text: Bytes): void {
    const half = this.#reserve(text.length);
    this.#text = this.#desk;
    this.#text.set(text, half);
    this.#text.copyWithin(0, half, half + this.#read);
  }

  /**
   * Brings the old text up to `from`, where the value `index` stands or all of
   * it ends, after what has been written; there is room for `size` bytes then.
   */
  #follow(index: number, from: number, size: number): void {
    const shift = this.#shift;
    const places = this.#places;
    for (let i = this.#moved; i <= index; i++) places[i]! += shift;
    this.#moved = index + 1;
    const half = this.#reserve(from + shift + size);
    const read = this.#read;
    this.#text.copyWithin(read + shift, half + read, half + from);
  }

  /**
   * Room for so many bytes in each half of the desk, on which the text is then.
   *
   * @returns Where its second half begins.
   */
  #reserve(size: number): number {
    const desk = this.#desk;
    const half = desk.length / 2;
    if (size <= half) return half;
    const larger = new Uint8Array(4 * size);
    larger.set(desk.subarray(0, half));
    larger.set(desk.subarray(half), 2 * size);
    this.#text = this.#desk = larger;
    return 2 * size;
  }
}
