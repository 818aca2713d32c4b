/**
 * The handle of a family: a table of which some labels are bound, or none.
 *
 * One class serves all kinds and all ways to name a series; a scope with
 * constant labels is a handle with these labels bound.
 */
import type { LabelValue } from "./labels.ts";
import type { Series } from "./series.ts";
import {
  type Given,
  labelText,
  NO_LABELS,
  SeriesLookup,
} from "./series_lookup.ts";
import type { Table } from "./table.ts";

const NONE_BOUND: ReadonlyMap<string, string> = /* @__PURE__ */ new Map();

/** A family as users have it: see `Family` in `labels.ts`. */
export class FamilyHandle<S extends Series> extends SeriesLookup<S> {
  constructor(
    table: Table<S>,
    bound: ReadonlyMap<string, string> = NONE_BOUND,
  ) {
    super(table, bound);
  }

  bind(labels: Given): S | FamilyHandle<S> {
    if (typeof labels !== "object" || labels === null) {
      throw new TypeError(
        `Cannot bind labels of "${this.table.desc.name}": give some of them ` +
          `by name, such as { ${this.#openNames()[0]}: "…" }`,
      );
    }
    const open = this.#openNames();
    for (const name of Object.keys(labels)) {
      if (open.includes(name)) continue;
      throw new RangeError(
        `Cannot bind label "${name}" of "${this.table.desc.name}": ` +
          `open are ${open.map((one) => `"${one}"`).join(", ")}`,
      );
    }
    const texts = Object.entries(labels).map(([name, value]) =>
      [name, labelText(value)] as const
    );
    const handle = this.fix(new Map(texts));
    return handle.#openNames().length === 0 ? handle.at() : handle;
  }

  /** The handle with those of `labels` bound that this one has unbound. */
  fix(labels: ReadonlyMap<string, string>): FamilyHandle<S> {
    const bound = new Map(labels);
    this.names.forEach((name, at) => {
      const value = this.bound[at];
      if (value !== undefined) bound.set(name, value);
    });
    return new FamilyHandle(this.table, bound);
  }

  init(
    series?: readonly Given[] | Readonly<Record<string, readonly LabelValue[]>>,
  ): void {
    if (series instanceof Array) {
      this.#checkSize(series.length);
      for (const labels of series) this.with(labels);
      return;
    }
    const lists = this.#openNames().map((name) => this.#valuesOf(name, series));
    this.#checkSize(lists.reduce((size, list) => size * list.length, 1));
    for (const values of combinations(lists)) this.at(...values);
  }

  remove(labels: Given): number {
    const open = this.#openNames();
    const wanted = [...this.bound];
    for (const [name, value] of Object.entries(labels ?? NO_LABELS)) {
      if (!open.includes(name)) return 0; // no series has such a label
      wanted[this.names.indexOf(name)] = labelText(value);
    }
    return this.table.remove(wanted);
  }

  clear(): void {
    this.remove(NO_LABELS);
  }

  get size(): number {
    if (this.#openNames().length === this.names.length) return this.table.size;
    return this.table.matching(this.bound).length;
  }

  #openNames(): string[] {
    return this.names.filter((_, at) => this.bound[at] === undefined);
  }

  #checkSize(size: number): void {
    const { desc, limits } = this.table;
    if (size <= limits.maxSeries) return;
    throw new RangeError(
      `Cannot init "${desc.name}": ${size} series are more than ` +
        `maxSeries: ${limits.maxSeries}; raise it or list fewer values`,
    );
  }

  #valuesOf(
    name: string,
    lists: Readonly<Record<string, readonly LabelValue[]>> | undefined,
  ): readonly LabelValue[] {
    const values = lists === undefined
      ? this.table.limits.closed[this.names.indexOf(name)]
      : Object.hasOwn(lists ?? NO_LABELS, name)
      ? lists[name]
      : undefined;
    const isList = Array.isArray(values) || values instanceof Set;
    if (isList) return [...values];
    throw new RangeError(
      `Cannot init "${this.table.desc.name}": label "${name}" has no list ` +
        `of values; declare values: { ${name}: […] } or give init one`,
    );
  }
}

/** All combinations of one value from each list. */
function combinations(
  lists: readonly (readonly LabelValue[])[],
): LabelValue[][] {
  return lists.reduce<LabelValue[][]>(
    (sets, list) => sets.flatMap((set) => list.map((value) => [...set, value])),
    [[]],
  );
}
