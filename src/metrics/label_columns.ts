/**
 * The label values of all rows: one column per label.
 *
 * - Up to 256 different values cost a byte per row and one string each. With
 *   more values, the column becomes a list of strings for good.
 * - Equal texts are stored once if possible: each request brings new copies of
 *   its label values.
 * - Free rows have empty values. The columns do not know which rows are free.
 */

/** The number of codes that fit into a byte. */
const MAX_CODES = 256;

/** The values of one label, by row. */
class LabelColumn {
  /** The text of each code; code 0 is the empty text. */
  readonly #texts = [""];
  readonly #codes = new Map([["", 0]]);
  #coded = new Uint8Array(8);
  /** Replaces the codes once there are too many. */
  #strings: string[] | undefined;

  at(row: number): string {
    // A label that was added later has fewer rows.
    return this.#strings === undefined
      ? this.#texts[this.#coded[row] ?? 0]!
      : this.#strings[row] ?? "";
  }

  set(row: number, text: string): void {
    if (this.#strings !== undefined) {
      this.#strings[row] = text;
      return;
    }
    const code = this.#codes.get(text) ?? this.#texts.length;
    if (code === MAX_CODES) {
      this.#strings = this.#decoded();
      this.#strings[row] = text;
      return;
    }
    if (code === this.#texts.length) {
      this.#texts.push(text);
      this.#codes.set(text, code);
    }
    if (row >= this.#coded.length) this.#grow(row + 1);
    this.#coded[row] = code;
  }

  /** Returns all rows as strings, and drops the codes. */
  #decoded(): string[] {
    const strings = Array.from(this.#coded, (code) => this.#texts[code]!);
    this.#texts.length = 0;
    this.#codes.clear();
    this.#coded = new Uint8Array(0);
    return strings;
  }

  #grow(rows: number): void {
    const larger = new Uint8Array(Math.max(rows, 2 * this.#coded.length));
    larger.set(this.#coded);
    this.#coded = larger;
  }
}

/** The label values of a table, by row and index of the label. */
export class LabelColumns {
  readonly #columns: LabelColumn[] = [];

  constructor(arity: number) {
    this.widen(arity);
  }

  /** Adds labels up to `arity`; they are empty in all rows. */
  widen(arity: number): void {
    const columns = this.#columns;
    while (columns.length < arity) columns.push(new LabelColumn());
  }

  /** Returns one value of a row that was set before. */
  value(row: number, at: number): string {
    return this.#columns[at]!.at(row);
  }

  /** Returns all values of a row. */
  values(row: number): string[] {
    return this.#columns.map((column) => column.at(row));
  }

  /** Returns whether a row matches `pattern`; undefined matches any value. */
  matches(row: number, pattern: readonly (string | undefined)[]): boolean {
    return this.#columns.every((column, at) =>
      pattern[at] === undefined || pattern[at] === column.at(row)
    );
  }

  set(row: number, values: readonly string[]): void {
    for (let at = 0; at < values.length; at++) {
      this.#columns[at]!.set(row, values[at]!);
    }
  }

  clear(row: number): void {
    for (const column of this.#columns) column.set(row, "");
  }
}
