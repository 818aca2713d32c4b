/**
 * Finds series by label values: the walk of each labelled record.
 *
 * `bench/record_bench.ts` ("`with({3 labels}).inc()`, 180 label sets") measures it
 * beside rejected alternatives; run it before you change anything here. Imported functions of the walk are
 * aliased: see `series.ts`.
 */
import { labelText, textOf } from "./label_text.ts";
import type { Series } from "./series.ts";
import type { Place } from "./series_index.ts";
import type { Table } from "./table.ts";

/** Label values by name, as callers pass them. */
export type GivenLabels = Readonly<Record<string, unknown>>;

const toText = textOf;

type Keys = readonly (string | number)[];

/** No label values. */
export const NO_LABELS: GivenLabels = /* @__PURE__ */ Object.freeze({});

/**
 * Returns whether `given` has a label. Names that all objects inherit, such as
 * `constructor`, must be its own.
 */
export function has(given: GivenLabels, name: string): boolean {
  return Object.hasOwn(given, name) ||
    (name in given && !(name in Object.prototype));
}

/** Returns whether other code gave all objects a label of that name. */
function isGivenToAll(name: string): boolean {
  const value = (Object.prototype as GivenLabels)[name];
  return textOf(value) !== undefined;
}

/** The number of labels for which `with` and `at` are unrolled. */
const UNROLLED = 3;

/** Looks up the series of a table, of which some labels may be bound. */
export class SeriesLookup<S extends Series> {
  readonly table: Table<S>;
  protected readonly names: readonly string[];
  /** By label: its value if it is bound. */
  protected readonly bound: readonly (string | undefined)[];
  /** By label: its index among the unbound labels. */
  readonly #positions: readonly number[];
  /** Where every walk begins. */
  readonly #root: Place<S>;
  /** The index of the first unbound label; labels of a scope precede it. */
  readonly #lead: number;
  /**
   * The number of unbound labels; 0 if a bound one follows the first of them, or
   * if each look-up is checked.
   */
  #open: number;
  /**
   * Whether each look-up is checked: if the registry is strict, or if other code
   * gave `Object.prototype` one of the labels.
   */
  #isChecked: boolean;
  /** The names of the first unbound labels. */
  readonly #first: string;
  readonly #second: string;
  readonly #third: string;

  constructor(table: Table<S>, bound: ReadonlyMap<string, string>) {
    this.table = table;
    this.#root = table.index.root;
    const { labelNames } = table.desc;
    const names: string[] = [];
    const values: (string | undefined)[] = [];
    const positions: number[] = [];
    let open = 0;
    let lead = -1;
    for (let at = 0; at < table.arity; at++) {
      const name = labelNames[at]!;
      const value = bound.get(name);
      names.push(name);
      values.push(value);
      positions.push(open);
      if (value !== undefined) continue;
      if (open++ === 0) lead = at;
    }
    this.names = names;
    this.bound = values;
    this.#positions = positions;
    this.#lead = lead;
    this.#isChecked = table.isStrict || names.some(isGivenToAll);
    const isUnrolled = lead + open === names.length && !this.#isChecked;
    this.#open = isUnrolled ? open : 0;
    this.#first = names[lead] ?? "";
    this.#second = names[lead + 1] ?? "";
    this.#third = names[lead + 2] ?? "";
  }

  with(labels: GivenLabels): S {
    const given = labels ?? NO_LABELS;
    const lead = this.#lead;
    const open = this.#open;
    if (open > 0) {
      let place = this.#afterBound();
      // Unrolled: inline caches are per call site; a loop makes them
      // megamorphic and twice as slow.
      place = this.#step(place, lead, given[this.#first]);
      if (open > 1) place = this.#step(place, lead + 1, given[this.#second]);
      if (open > 2) place = this.#step(place, lead + 2, given[this.#third]);
      for (let at = UNROLLED; at < open; at++) {
        place = this.#step(place, lead + at, given[this.names[lead + at]!]);
      }
      if (place !== undefined) return place as S;
    }
    return this.#find(given, this.names);
  }

  // Separate parameters: on Bun a rest parameter allocates an array per call.
  at(
    first?: unknown,
    second?: unknown,
    third?: unknown,
    ...more: readonly unknown[]
  ): S {
    const lead = this.#lead;
    const open = this.#open;
    if (open > 0) {
      let place = this.#afterBound();
      place = this.#step(place, lead, first);
      if (open > 1) place = this.#step(place, lead + 1, second);
      if (open > 2) place = this.#step(place, lead + 2, third);
      for (let at = UNROLLED; at < open; at++) {
        place = this.#step(place, lead + at, more[at - UNROLLED]);
      }
      if (place !== undefined) return place as S;
    }
    return this.#find([first, second, third, ...more], this.#positions);
  }

  /** Returns the series of these labels; undefined if it does not exist. */
  find(labels: GivenLabels): S | undefined {
    return this.table.index.find(SeriesLookup.textsOf(this, labels));
  }

  /** `SeriesIndex.step`, with the common case inlined; no text finds nothing. */
  #step(
    place: Place<S> | undefined,
    at: number,
    value: unknown,
  ): Place<S> | undefined {
    const text = typeof value === "string" ? value : toText(value);
    if (place instanceof Map) return place.get(text!);
    return this.table.index.step(place, at, text!);
  }

  /** Returns the place after the bound labels that precede all unbound ones. */
  #afterBound(): Place<S> | undefined {
    let place: Place<S> | undefined = this.#root;
    for (let at = 0; at < this.#lead; at++) {
      place = this.#step(place, at, this.bound[at]);
    }
    return place;
  }

  /**
   * Slow path: the unrolled lookup missed, or a bound label is among the unbound
   * ones. `keys` are the names or indexes of the values in `given`.
   */
  #find(given: GivenLabels | readonly unknown[], keys: Keys): S {
    const isMissed = this.#open > 0 || this.#isChecked;
    let place = isMissed ? undefined : this.table.index.start;
    for (let at = 0; place !== undefined && at < keys.length; at++) {
      const value = this.bound[at] ?? (given as GivenLabels)[keys[at]!];
      place = this.#step(place, at, value);
    }
    return place as S | undefined ??
      (keys === this.names
        ? this.#resolveNamed(given as GivenLabels)
        : this.#resolvePositional(given as readonly unknown[]));
  }

  #resolveNamed(given: GivenLabels): S {
    const isOpen = (_: string, at: number) => this.bound[at] === undefined;
    const open = this.names.filter(isOpen);
    // Later look-ups would find the series of an inherited value.
    if (!this.#isChecked && open.some(isGivenToAll)) {
      this.#isChecked = true;
      this.#open = 0;
    }
    const isWrong = open.some((name) => !has(Object(given), name)) ||
      Object.keys(given).some((name) => !open.includes(name));
    if (isWrong) this.table.reject("label_name", given);
    return this.table.resolve(SeriesLookup.textsOf(this, given));
  }

  #resolvePositional(given: readonly unknown[]): S {
    let count = given.length;
    while (count > 0 && given[count - 1] === undefined) count--;
    const open = this.bound.filter((text) => text === undefined).length;
    const values = given.slice(0, open);
    const isWrong = count > open || values.includes(undefined);
    if (isWrong) this.table.reject("label_name", given.slice(0, count));
    return this.table.resolve(
      this.bound.map((text, at) =>
        text ?? labelText(given[this.#positions[at]!])
      ),
    );
  }

  /** Returns the values of all labels; "" for those that are not given. */
  static textsOf<S extends Series>(
    { names, bound }: SeriesLookup<S>,
    labels: GivenLabels,
  ): string[] {
    return names.map((name, at) =>
      bound[at] ?? (has(Object(labels), name) ? labelText(labels[name]) : "")
    );
  }
}
