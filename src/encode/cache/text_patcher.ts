/**
 * Rewrites the values of a text without encoding its names and labels again.
 *
 * The text is kept in segments: what stands before each value, and what follows
 * the last one. When a text is patched, the encoder writes only values, in the
 * same order. The counterpart for bytes is `ValuePatcher`.
 */
import { numberText, type StringWriter } from "../../base/internal.ts";
import type { ValueMarks } from "../format.ts";

/** The parts of a text that are not values; one more than there are values. */
export type Segments = readonly string[];

/** Splits texts at their values, and patches them; one text at a time. */
export class TextPatcher implements ValueMarks {
  isPatching = false;
  /** The positions of the values in the writer. */
  readonly #positions: number[] = [];
  #segments: Segments = [];
  readonly #pieces: string[] = [];
  #next = 0;

  /** Begins a text that is written. */
  begin(): void {
    this.isPatching = false;
    this.#positions.length = 0;
  }

  mark(position: number): void {
    this.#positions.push(position);
  }

  /** Returns the segments of the text in `out`, written since `begin`. */
  segmentsOf(out: StringWriter): Segments {
    const segments: string[] = [];
    let from = 0;
    for (const position of this.#positions) {
      segments.push(out.textOf(from, position));
      from = position + 1; // a number is one piece
    }
    segments.push(out.textOf(from, out.length));
    return segments;
  }

  /** Begins a text with the segments of an older one. */
  patch(segments: Segments): void {
    this.isPatching = true;
    this.#segments = segments;
    this.#pieces.length = 0;
    this.#next = 0;
  }

  put(value: number): void {
    this.#pieces.push(this.#segments[this.#next++]!, numberText(value));
  }

  /** Returns the new text; undefined if the number of values has changed. */
  patched(): string | undefined {
    this.isPatching = false;
    const last = this.#segments.length - 1;
    if (this.#next !== last) return undefined;
    this.#pieces.push(this.#segments[last]!);
    return this.#pieces.join("");
  }
}
