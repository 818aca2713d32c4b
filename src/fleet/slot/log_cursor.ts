/**
 * Reads the lines of a log, character by character: a new member reads as many as
 * all members have series, before it answers.
 */
import { MAX_SECONDS } from "../../model/internal.ts";
import { isCount, SlotFault } from "./slot_format.ts";

/** The first character of a line. */
export const FAMILY = 70; // F
export const ROW = 82; // R
export const TOMBSTONE = 84; // T

const TAB = 9;
const LINE_END = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;

/** A place in the text of a log. All methods go on behind what they return. */
export class LogCursor {
  readonly #text: string;
  /** The code units of the text: quicker to read than those of a string. */
  readonly #codes: Uint8Array | Uint16Array;
  #at = 0;

  /** `bytes` are the text in UTF-8. */
  constructor(text: string, bytes: Uint8Array) {
    this.#text = text;
    this.#codes = bytes.length === text.length ? bytes : codesOf(text);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Returns the type of the line that begins here. */
  type(): number {
    return this.#codes[this.#at++]!;
  }

  /** Returns the rest of the line. */
  rest(): string {
    return this.#upTo("\n");
  }

  /** Returns a whole number, which ends at a tab. */
  count(): number {
    const codes = this.#codes;
    const from = this.#at;
    let at = from;
    let value = 0;
    let code = codes[at]!;
    for (; isDigit(code); code = codes[++at]!) {
      value = 10 * value + code - ZERO;
    }
    const isLegal = code === TAB && at > from && isCount(value) &&
      (at === from + 1 || codes[from]! !== ZERO);
    if (!isLegal) corrupt();
    this.#at = at + 1;
    return value;
  }

  /** Returns a number of seconds, which ends at a tab. */
  seconds(): number {
    const text = this.#upTo("\t");
    const value = Number(text);
    const isLegal = value >= 0 && value <= MAX_SECONDS && text !== "";
    return isLegal ? value : corrupt();
  }

  /**
   * Returns the JSON of labels, which end the line. They must be as
   * `JSON.stringify()` writes them, so that equal labels have equal texts.
   */
  labels(length: number): string {
    const text = this.#text;
    const from = this.#at;
    const at = this.#endOfPlain(length);
    if (at < 0 || this.#codes[at] !== LINE_END) {
      const labels = this.rest();
      checkLabels(labels, length);
      return labels;
    }
    this.#at = at + 1;
    return text.slice(from, at);
  }

  /** Returns the end of a list of texts without escapes; -1: it is none. */
  #endOfPlain(length: number): number {
    const codes = this.#codes;
    let at = this.#at;
    if (codes[at++]! !== OPEN) return -1;
    for (let i = 0; i < length; i++) {
      if (i > 0 && codes[at++]! !== COMMA) return -1;
      if (codes[at++]! !== QUOTE) return -1;
      let code = codes[at++]!;
      while (code !== QUOTE) {
        if (!(code >= SPACE) || code === BACKSLASH) return -1;
        code = codes[at++]!;
      }
    }
    return codes[at]! === CLOSE ? at + 1 : -1;
  }

  #upTo(end: string): string {
    const to = this.#text.indexOf(end, this.#at);
    if (to < 0) corrupt();
    const part = this.#text.slice(this.#at, to);
    this.#at = to + 1;
    return part;
  }
}

function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let i = 0; i < codes.length; i++) codes[i] = text.charCodeAt(i);
  return codes;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}

function checkLabels(text: string, length: number): void {
  const values = jsonFrom(text);
  const isLegal = isTexts(values) && values.length === length &&
    JSON.stringify(values) === text;
  if (!isLegal) corrupt();
}

/** Returns whether a value is a list of texts. */
export function isTexts(values: unknown): values is string[] {
  return Array.isArray(values) &&
    values.every((value) => typeof value === "string");
}

/** Parses JSON of which nothing is known. */
export function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return corrupt();
  }
}

/** Ends the reading of a slot. */
export function corrupt(): never {
  throw new SlotFault("corrupt");
}
