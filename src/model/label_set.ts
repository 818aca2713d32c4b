/** The labels of one series: names, and a value to each. */

/**
 * Names and values of one series, in the order of its family's label names.
 *
 * Lent for the duration of a call, like every view: who keeps it, copies it.
 * An empty value means that the label is absent.
 */
export interface LabelSet {
  /** The label names of the family. */
  readonly names: readonly string[];
  /** The value of the label at `index`; `""` if it is absent. */
  value(index: number): string;
}

/** A label set of its own: for collectors, and for what is kept. */
export class Labels implements LabelSet {
  /** No labels. */
  static readonly NONE: LabelSet = /* @__PURE__ */ new Labels([], []);

  /** The label names of the family. */
  readonly names: readonly string[];
  readonly #values: readonly string[];

  /** `values` stand in the order of `names`. */
  constructor(names: readonly string[], values: readonly string[]) {
    this.names = names;
    this.#values = values;
  }

  /** The value of the label at `index`; `""` if there is none. */
  value(index: number): string {
    return this.#values[index] ?? "";
  }
}
