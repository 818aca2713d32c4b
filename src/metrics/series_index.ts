/**
 * Label values to row: a tree of maps that expands lazily.
 *
 * - A level holds the row itself until a second series shares its prefix; only
 *   then does it become a map of the next label's values.
 * - It cannot collide: no key is ever joined, and the values that a short path
 *   has not looked at are compared with those of the row.
 * - Looking up costs one map look-up for each level that exists and allocates
 *   nothing.
 * - It knows no series and no numbers, only rows.
 */

type Level = Map<string, number | Level>;

/** A point on the way to a row: a level, or already the row itself. */
export type Place = number | Level;

/** Finds rows by tuples of label values. */
export class SeriesIndex {
  readonly #arity: number;
  readonly #column: readonly string[];
  /** Without labels, the only row itself. */
  #root: Place = new Map();

  /**
   * `column` holds the values of all rows, `arity` of them a row, one row
   * after the other; the index reads it and never writes it.
   */
  constructor(arity: number, column: readonly string[]) {
    this.#arity = arity;
    this.#column = column;
  }

  /** Where a walk begins; `step` goes on from there. */
  get root(): Place {
    return this.#root;
  }

  /**
   * One label further: from `place`, by the value of the label at `at`. After
   * the last label the place is a row. Nothing, if no series is that way.
   */
  step(
    place: Place | undefined,
    at: number,
    value: string,
  ): Place | undefined {
    if (typeof place !== "number") return place?.get(value);
    return this.#column[place * this.#arity + at] === value ? place : undefined;
  }

  /** The row of `values`, or -1. */
  find(values: readonly string[]): number {
    let place: Place | undefined = this.#root;
    for (let at = 0; at < this.#arity; at++) {
      place = this.step(place, at, values[at]!);
    }
    return typeof place === "number" ? place : -1;
  }

  /** Enters `row`, whose values must stand in the column and be new. */
  insert(row: number): void {
    if (typeof this.#root === "number" || this.#arity === 0) {
      this.#root = row;
      return;
    }
    let level = this.#root;
    for (let at = 0; at < this.#arity; at++) {
      const value = this.#value(row, at);
      const next = level.get(value);
      if (next === undefined) {
        level.set(value, row);
        return;
      }
      if (typeof next === "number") {
        const deeper: Level = new Map([[this.#value(next, at + 1), next]]);
        level.set(value, deeper);
        level = deeper;
      } else {
        level = next;
      }
    }
  }

  /** Takes `row` out; its values must still stand in the column. */
  remove(row: number): void {
    if (typeof this.#root === "number") return this.clear();
    const path = [this.#root];
    for (let at = 0; at < this.#arity; at++) {
      const next = path[at]!.get(this.#value(row, at));
      if (next === undefined) return;
      if (typeof next === "number") {
        path[at]!.delete(this.#value(row, at));
        return this.#collapse(path, row);
      }
      path.push(next);
    }
  }

  /** Forgets every row. */
  clear(): void {
    this.#root = new Map();
  }

  /** A level that only one series passes through becomes that series. */
  #collapse(path: Level[], row: number): void {
    for (let at = path.length - 1; at > 0; at--) {
      if (path[at]!.size > 1) return;
      const [only] = path[at]!.values();
      if (typeof only !== "number") return;
      path[at - 1]!.set(this.#value(row, at - 1), only);
    }
  }

  #value(row: number, at: number): string {
    return this.#column[row * this.#arity + at]!;
  }
}
