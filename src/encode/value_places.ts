/**
 * Where the values stand in a piece of text, so that they can be written anew
 * without the rest.
 *
 * - An encoder marks each value as it writes it. When it is told to patch, it
 *   writes nothing but values, each into its old place in a copy of the text.
 * - Of the old text nothing is written over: who holds it, keeps it.
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

  #old = NOTHING;
  /**
   * The new text, in a buffer that is used again; in its second half the old
   * one, once bytes are moved: moving them within one buffer is quickest.
   */
  #text: Bytes = new Uint8Array(32_768);
  #half = this.#text.length / 2;
  #hasOld = false;
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

  /** From here on values are written into a copy of `old`, at `places`. */
  patch(old: Bytes, places: Uint32Array): void {
    this.isPatching = true;
    this.next = 0;
    this.#old = old;
    this.#hasOld = false;
    while (old.length > this.#half) this.#grow();
    this.#text.set(old);
    this.#places = places;
    this.#moved = this.#read = this.#shift = 0;
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
    const width = isShort ? widthOf(value) : 0;
    if (width === to - from && hasDigits(old, to, value)) return;
    if (this.#shift !== 0) this.#follow(index, from);
    this.#moved = index + 1;
    this.#read = to;
    const at = from + this.#shift;
    let size = width;
    if (isShort) {
      while (at + size > this.#half) this.#grow();
      writeDigits(this.#text, at + size, value);
    } else {
      const digits = numberText(value);
      size = digits.length;
      while (at + size > this.#half) this.#grow();
      const text = this.#text;
      for (let i = 0; i < size; i++) text[at + i] = digits.charCodeAt(i);
    }
    this.#shift += size - (to - from);
  }

  /**
   * The text with all its new values; its places are up to date as well. It
   * goes into `spare`, if that is given and has room for it.
   */
  patched(spare?: ArrayBuffer): Bytes {
    this.isPatching = false;
    const size = this.#old.length;
    if (this.#shift !== 0) this.#follow(this.#places.length, size);
    this.#old = NOTHING;
    const length = size + this.#shift;
    if (spare === undefined) return this.#text.slice(0, length);
    const room = spare.byteLength < length
      ? new ArrayBuffer(length + SLACK)
      : spare;
    const text = new Uint8Array(room, 0, length);
    text.set(this.#text.subarray(0, length));
    return text;
  }

  /** Brings the old text up to `from` after what has been written. */
  #follow(index: number, from: number): void {
    const shift = this.#shift;
    const places = this.#places;
    for (let i = this.#moved; i < index; i++) places[i]! += shift;
    if (index < places.length) places[index]! += shift;
    const size = from - this.#read;
    const at = this.#read + shift;
    while (at + size > this.#half) this.#grow();
    if (!this.#hasOld) this.#text.set(this.#old, this.#half);
    this.#hasOld = true;
    const source = this.#half + this.#read;
    // Not a byte more than that: once nothing is shifted any longer, what
    // follows is already in its place.
    this.#text.copyWithin(at, source, source + size);
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#text.length);
    larger.set(this.#text);
    if (this.#hasOld) larger.set(this.#old, this.#text.length);
    this.#half = this.#text.length;
    this.#text = larger;
  }
}
