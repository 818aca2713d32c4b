/**
 * The last label of a line and what follows it, `le="0.1"} `: turned to bytes
 * once for a layout, which all series of a family share as a rule.
 */
import { boundText, type Fragment, fragment } from "../base/mod.ts";

/** The tails of one label name. */
export class Tails {
  readonly #name: string;
  #values: readonly number[] = [];
  #fragments: readonly Fragment[] = [];

  /** `name` is `le` or `quantile`. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The tail of each of `values`. */
  of(values: Float64Array): readonly Fragment[] {
    // By value: the array is lent, and may hold another layout next time.
    const same = values.length === this.#values.length &&
      this.#values.every((value, i) => value === values[i]);
    if (!same) {
      this.#values = [...values];
      this.#fragments = this.#values.map((value) => this.tail(value));
    }
    return this.#fragments;
  }

  /** The tail of one value. */
  tail(value: number): Fragment {
    return fragment(`${this.#name}="${boundText(value)}"} `);
  }
}
