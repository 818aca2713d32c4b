/**
 * A growable byte buffer that text is written into directly.
 *
 * - Appending allocates only when the buffer doubles.
 * - `rollback` drops everything written since `mark`.
 * - It knows bytes, ASCII, UTF-8 and decimal integers; `encode/` knows the
 *   syntax of a line.
 */

import { isShortWhole, widthOf, writeDigits } from "./digits.ts";
import { numberText } from "./number_text.ts";
import {
  bytesOf,
  type Fragment,
  fragment,
  type TextWriter,
} from "./text_writer.ts";

const ENCODER = new TextEncoder();

/** Bytes up to which a loop beats a call into the runtime (encode_bench). */
const SHORT = 32;

/** Number of characters beyond which the runtime's encoder is faster. */
const MAX_LOOP = 128;

/** Indexed by ASCII code: 1 for characters that must be escaped. */
const IN_HELP = Uint8Array.from(
  { length: 128 },
  (_, code) => code === 0x5c || code === 0x0a ? 1 : 0,
);
const IN_LABELS = IN_HELP.map((flag, code) => code === 0x22 ? 1 : flag);

/** Appends bytes to a buffer that grows by doubling. */
export class ByteWriter implements TextWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  /** A view of the buffer that writes several bytes at once. */
  #view: DataView;
  #length = 0;

  /** `capacity` is the initial size of the buffer, in bytes. */
  constructor(capacity = 4096) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Number of bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends one byte, 0 to 255. */
  byte(value: number): void {
    if (this.#length === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#length++] = value;
  }

  /** Appends ASCII text; truncates all other code units to a byte. */
  ascii(text: string): void {
    const size = text.length;
    let end = this.#length;
    if (end + size > this.#buffer.length) this.#grow(size);
    const buffer = this.#buffer;
    for (let i = 0; i < size; i++) buffer[end++] = text.charCodeAt(i);
    this.#length = end;
  }

  /** Appends any text as UTF-8; a lone surrogate becomes U+FFFD. */
  utf8(text: string): void {
    const max = text.length * 3;
    if (this.#length + max > this.#buffer.length) this.#grow(max);
    const target = this.#buffer.subarray(this.#length);
    this.#length += ENCODER.encodeInto(text, target).written;
  }

  /**
   * Appends text as UTF-8 and escapes backslashes, line feeds and, if `quotes`,
   * double quotes: `\\`, `\n`, `\"`.
   */
  escaped(text: string, quotes: boolean): void {
    const size = text.length;
    let end = this.#length;
    if (size > MAX_LOOP || end + size > this.#buffer.length) {
      return this.#escapedSlowly(text, quotes);
    }
    const buffer = this.#buffer;
    const special = quotes ? IN_LABELS : IN_HELP;
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80 || special[code] === 1) {
        return this.#escapedSlowly(text, quotes);
      }
      buffer[end++] = code;
    }
    this.#length = end; // not earlier: the slow path starts at the old end
  }

  #escapedSlowly(text: string, quotes: boolean): void {
    const special = quotes ? /[\\\n"]/g : /[\\\n]/g;
    this.utf8(text.replace(special, (c) => c === "\n" ? "\\n" : `\\${c}`));
  }

  /** Appends bytes. */
  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#buffer.length) {
      this.#grow(bytes.length);
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a fragment. */
  copy(fragment: Fragment): void {
    const bytes = fragment.bytes ?? bytesOf(fragment);
    const { words } = fragment;
    const end = this.#length;
    // Room for whole words: the last one may extend past the fragment.
    if (end + 4 * words.length > this.#buffer.length) {
      this.#grow(4 * words.length);
    }
    if (bytes.length <= SHORT) {
      const view = this.#view;
      for (let i = 0; i < words.length; i++) {
        view.setUint32(end + 4 * i, words[i]!, true);
      }
    } else {
      this.#buffer.set(bytes, end);
    }
    this.#length = end + bytes.length;
  }

  /** Appends a copy of the bytes from `from` up to, not including, `to`. */
  repeat(from: number, to: number): void {
    const size = to - from;
    const end = this.#length;
    if (end + size + 4 > this.#buffer.length) this.#grow(size + 4);
    if (size <= SHORT) {
      const view = this.#view;
      for (let i = 0; i < size; i += 4) {
        view.setUint32(end + i, view.getUint32(from + i));
      }
    } else {
      this.#buffer.copyWithin(end, from, to);
    }
    this.#length = end + size;
  }

  /** Appends two bytes. */
  bytes(first: number, second: number): void {
    const end = this.#length;
    if (end + 2 > this.#buffer.length) this.#grow(2);
    const buffer = this.#buffer;
    buffer[end] = first;
    buffer[end + 1] = second;
    this.#length = end + 2;
  }

  /** Appends a float64 in little-endian order. */
  float64(value: number): void {
    if (this.#length + 8 > this.#buffer.length) this.#grow(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Moves the bytes from `from` on by `size`, which leaves a gap to fill. */
  makeRoom(from: number, size: number): void {
    const end = this.#length;
    if (end + size > this.#buffer.length) this.#grow(size);
    this.#buffer.copyWithin(from + size, from, end);
    this.#length = end + size;
  }

  /** Appends a sample value; see `numberText`. */
  number(value: number): void {
    if (isShortWhole(value)) this.integer(value);
    else this.ascii(numberText(value));
  }

  /** Appends an integer from 0 to 2^31 - 1 in decimal digits. */
  integer(value: number): void {
    const size = widthOf(value);
    if (this.#length + size > this.#buffer.length) this.#grow(size);
    this.#length += size;
    writeDigits(this.#buffer, this.#length, value);
  }

  /** Returns the current end, for `rollback`. */
  mark(): number {
    return this.#length;
  }

  /** Drops everything written since `mark`. */
  rollback(mark: number): void {
    this.#length = mark;
  }

  /** Overwrites the byte at index `at`. */
  replace(at: number, value: number): void {
    this.#buffer[at] = value;
  }

  /** Returns a copy of what was written since the position `from`. */
  piece(from: number): Fragment {
    return fragment(this.slice(from));
  }

  /** Returns a copy of the bytes from `from` on. */
  slice(from = 0): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(from, this.#length);
  }

  /** Returns the written bytes and continues with a new, empty buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = new Uint8Array(Math.min(this.#buffer.length, 65536));
    this.#view = new DataView(this.#buffer.buffer);
    this.#length = 0;
    return bytes;
  }

  #grow(size: number): void {
    const min = this.#length + size;
    const larger = new Uint8Array(Math.max(min, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}
