/** Writes the rows of one family as text. */
import { StringWriter } from "../../base/internal.ts";
import type { FamilyDesc, Rows } from "../../model/mod.ts";
import type { Format, PageableEncoder } from "../format.ts";
import { type Segments, TextPatcher } from "./text_patcher.ts";

/**
 * A writer and an encoder in which the family stays open, so that labels which it
 * has rendered once are reused.
 */
export class FamilyText {
  /** The metadata. */
  readonly head: string;
  readonly #rows: Rows;
  readonly #out = new StringWriter();
  readonly #encoder: PageableEncoder;
  readonly #patcher = new TextPatcher();

  /** `desc` is the description of `rows`, with escaped names. */
  constructor(
    rows: Rows,
    desc: FamilyDesc,
    encoderOf: NonNullable<Format["textEncoder"]>,
  ) {
    this.#rows = rows;
    this.#encoder = encoderOf(this.#out).pageable!;
    this.#encoder.beginFamily(desc);
    this.head = this.#out.take();
  }

  /** Returns the text of the rows from `from` up to, not including, `to`. */
  write(from: number, to: number): string {
    this.#out.rollback(0); // an earlier call may have thrown
    this.#encoder.marks = undefined;
    this.#rows.emit(from, to, this.#encoder);
    return this.#out.take();
  }

  /** The same, with its segments; none if the format does not mark its values. */
  writeSegments(
    from: number,
    to: number,
  ): { readonly text: string; readonly segments: Segments | undefined } {
    if (!this.#encoder.canPatch) {
      return { text: this.write(from, to), segments: undefined };
    }
    const patcher = this.#patcher;
    this.#out.rollback(0);
    patcher.begin();
    this.#encoder.marks = patcher;
    const firsts = [0];
    for (let row = from; row < to; row++) {
      this.#rows.emit(row, row + 1, this.#encoder);
      firsts.push(patcher.next);
    }
    const segments = patcher.segmentsOf(this.#out, firsts);
    return { text: this.#out.take(), segments };
  }

  /**
   * Returns `segments` with new values; undefined if a row has more or fewer
   * values than before, because it has other lines then.
   */
  patch(segments: Segments, from: number, to: number): string | undefined {
    const patcher = this.#patcher;
    const { firsts } = segments;
    if (firsts.length !== to - from + 1) return undefined;
    patcher.patch(segments);
    this.#encoder.marks = patcher;
    for (let row = from; row < to; row++) {
      this.#rows.emit(row, row + 1, this.#encoder);
      if (patcher.next !== firsts[row - from + 1]) return undefined;
    }
    return patcher.patched();
  }
}
