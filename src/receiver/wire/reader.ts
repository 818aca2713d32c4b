/**
 * Reads the wire format of protocol buffers, within bounds.
 *
 * Everything that is no protobuf is a `MalformedError`: a value that ends beyond
 * its message, a varint of more than ten bytes, a field number of 0, a group that
 * is not closed or is nested too deeply.
 */

/** The error of a body that cannot be read; the message is for its sender. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** The wire types of protobuf. */
export const VARINT = 0;
export const FIXED_64 = 1;
export const LENGTH = 2;
const GROUP = 3;
const END_GROUP = 4;
const FIXED_32 = 5;

/** The maximum depth of nested messages and groups. */
export const MAX_DEPTH = 32;

const TWO_TO_32 = 2 ** 32;

/** The maximum size of a text that is remembered. */
const MAX_SHORT = 64;

/** The number of texts that are remembered, a power of two. */
const TEXTS = 1024;

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

/** A position in the bytes of a message. */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Short texts that were read before, by their hash. */
  readonly #texts = Array<string>(TEXTS).fill("");
  #at = 0;
  /** The end of the message that is being read. */
  #end: number;
  /** The lower and upper half of the last varint, unsigned. */
  #low = 0;
  #high = 0;

  /** Begins at the first of `bytes`. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
  }

  /** Whether the message that is being read has no further field. */
  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Reads the number and the wire type of a field: `number << 3 | type`. */
  tag(): number {
    this.#varint();
    const type = this.#low & 7;
    if (this.#high !== 0 || this.#low < 8 || type > FIXED_32) {
      throw new MalformedError(
        "it is not protobuf: a field has no legal number",
      );
    }
    return this.#low;
  }

  /** Begins a value with a length; pass the result to `leave`. */
  enter(): number {
    const size = this.unsigned();
    const outer = this.#end;
    if (!(size <= outer - this.#at)) throw truncated();
    this.#end = this.#at + size;
    return outer;
  }

  /** Ends a value with a length, which must have been read up to its end. */
  leave(outer: number): void {
    this.#end = outer;
  }

  /** Reads an unsigned varint; rounded beyond 2^53. */
  unsigned(): number {
    this.#varint();
    return this.#high * TWO_TO_32 + this.#low;
  }

  /** Reads a varint as two's complement of 64 bits; exact beyond 2^53 too. */
  int64(): number | bigint {
    this.#varint();
    const high = this.#high | 0;
    const value = high * TWO_TO_32 + this.#low;
    if (Number.isSafeInteger(value)) return value;
    return (BigInt(high) << 32n) + BigInt(this.#low);
  }

  /** Reads a varint as an integer of 32 bits. */
  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** Reads a varint as a signed integer of 32 bits in zigzag form. */
  sint32(): number {
    this.#varint();
    return this.#low >>> 1 ^ -(this.#low & 1);
  }

  /** Reads a boolean. */
  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /** Reads eight bytes as an unsigned integer; rounded beyond 2^53. */
  fixed64(): number {
    const at = this.#skip(8);
    const low = this.#view.getUint32(at, true);
    return this.#view.getUint32(at + 4, true) * TWO_TO_32 + low;
  }

  /** Reads eight bytes as a signed integer; rounded beyond 2^53. */
  sfixed64(): number {
    const at = this.#skip(8);
    const low = this.#view.getUint32(at, true);
    return this.#view.getInt32(at + 4, true) * TWO_TO_32 + low;
  }

  /** Reads a double. */
  double(): number {
    return this.#view.getFloat64(this.#skip(8), true);
  }

  /** Reads the rest of a value with a length as text. */
  text(): string {
    const size = this.#end - this.#at;
    return size <= MAX_SHORT && this.#isAscii(size)
      ? this.#shortText(size)
      : decoder.decode(this.bytes());
  }

  /** Returns the rest of a value with a length; valid as long as the body. */
  bytes(): Uint8Array {
    const from = this.#at;
    this.#at = this.#end;
    return this.#bytes.subarray(from, this.#end);
  }

  /** Skips the value of a field that nobody knows; groups with all they hold. */
  skip(tag: number, depth = 0): void {
    const type = tag & 7;
    if (type === VARINT) this.#varint();
    else if (type === FIXED_64) this.#skip(8);
    else if (type === FIXED_32) this.#skip(4);
    else if (type === LENGTH) this.#skip(this.unsigned());
    else if (type === GROUP) this.#skipGroup(tag >>> 3, depth + 1);
    else throw new MalformedError("it is not protobuf: a group ends unopened");
  }

  #skipGroup(number: number, depth: number): void {
    if (depth > MAX_DEPTH) throw tooDeep();
    while (!this.isAtEnd) {
      const tag = this.tag();
      if ((tag & 7) !== END_GROUP) this.skip(tag, depth);
      else if (tag >>> 3 === number) return;
      else break;
    }
    throw new MalformedError("it is not protobuf: a group is not closed");
  }

  #isAscii(size: number): boolean {
    for (let i = 0; i < size; i++) {
      if (this.#bytes[this.#at + i]! > 127) return false;
    }
    return true;
  }

  /** Reads short ASCII text: the keys of attributes come again and again. */
  #shortText(size: number): string {
    const bytes = this.#bytes;
    const from = this.#at;
    this.#at = from + size;
    let hash = size;
    for (let i = 0; i < size; i++) hash = hash * 31 + bytes[from + i]! | 0;
    const slot = hash & TEXTS - 1;
    const known = this.#texts[slot]!;
    let same = known.length === size ? 0 : -1;
    while (same >= 0 && same < size) {
      same = known.charCodeAt(same) === bytes[from + same] ? same + 1 : -1;
    }
    if (same >= 0) return known;
    const text = decoder.decode(bytes.subarray(from, from + size));
    return this.#texts[slot] = text;
  }

  /** Returns the position of the next `size` bytes, and goes on behind them. */
  #skip(size: number): number {
    const at = this.#at;
    if (!(size <= this.#end - at)) throw truncated();
    this.#at = at + size;
    return at;
  }

  #varint(): void {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw truncated();
      const byte = bytes[this.#at++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << shift - 32;
      else high |= bits << 31;
      if (byte < 128) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new MalformedError("it is not protobuf: a number has over ten bytes");
  }
}

/** Returns the error of messages that are nested too deeply. */
export function tooDeep(): MalformedError {
  return new MalformedError(`it is nested more than ${MAX_DEPTH} levels deep`);
}

function truncated(): MalformedError {
  return new MalformedError(
    "it is not protobuf: a field ends beyond its message",
  );
}
