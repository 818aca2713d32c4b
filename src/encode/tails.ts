/**
 * What is written for a bucket bound or a rank, `le="0.1"} `: turned to bytes
 * once for a layout, which all series of a family share as a rule.
 */
import { type Fragment, fragment } from "../base/mod.ts";
import { boundText } from "../base/internal.ts";

/** Bounds, or ranks, between two texts. */
export class Tails {
  readonly #before: string;
  readonly #after: string;
  #values: readonly number[] = [];
  #fragments: readonly Fragment[] = [];

  /** `before` and `after` stand around each of the numbers. */
  constructor(before: string, after: string) {
    this.#before = before;
    this.#after = after;
  }

  /** The text of each of `values`. */
  of(values: Float64Array): readonly Fragment[] {
    // By value: the array is lent, and may hold another layout next time.
    if (!this.#isOf(values)) {
      this.#values = [...values];
      this.#fragments = this.#values.map((value) => this.tail(value));
    }
    return this.#fragments;
  }

  #isOf(values: Float64Array): boolean {
    const known = this.#values;
    if (values.length !== known.length) return false;
    for (let i = 0; i < known.length; i++) {
      if (values[i] !== known[i]) return false;
    }
    return true;
  }

  /** The text of one value. */
  tail(value: number): Fragment {
    return fragment(`${this.#before}${boundText(value)}${this.#after}`);
  }
}
