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

/** Text that is written repeatedly, made by `fragment`. */
export interface Fragment {
  /** The text; undefined until a writer of strings needs it. */
  text: string | undefined;
  /** The text as UTF-8; undefined until a writer of bytes needs it. */
  bytes: Uint8Array | undefined;
  /** The bytes as padded words in little-endian order; set with `bytes`. */
  words: Uint32Array;
}

const NO_WORDS: Uint32Array = new Uint32Array(0);

/** Creates a fragment from text, or from bytes in UTF-8. */
export function fragment(content: string | Uint8Array): Fragment {
  return typeof content === "string"
    ? { text: content.toWellFormed(), bytes: undefined, words: NO_WORDS }
    : { text: undefined, bytes: content, words: wordsOf(content) };
}

/** Returns the bytes of a fragment; sets `words`, too. */
export function bytesOf(fragment: Fragment): Uint8Array {
  const bytes = fragment.bytes ?? ENCODER.encode(fragment.text);
  if (fragment.bytes === undefined) {
    fragment.bytes = bytes;
    fragment.words = wordsOf(bytes);
  }
  return bytes;
}

/** Returns the text of a fragment. */
export function textOf(fragment: Fragment): string {
  return fragment.text ??= DECODER.decode(fragment.bytes);
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  for (let i = 0; i < bytes.length; i++) {
    words[i >> 2]! |= bytes[i]! << 8 * (i & 3);
  }
  return words;
}
