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
} from "../base/mod.ts";

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
   * Where a text is put together whose values become longer or shorter; in the
   * second half of it stands the old one, once bytes are moved: moving them
   * within one buffer is quickest.
   */
  #desk: Bytes = new Uint8Array(32_768);
  #half = this.#desk.length / 2;
  #hasOld = false;
  /** Whether a value of this text, or else of the one before, had another width. */
  #isMoving = false;
  /** By value: where it stands; of the old text, then of the new one. */
  #places: Uint32Array = this.#marks;
  /** The places up to here are those of the new text. */
  #moved = 0;
  /** Up to here the old text is in the new one. */
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
    this.#hasOld = false;
    this.#places = places;
    this.#moved = this.#read = this.#shift = 0;
    // Texts whose values have moved once do it again, as a rule.
    const isMoving = this.#isMoving;
    this.#isMoving = false;
    if (isMoving) this.#lay(old);
    // This way, the memory need not be cleared first.
    else this.#text = isOurs ? old : new Uint8Array(old);
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
    if (this.#shift !== 0) this.#follow(index, from);
    this.#moved = index + 1;
    this.#read = to;
    const at = from + this.#shift;
    if (this.#isMoving) this.#reserve(at + size);
    const text = this.#text;
    if (isShort) writeDigits(text, at + size, value);
    else for (let i = 0; i < size; i++) text[at + i] = digits.charCodeAt(i);
    this.#shift += size - (to - from);
  }

  /** The text with all its new values; its places are up to date as well. */
  patched(): Bytes {
    this.isPatching = false;
    const old = this.#old;
    if (this.#shift !== 0) this.#follow(this.#places.length, old.length);
    const text = this.#text;
    this.#old = this.#text = NOTHING;
    if (text !== this.#desk) return text;
    const length = old.length + this.#shift;
    const written = text.subarray(0, length);
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
    this.#reserve(text.length);
    this.#desk.set(text);
    this.#text = this.#desk;
  }

  /** Brings the old text up to `from` after what has been written. */
  #follow(index: number, from: number): void {
    const shift = this.#shift;
    const places = this.#places;
    for (let i = this.#moved; i < index; i++) places[i]! += shift;
    if (index < places.length) places[index]! += shift;
    const size = from - this.#read;
    const at = this.#read + shift;
    this.#reserve(at + size);
    if (!this.#hasOld) this.#desk.set(this.#old, this.#half);
    this.#hasOld = true;
    const source = this.#half + this.#read;
    // Not a byte more than that: once nothing is shifted any longer, what
    // follows is already in its place.
    this.#desk.copyWithin(at, source, source + size);
  }

  /** Room on the desk for so many bytes, and for the old text behind them. */
  #reserve(size: number): void {
    if (Math.max(size, this.#old.length) <= this.#half) return;
    const larger = new Uint8Array(4 * Math.max(size, this.#old.length));
    larger.set(this.#desk.subarray(0, this.#half));
    this.#half = larger.length / 2;
    if (this.#hasOld) larger.set(this.#old, this.#half);
    if (this.#text === this.#desk) this.#text = larger;
    this.#desk = larger;
  }
}
