/**
 * Rewrites the values of a text without encoding its names and labels again.
 *
 * The text is kept in segments: what stands before each value, and what follows
 * the last one. When a text is patched, the encoder writes only values, in the
 * same order. The counterpart for bytes is `ValuePatcher`.
 */
import { numberText, type StringWriter } from "../../base/internal.ts";
import type { ValueMarks } from "../format.ts";

/** A text without its values. */
export interface Segments {
  /** The parts that are not values; one more than there are values. */
  readonly parts: readonly string[];
  /** By row of the text: the index of its first value; one more at the end. */
  readonly firsts: readonly number[];
}

const NOTHING: Segments = { parts: [""], firsts: [0] };

/** Splits texts at their values, and patches them; one text at a time. */
export class TextPatcher implements ValueMarks {
  isPatching = false;
  /** The positions of the values in the writer. */
  readonly #positions: number[] = [];
  #segments: Segments = NOTHING;
  readonly #pieces: string[] = [];
  #next = 0;

  /** Begins a text that is written. */
  begin(): void {
    this.isPatching = false;
    this.#positions.length = 0;
  }

  /** The index of the next value. */
  get next(): number {
    return this.isPatching ? this.#next : this.#positions.length;
  }

  mark(position: number): void {
    this.#positions.push(position);
  }

  /**
   * Returns the segments of the text in `out`, written since `begin`; `firsts`
   * are the values of `next` before each row and after the last one.
   */
  segmentsOf(out: StringWriter, firsts: readonly number[]): Segments {
    const parts: string[] = [];
    let from = 0;
    for (const position of this.#positions) {
      parts.push(out.textOf(from, position));
      from = position + 1; // a number is one piece
    }
    parts.push(out.textOf(from, out.length));
    return { parts, firsts };
  }

  /** Begins a text with the segments of an older one. */
  patch(segments: Segments): void {
    this.isPatching = true;
    this.#segments = segments;
    this.#pieces.length = 0;
    this.#next = 0;
  }

  put(value: number): void {
    const before = this.#segments.parts[this.#next++];
    if (before !== undefined) this.#pieces.push(before, numberText(value));
  }

  /** Returns the new text; every row must have had as many values as before. */
  patched(): string {
    this.#pieces.push(this.#segments.parts.at(-1)!);
    return this.#pieces.join("");
  }
}
