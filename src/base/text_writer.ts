/**
 * The writer of text formats, and pieces of text that are written repeatedly.
 *
 * There are two implementations: `ByteWriter` is faster in a loop that the
 * compiler has optimised, `StringWriter` in one that it has not.
 */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Appends text to an exposition. */
export interface TextWriter {
  /**
   * The current position, for `repeat`, `piece` and `rollback`; grows with each
   * write. The unit is up to the writer: bytes or writes.
   */
  readonly length: number;
  /** Appends a character by its ASCII code. */
  byte(code: number): void;
  /** Appends two characters by their ASCII codes. */
  bytes(first: number, second: number): void;
  /** Appends ASCII text. */
  ascii(text: string): void;
  /** Appends any text; a lone surrogate becomes U+FFFD. */
  utf8(text: string): void;
  /**
   * Appends any text and escapes backslashes, line feeds and, if `quotes`, double
   * quotes: `\\`, `\n`, `\"`.
   */
  escaped(text: string, quotes: boolean): void;
  /** Appends a sample value; see `numberText`. */
  number(value: number): void;
  /** Appends a fragment. */
  copy(fragment: Fragment): void;
  /** Appends what was written from the position `from` up to `to` again. */
  repeat(from: number, to: number): void;
  /** Returns what was written since the position `from`. */
  piece(from: number): Fragment;
  /** Drops everything written since the position `mark`. */
  rollback(mark: number): void;
}

/**
 * Text that is written repeatedly. Each of its forms is made when it is first
 * read.
 */
export class Fragment {
  #text: string | undefined;
  #bytes: Uint8Array | undefined;
  #words: Uint32Array | undefined;

  /** `content` is text, or its bytes in UTF-8. */
  constructor(content: string | Uint8Array) {
    if (typeof content === "string") this.#text = content.toWellFormed();
    else this.#bytes = content;
  }

  /** The text. */
  get text(): string {
    return this.#text ??= DECODER.decode(this.#bytes);
  }

  /** The text as UTF-8. */
  get bytes(): Uint8Array {
    return this.#bytes ??= ENCODER.encode(this.#text);
  }

  /** The bytes as padded words in little-endian order. */
  get words(): Uint32Array {
    return this.#words ??= wordsOf(this.bytes);
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  for (let i = 0; i < bytes.length; i++) {
    words[i >> 2]! |= bytes[i]! << 8 * (i & 3);
  }
  return words;
}

/** Creates a fragment from text, or from bytes in UTF-8. */
export function fragment(content: string | Uint8Array): Fragment {
  return new Fragment(content);
}
