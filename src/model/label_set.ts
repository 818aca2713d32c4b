/** The labels of one series: names and values. */

/**
 * The label values of one series, in the order of its family's label names.
 *
 * Borrowed for the duration of a call, like every view: copy what you store. An
 * empty value means that the label is absent.
 */
export interface LabelSet {
  /** The label names of the family. */
  readonly names: readonly string[];
  /** Returns the value of the label at `index`; `""` if it is absent. */
  value(index: number): string;
}

/** A label set that owns its values; for collectors and copies. */
export class Labels implements LabelSet {
  /** No labels. */
  static readonly NONE: LabelSet = /* @__PURE__ */ new Labels([], []);

  /** The label names of the family. */
  readonly names: readonly string[];
  readonly #values: readonly string[];

  /**
   * `values` are in the order of `names`; missing ones are absent labels.
   *
   * @throws {RangeError} If there are more values than names.
   */
  constructor(names: readonly string[], values: readonly string[]) {
    if (values.length > names.length) {
      throw new RangeError(
        `Cannot label a series: there are ${values.length} values for ` +
          `${names.length} names; give one value for each name`,
      );
    }
    this.names = names;
    this.#values = values;
  }

  /** Returns the value of the label at `index`; `""` if it is absent. */
  value(index: number): string {
    return this.#values[index] ?? "";
  }
}
