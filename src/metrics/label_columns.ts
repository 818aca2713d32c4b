/**
 * The label values of all rows: a column for each label.
 *
 * - Few values, as most labels have, cost a byte a row and one string each;
 *   with more than fit a byte the column becomes one of strings, for good.
 * - A text is kept once where it can be: label values come as fresh copies
 *   with every request.
 * - A free row has empty values. It does not know which rows are free.
 */

/** What fits into a byte. */
const MOST_CODES = 256;

/** The values of one label, by row. */
class LabelColumn {
  /** The text of each code; code 0 stands for none. */
  readonly #texts = [""];
  readonly #codes = new Map([["", 0]]);
  #coded = new Uint8Array(8);
  /** In place of codes, as soon as there are too many. */
  #strings: string[] | undefined;

  at(row: number): string {
    return this.#strings === undefined
      ? this.#texts[this.#coded[row]!]!
      : this.#strings[row]!;
  }

  set(row: number, text: string): void {
    if (this.#strings !== undefined) {
      this.#strings[row] = text;
      return;
    }
    const code = this.#codes.get(text) ?? this.#texts.length;
    if (code === MOST_CODES) {
      this.#strings = this.#spelled();
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

  /** All rows as strings; the codes are gone. */
  #spelled(): string[] {
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

/** The label values of a table, by row and place of the label. */
export class LabelColumns {
  readonly #columns: readonly LabelColumn[];

  constructor(arity: number) {
    this.#columns = Array.from({ length: arity }, () => new LabelColumn());
  }

  /** One value of a row that was set before. */
  value(row: number, at: number): string {
    return this.#columns[at]!.at(row);
  }

  /** All values of a row. */
  values(row: number): string[] {
    return this.#columns.map((column) => column.at(row));
  }

  /** Whether a row has the wanted values; undefined stands for any. */
  agree(row: number, wanted: readonly (string | undefined)[]): boolean {
    return this.#columns.every((column, at) =>
      wanted[at] === undefined || wanted[at] === column.at(row)
    );
  }

  set(row: number, values: readonly string[]): void {
    this.#columns.forEach((column, at) => column.set(row, values[at]!));
  }

  clear(row: number): void {
    for (const column of this.#columns) column.set(row, "");
  }
}
