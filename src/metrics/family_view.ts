/**
 * The family as users see it: a table, with some of its labels fixed or none.
 *
 * One class serves all types of metrics and all ways to name a series; a scope
 * with constant labels is a view with these labels fixed.
 */
import type { LabelValue } from "./labels.ts";
import type { Series } from "./series.ts";
import type { Place } from "./series_index.ts";
import type { Table } from "./table.ts";

type Given = Readonly<Record<string, unknown>>;
type Keys = readonly (string | number)[];

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

/** So many labels have a line of their own in `with` and `at`. */
const FEW = 3;

/** A table of which some labels are fixed; the others are still open. */
export class FamilyView<S extends Series> {
  readonly table: Table<S>;
  readonly #names: readonly string[];
  /** By the place of the label: its value, if it is fixed. */
  readonly #fixed: readonly (string | undefined)[];
  /** By the place of the label: the how manieth of the open ones it is. */
  readonly #positions: readonly number[];
  /** Where every walk begins. */
  readonly #root: Place<S>;
  /** The place of the first open label; before it, a scope's are fixed. */
  readonly #lead: number;
  /** How many follow from there; 0 if there is a fixed one among them. */
  readonly #open: number;
  /** The names of the first of them. */
  readonly #first: string;
  readonly #second: string;
  readonly #third: string;

  constructor(table: Table<S>, fixed: ReadonlyMap<string, string> = new Map()) {
    this.table = table;
    this.#root = table.index.root;
    this.#names = table.desc.labelNames.slice(0, table.arity);
    this.#fixed = this.#names.map((name) => fixed.get(name));
    let open = 0;
    this.#positions = this.#fixed.map((value) =>
      value === undefined ? open++ : open
    );
    const lead = this.#fixed.indexOf(undefined);
    this.#lead = lead;
    this.#open = lead + open === this.#names.length ? open : 0;
    const [first = "", second = "", third = ""] = this.#names.slice(lead);
    this.#first = first;
    this.#second = second;
    this.#third = third;
  }

  with(labels: Given): S {
    const given = labels ?? NOTHING;
    const lead = this.#lead;
    const open = this.#open;
    if (open > 0) {
      let place = this.#led();
      // A line for each of the first labels: engines remember by the line which
      // name it asks for, and a loop takes twice the time.
      place = this.#step(place, lead, given[this.#first]);
      if (open > 1) place = this.#step(place, lead + 1, given[this.#second]);
      if (open > 2) place = this.#step(place, lead + 2, given[this.#third]);
      for (let at = FEW; at < open; at++) {
        place = this.#step(place, lead + at, given[this.#names[lead + at]!]);
      }
      if (place !== undefined) return place as S;
    }
    return this.#find(given, this.#names);
  }

  // One by one: Bun makes a list of what is named together with each call.
  at(
    first?: unknown,
    second?: unknown,
    third?: unknown,
    ...more: readonly unknown[]
  ): S {
    const lead = this.#lead;
    const open = this.#open;
    if (open > 0) {
      let place = this.#led();
      place = this.#step(place, lead, first);
      if (open > 1) place = this.#step(place, lead + 1, second);
      if (open > 2) place = this.#step(place, lead + 2, third);
      for (let at = FEW; at < open; at++) {
        place = this.#step(place, lead + at, more[at - FEW]);
      }
      if (place !== undefined) return place as S;
    }
    return this.#find([first, second, third, ...more], this.#positions);
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
    return view.table.index.find(view.#textsOf(labels ?? NOTHING, view.#names));
  }

  /** One label further; see `SeriesIndex.step`. */
  #step(
    place: Place<S> | undefined,
    at: number,
    value: unknown,
  ): Place<S> | undefined {
    const text = typeof value === "string" ? value : labelText(value);
    if (place instanceof Map) return place.get(text);
    return this.table.index.step(place, at, text);
  }

  /** Where the fixed labels before all open ones lead. */
  #led(): Place<S> | undefined {
    let place: Place<S> | undefined = this.#root;
    for (let at = 0; at < this.#lead; at++) {
      place = this.#step(place, at, this.#fixed[at]);
    }
    return place;
  }

  /**
   * What no line has found; views with a fixed label among open ones have none.
   * `keys` tells where in `given` the values are.
   */
  #find(given: Given | readonly unknown[], keys: Keys): S {
    let place = this.#open > 0 ? undefined : this.table.index.start;
    for (let at = 0; place !== undefined && at < keys.length; at++) {
      const value = this.#fixed[at] ?? (given as Given)[keys[at]!];
      place = this.#step(place, at, value);
    }
    return place as S | undefined ??
      this.table.resolve(this.#textsOf(given, keys));
  }

  #textsOf(given: Given | readonly unknown[], keys: Keys): string[] {
    return keys.map((key, at) =>
      this.#fixed[at] ?? labelText((given as Given)[key])
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
