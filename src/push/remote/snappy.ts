/**
 * Compression in the block format of Snappy, which remote write requires.
 *
 * Source: google/snappy, "format_description.txt". The plain length comes first,
 * as a varint. Literals and copies follow; the low two bits of the first byte of
 * each element say which of them it is. A copy repeats up to 64 bytes from at
 * most 65 535 bytes back.
 */

/** Copies do not reach back over the start of a block. */
const BLOCK = 2 ** 16;
const HASH_BITS = 14;
/** Copies shorter than this are not worth their own bytes. */
const MIN_MATCH = 4;

/** Compresses `plain`; cost: linear, and memory for 7/6 of its length. */
export function snappy(plain: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Elements(plain);
  const table = new Uint16Array(2 ** HASH_BITS);
  for (let from = 0; from < plain.length; from += BLOCK) {
    table.fill(0);
    compressBlock(
      plain,
      from,
      Math.min(from + BLOCK, plain.length),
      table,
      out,
    );
  }
  return out.finish();
}

/** Compresses the bytes from `from` up to, not including, `to`. */
function compressBlock(
  plain: Uint8Array,
  from: number,
  to: number,
  table: Uint16Array,
  out: Elements,
): void {
  let literal = from;
  let at = from;
  /** Grows by one for each miss: the search strides through incompressible data. */
  let misses = 32;
  while (at + MIN_MATCH <= to) {
    const word = wordAt(plain, at);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
    // Unused slots are 0, the start of the block, which is as good a candidate.
    const candidate = from + table[slot]!;
    table[slot] = at - from;
    if (candidate === at || wordAt(plain, candidate) !== word) {
      at += misses++ >> 5;
      continue;
    }
    let end = at + MIN_MATCH;
    const offset = at - candidate;
    while (end < to && plain[end] === plain[end - offset]) end++;
    out.literal(literal, at);
    out.copy(offset, end - at);
    literal = at = end;
    misses = 32;
  }
  out.literal(literal, to);
}

/** Returns four bytes as a number. */
function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24;
}

/** Writes the elements of the format. */
class Elements {
  readonly #plain: Uint8Array;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(plain: Uint8Array) {
    this.#plain = plain;
    // The worst case: literals of 60 bytes, each followed by a copy of 4 bytes.
    this.#bytes = new Uint8Array(
      32 + plain.length + Math.ceil(plain.length / 6),
    );
    let rest = plain.length;
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      this.#byte(rest % 128 + 128);
    }
    this.#byte(rest);
  }

  /** Returns a copy of the elements: the buffer is larger. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Writes the plain bytes from `from` up to, not including, `to`. */
  literal(from: number, to: number): void {
    if (from === to) return;
    const last = to - from - 1;
    if (last < 60) this.#byte(last << 2);
    else if (last < 256) {
      this.#byte(60 << 2);
      this.#byte(last);
    } else {
      this.#byte(61 << 2);
      this.#byte(last & 255);
      this.#byte(last >> 8); // no literal is longer than a block
    }
    this.#bytes.set(this.#plain.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Repeats `length` bytes from `offset` bytes before. */
  copy(offset: number, length: number): void {
    let rest = length;
    for (; rest >= 64 + MIN_MATCH; rest -= 64) this.#longCopy(offset, 64);
    if (rest > 64) { // leaves enough for a short copy
      this.#longCopy(offset, 60);
      rest -= 60;
    }
    if (rest > 11 || offset >= 2048) return this.#longCopy(offset, rest);
    this.#byte(1 | (rest - 4) << 2 | offset >> 8 << 5);
    this.#byte(offset & 255);
  }

  #longCopy(offset: number, length: number): void {
    this.#byte(2 | (length - 1) << 2);
    this.#byte(offset & 255);
    this.#byte(offset >> 8);
  }

  #byte(value: number): void {
    this.#bytes[this.#length++] = value;
  }
}
