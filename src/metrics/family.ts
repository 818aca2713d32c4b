/**
 * The handle of a family: a table, and the values of its bound labels.
 *
 * One class serves all kinds. In a scope with constant labels, the handle has
 * these labels bound.
 */
import { display } from "../base/internal.ts";
import { INSPECT } from "./inspect.ts";
import { labelText } from "./label_text.ts";
import type { LabelValue } from "./labels.ts";
import type { Series } from "./series.ts";
import {
  type GivenLabels,
  has,
  NO_LABELS,
  SeriesLookup,
} from "./series_lookup.ts";
import type { Table } from "./table.ts";

const NONE_BOUND: ReadonlyMap<string, string> = /* @__PURE__ */ new Map();

/** The implementation of `Family` in `labels.ts`, for any kind. */
export class FamilyHandle<S extends Series> extends SeriesLookup<S> {
  constructor(
    table: Table<S>,
    bound: ReadonlyMap<string, string> = NONE_BOUND,
  ) {
    super(table, bound);
  }

  bind(labels: GivenLabels): S | FamilyHandle<S> {
    if (typeof labels !== "object" || labels === null) {
      throw new TypeError(
        `Cannot bind labels of "${this.table.desc.name}": give some of them ` +
          `by name, such as { ${this.#unbound()[0]}: "…" }`,
      );
    }
    const unbound = this.#unbound();
    for (const name of Object.keys(labels)) {
      if (unbound.includes(name)) continue;
      throw new RangeError(
        `Cannot bind label "${name}" of "${this.table.desc.name}": ` +
          `give any of ${unbound.map((label) => `"${label}"`).join(", ")}`,
      );
    }
    const texts = Object.entries(labels).map(([name, value]) =>
      [name, labelText(value)] as const
    );
    const handle = this.fix(new Map(texts));
    return handle.#unbound().length === 0 ? handle.at() : handle;
  }

  /** Returns a handle with `labels` bound too; bound labels keep their values. */
  fix(labels: ReadonlyMap<string, string>): FamilyHandle<S> {
    const bound = new Map(labels);
    this.names.forEach((name, at) => {
      const value = this.bound[at];
      if (value !== undefined) bound.set(name, value);
    });
    return new FamilyHandle(this.table, bound);
  }

  init(
    series?:
      | readonly GivenLabels[]
      | Readonly<Record<string, readonly LabelValue[]>>,
  ): void {
    if (series instanceof Array) {
      this.#checkSize(series.length);
      for (const labels of series) this.#checkLabels(labels);
      for (const labels of series) this.with(labels);
      return;
    }
    const unbound = this.#unbound();
    const lists = unbound.map((name) => this.#valuesOf(name, series));
    this.#checkNames(Object.keys(series ?? NO_LABELS));
    lists.forEach((list, at) => {
      for (const value of list) this.#checkValue(unbound[at]!, value);
    });
    this.#checkSize(lists.reduce((size, list) => size * list.length, 1));
    for (const values of combinations(lists)) this.at(...values);
  }

  remove(labels: GivenLabels): number {
    const unbound = this.#unbound();
    const pattern = [...this.bound];
    for (const [name, value] of Object.entries(labels ?? NO_LABELS)) {
      if (!unbound.includes(name)) return 0; // no series has such a label
      pattern[this.names.indexOf(name)] = labelText(value);
    }
    return this.table.remove(pattern);
  }

  clear(): void {
    this.remove(NO_LABELS);
  }

  get size(): number {
    if (this.#unbound().length === this.names.length) return this.table.size;
    return this.table.sizeOf(this.bound);
  }

  /** Returns the text that `console.log` prints. */
  [INSPECT](): string {
    const { type, name } = this.table.desc;
    return `${type} ${name}{${this.#unbound()}}, ${this.size} series`;
  }

  /** Returns the names of the labels that are not bound. */
  #unbound(): string[] {
    return this.names.filter((_, at) => this.bound[at] === undefined);
  }

  /** @throws {RangeError} Unless `labels` has each unbound label and no other. */
  #checkLabels(labels: GivenLabels): void {
    for (const name of this.#unbound()) {
      if (!has(Object(labels), name)) {
        this.#refuse(`label "${name}" is missing in ${display(labels)}`);
      }
      this.#checkValue(name, labels[name]);
    }
    this.#checkNames(Object.keys(labels));
  }

  #checkNames(names: readonly string[]): void {
    const unbound = this.#unbound();
    for (const name of names) {
      if (unbound.includes(name)) continue;
      this.#refuse(
        `there is no label "${name}"; give ${unbound.join(", ") || "none"}`,
      );
    }
  }

  #checkValue(name: string, value: unknown): void {
    const closed = this.table.limits.closed[this.names.indexOf(name)];
    const text = labelText(value);
    if (closed === undefined || closed.has(text.toWellFormed())) return;
    this.#refuse(
      `"${text}" is not a value of label "${name}"; give any of ` +
        [...closed].join(", "),
    );
  }

  #refuse(why: string): never {
    throw new RangeError(`Cannot init "${this.table.desc.name}": ${why}`);
  }

  #checkSize(size: number): void {
    const { limits } = this.table;
    if (size <= limits.maxSeries) return;
    this.#refuse(
      `${size} series are more than maxSeries: ${limits.maxSeries}; raise it ` +
        `or list fewer values`,
    );
  }

  #valuesOf(
    name: string,
    lists: Readonly<Record<string, readonly LabelValue[]>> | undefined,
  ): readonly LabelValue[] {
    const values = Object.hasOwn(lists ?? NO_LABELS, name)
      ? lists?.[name]
      : this.table.limits.closed[this.names.indexOf(name)];
    const isList = Array.isArray(values) || values instanceof Set;
    if (isList) return [...values];
    this.#refuse(
      `label "${name}" has no list of values; declare values: ` +
        `{ ${name}: […] } or pass a list to init`,
    );
  }
}

/** Returns all combinations of one value from each list. */
function combinations(
  lists: readonly (readonly LabelValue[])[],
): LabelValue[][] {
  return lists.reduce<LabelValue[][]>(
    (sets, list) => sets.flatMap((set) => list.map((value) => [...set, value])),
    [[]],
  );
}
