/**
 * The family as users see it: a table, with some of its labels fixed or none.
 *
 * One class serves all types of metrics and all ways to name a series; a scope
 * with constant labels is a view with these labels fixed.
 */
import type { LabelValue } from "./labels.ts";
import type { Place } from "./series_index.ts";
import type { Series } from "./series.ts";
import type { Table } from "./table.ts";

type Given = Readonly<Record<string, unknown>>;

const NOTHING: Given = Object.freeze({});

/** Texts of small whole numbers, such as status codes: no conversion. */
const SMALL = Array.from({ length: 1000 }, (_, i) => String(i));

/** What is recorded of a label value: its text; `""` for none. */
export function labelText(value: unknown): string {
  if (typeof value === "string") return value;
  if (
    typeof value === "number" && value >= 0 && value < 1000 &&
    (value | 0) === value
  ) return SMALL[value]!;
  if (value === undefined || value === null || typeof value === "function") {
    return "";
  }
  try {
    return String(value);
  } catch {
    return ""; // an object that refuses to be text has none
  }
}

/** A table of which some labels are fixed; the others are still open. */
export class FamilyView<S extends Series> {
  readonly table: Table<S>;
  readonly #names: readonly string[];
  /** By the place of the label: its value, if it is fixed. */
  readonly #fixed: readonly (string | undefined)[];
  /** How many of the first labels are fixed: a scope's, above all. */
  readonly #lead: number;

  constructor(table: Table<S>, fixed: ReadonlyMap<string, string> = new Map()) {
    this.table = table;
    this.#names = table.desc.labelNames.slice(0, table.arity);
    this.#fixed = this.#names.map((name) => fixed.get(name));
    const open = this.#fixed.indexOf(undefined);
    this.#lead = open < 0 ? this.#fixed.length : open;
  }

  with(labels: Given): S {
    const { index } = this.table;
    const names = this.#names;
    let at = this.#lead;
    let place: Place | undefined = index.root;
    for (let i = 0; i < at; i++) place = index.step(place, i, this.#fixed[i]!);
    // Engines enumerate faster than they look keys up: labels in the order of
    // the declaration go straight through the index.
    for (const key in labels) {
      if (key !== names[at]) return this.#byName(labels);
      const value = labels[key];
      const text = typeof value === "string" ? value : labelText(value);
      place = index.step(place, at++, text);
    }
    const found = at === names.length && typeof place === "number";
    return found ? this.table.seriesIn(place as number) : this.#byName(labels);
  }

  at(...given: readonly unknown[]): S {
    const { index } = this.table;
    const fixed = this.#fixed;
    let place: Place | undefined = index.root;
    let next = 0;
    for (let at = 0; at < fixed.length; at++) {
      const text = fixed[at] ?? labelText(given[next++]);
      place = index.step(place, at, text);
    }
    if (typeof place === "number") return this.table.seriesIn(place);
    next = 0;
    return this.table.resolve(
      fixed.map((value) => value ?? labelText(given[next++])),
    );
  }

  bind(labels: Given): S | FamilyView<S> {
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
    const view = this.fix(new Map(texts));
    return view.#openNames().length === 0 ? view.at() : view;
  }

  /** The view with those of its open labels fixed that `labels` has. */
  fix(labels: ReadonlyMap<string, string>): FamilyView<S> {
    const fixed = new Map(labels);
    this.#names.forEach((name, at) => {
      const value = this.#fixed[at];
      if (value !== undefined) fixed.set(name, value);
    });
    return new FamilyView(this.table, fixed);
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
    const wanted = [...this.#fixed];
    for (const [name, value] of Object.entries(labels ?? NOTHING)) {
      if (!open.includes(name)) return 0; // no series has such a label
      wanted[this.#names.indexOf(name)] = labelText(value);
    }
    return this.table.remove(wanted);
  }

  clear(): void {
    this.remove(NOTHING);
  }

  get size(): number {
    if (this.#openNames().length === this.#names.length) return this.table.size;
    return this.table.matching(this.#fixed).length;
  }

  /** The series of these labels, if there is one: not for users. */
  static find<S extends Series>(
    view: FamilyView<S>,
    labels: Given,
  ): S | undefined {
    const row = view.table.index.find(view.#textsOf(labels));
    return row < 0 ? undefined : view.table.seriesIn(row);
  }

  /** Labels in another order, or new ones, or one missing or too many. */
  #byName(labels: Given): S {
    return this.table.resolve(this.#textsOf(labels));
  }

  #textsOf(labels: Given): string[] {
    const given = labels ?? NOTHING;
    return this.#names.map((name, at) =>
      this.#fixed[at] ?? labelText(given[name])
    );
  }

  #openNames(): string[] {
    return this.#names.filter((_, at) => this.#fixed[at] === undefined);
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
      ? this.table.limits.closed[this.#names.indexOf(name)]
      : Object.hasOwn(lists ?? NOTHING, name)
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

/** Every choice of one value from each list. */
function combinations(
  lists: readonly (readonly LabelValue[])[],
): LabelValue[][] {
  return lists.reduce<LabelValue[][]>(
    (sets, list) => sets.flatMap((set) => list.map((value) => [...set, value])),
    [[]],
  );
}
