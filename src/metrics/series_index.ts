/**
 * Maps label values to series: a tree of maps that expands lazily.
 *
 * - A level holds the series itself until a second one shares its prefix; only
 *   then does it become a map of the next label's values.
 * - It cannot collide: keys are never joined, and values that a short path has
 *   not used are compared with the values of the series.
 * - A lookup costs one map lookup per existing level and allocates nothing.
 * - It uses only the row of a series, to find its label values.
 */
import type { LabelColumns } from "./label_columns.ts";
import { rowOf } from "./series.ts";

interface Rowed {
  readonly row: number;
}

/** A map of the values of one label. */
export type Level<S> = Map<string, S | Level<S>>;

/** A step on the way to a series: a level, or already the series itself. */
export type Place<S> = S | Level<S>;

/** Finds series by tuples of label values. */
export class SeriesIndex<S extends Rowed> {
  /** The values of the first label; always the same map. */
  readonly root: Level<S>;
  readonly #arity: number;
  readonly #columns: LabelColumns;
  /** The only series if there are no labels. */
  #only: S | undefined;

  /** `columns` holds the label values; the index only reads them. */
  constructor(arity: number, columns: LabelColumns) {
    this.root = new Map();
    this.#arity = arity;
    this.#columns = columns;
  }

  /** The place where a walk begins; `step` continues from it. */
  get start(): Place<S> | undefined {
    return this.#arity === 0 ? this.#only : this.root;
  }

  /**
   * Returns the place after `place`, by the value of the label at index `at`;
   * undefined if there is none. After the last label, the place is a series.
   */
  step(
    place: Place<S> | undefined,
    at: number,
    value: string,
  ): Place<S> | undefined {
    if (place === undefined || place instanceof Map) return place?.get(value);
    return this.#value(place, at) === value ? place : undefined;
  }

  /** Returns the series of `values`; undefined if there is none. */
  find(values: readonly string[]): S | undefined {
    let place: Place<S> | undefined = this.#arity === 0
      ? this.#only
      : this.root;
    for (let at = 0; at < this.#arity; at++) {
      place = this.step(place, at, values[at] ?? ""); // added later: empty
    }
    return place as S | undefined;
  }

  /**
   * Returns values that no series has: all of them `text`, or else `text_2`, or
   * else `text_3`, …
   */
  unused(text: string): readonly string[] {
    let values: string[];
    for (let n = 1; n === 1 || this.find(values!) !== undefined; n++) {
      values = new Array(this.#arity).fill(n === 1 ? text : `${text}_${n}`);
    }
    return values!;
  }

  /** Adds a series; its values must be new, and already set in its row. */
  insert(series: S): void {
    if (this.#arity === 0) this.#only = series;
    let level = this.root;
    for (let at = 0; at < this.#arity; at++) {
      const value = this.#value(series, at);
      const next = level.get(value);
      if (next === undefined) {
        level.set(value, series);
        return;
      }
      if (next instanceof Map) {
        level = next;
        continue;
      }
      const deeper: Level<S> = new Map([[this.#value(next, at + 1), next]]);
      level.set(value, deeper);
      level = deeper;
    }
  }

  /** Removes a series; its values must still be set in its row. */
  remove(series: S): void {
    this.#only = undefined;
    const path = [this.root];
    for (let at = 0; at < this.#arity; at++) {
      const next = path[at]!.get(this.#value(series, at));
      if (next === undefined) return;
      if (!(next instanceof Map)) {
        path[at]!.delete(this.#value(series, at));
        return this.#collapse(path, series);
      }
      path.push(next);
    }
  }

  /** Replaces each level that has only one series left by that series. */
  #collapse(path: readonly Level<S>[], removed: S): void {
    for (let at = path.length - 1; at > 0; at--) {
      if (path[at]!.size > 1) return;
      const [only] = path[at]!.values();
      if (only === undefined || only instanceof Map) return;
      path[at - 1]!.set(this.#value(removed, at - 1), only);
    }
  }

  #value(series: S, at: number): string {
    return this.#columns.value(rowOf(series), at);
  }
}
