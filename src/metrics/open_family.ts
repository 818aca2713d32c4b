/**
 * Families whose labels are not declared: each series brings its own. A label
 * that no series had before is added to all of them, where it is absent. Labels
 * are sorted, so that their order does not depend on who came first.
 *
 * For adapters of other APIs. Programs declare their labels: a typo in a label is
 * then an error, and a look-up takes no list of names.
 */
import { MAX_TEXT } from "../base/internal.ts";
import type { FamilyDesc, MergeRule, NameRule, Source } from "../model/mod.ts";
import { descFrom } from "../model/internal.ts";
import type { BareRegistry } from "./bare_registry.ts";
import type { AnyKind, Options } from "./declare.ts";
import { scopeIn } from "./declarer.ts";
import { ExemplarSampler, type ExemplarSource } from "./exemplars.ts";
import type { Declared, Families } from "./families.ts";
import type { InstrumentKind, Terms } from "./kind.ts";
import type { Layout, Series } from "./series.ts";
import { type Place, SeriesIndex } from "./series_index.ts";
import { Table } from "./table.ts";

/** Maximum number of labels of one family. */
const MAX_LABELS = 128;

/** A table that gets more labels. */
class OpenTable<S extends Series> extends Table<S> {
  /** By label of the description: the index of its column. */
  #order: readonly number[] | undefined;

  /**
   * Replaces the description by one with more labels, whose columns are in
   * `order`: columns are only ever added at the end.
   */
  widen(desc: FamilyDesc, order: readonly number[]): void {
    const { start } = this.index;
    const series = start === undefined ? [] : seriesIn(start);
    this.describe(desc);
    this.arity = desc.labelNames.length;
    this.columns.widen(this.arity);
    this.index = new SeriesIndex(this.arity, this.columns);
    for (const each of series) this.index.insert(each);
    const { columns } = this;
    this.#order = order;
    this.shown = { value: (row, at) => columns.value(row, order[at]!) };
  }

  override valuesOf(series: Series): readonly string[] {
    const values = super.valuesOf(series);
    return this.#order?.map((at) => values[at] ?? "") ?? values;
  }

  /** Its source of exemplars is its own. */
  override follow(): void {}
}

/** Returns all series at a place, or below it. */
function seriesIn<S extends Series>(place: Place<S>): S[] {
  return place instanceof Map
    ? [...place.values()].flatMap((each) => seriesIn(each))
    : [place];
}

/** Options of an open family. */
export interface OpenFamilyOptions<Own> {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly names: NameRule;
  /** The first labels; more follow. */
  readonly labels: readonly string[];
  readonly merge: MergeRule | undefined;
  /** Maximum number of series; further label sets share the overflow series. */
  readonly maxSeries: number;
  /** Seconds after which a series that records nothing is no longer exposed. */
  readonly expireAfter: number;
  /** Source of sampled exemplars; undefined for none. */
  readonly exemplars: ExemplarSource | undefined;
  /** The options that only the kind has; all of them. */
  readonly own: Own;
}

/** A family with any labels. */
export class OpenFamily<S extends Series = Series> implements Declared {
  readonly terms: Terms;
  readonly table: OpenTable<S>;
  readonly source: Source;
  readonly #families: Families;
  readonly #names: NameRule;
  /** The first labels of the description; all others are sorted. */
  readonly #first: readonly string[];
  /** The index of the column of each label. */
  readonly #positions = new Map<string, number>();

  constructor(
    families: Families,
    names: NameRule,
    terms: Terms,
    table: OpenTable<S>,
    source: Source | undefined,
  ) {
    this.terms = terms;
    this.table = table;
    this.source = source ?? table;
    this.#families = families;
    this.#names = names;
    this.#first = table.desc.labelNames;
    for (const label of table.desc.labelNames) {
      this.#positions.set(label, this.#positions.size);
    }
  }

  /**
   * Returns or creates the series of these labels. Returns the overflow series if
   * there are too many series or labels, or if a name is illegal. Cost: a look-up
   * per label of the family.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  resolve(labels: ReadonlyMap<string, string>): S {
    const added = [...labels.keys()].filter((it) => !this.#positions.has(it));
    if (added.length > 0 && !this.#widen(added)) {
      this.table.reject("label_name", added.join(", "));
      return this.table.overflow();
    }
    return this.table.resolve(this.#valuesOf(labels));
  }

  /** Returns the series of these labels; undefined if it does not exist. */
  find(labels: ReadonlyMap<string, string>): S | undefined {
    for (const label of labels.keys()) {
      if (!this.#positions.has(label)) return undefined;
    }
    return this.table.index.find(this.#valuesOf(labels));
  }

  /** Counts an error of the code that reports values. */
  fail(): void {
    this.#families.selfMetrics.report("failures", this.table.desc.name);
  }

  #valuesOf(labels: ReadonlyMap<string, string>): string[] {
    const values = new Array<string>(this.#positions.size).fill("");
    for (const [label, value] of labels) {
      values[this.#positions.get(label)!] = value;
    }
    return values;
  }

  /** Adds labels; returns false if there are too many, or one is illegal. */
  #widen(added: readonly string[]): boolean {
    if (this.#positions.size + added.length > MAX_LABELS) return false;
    const { desc } = this.table;
    const { length } = this.#first;
    const labelNames = [
      ...this.#first,
      ...[...desc.labelNames.slice(length), ...added].sort(),
    ];
    let wider: FamilyDesc;
    try {
      wider = descFrom({ ...desc, labelNames }, this.#names);
    } catch {
      return false;
    }
    for (const label of added) this.#positions.set(label, this.#positions.size);
    if (this.#families.sources.has(this.source)) {
      this.#families.release([desc]);
      this.#families.reserve([wider]);
    }
    const order = labelNames.map((label) => this.#positions.get(label)!);
    this.table.widen(wider, order);
    return true;
  }
}

/** Returns the constant labels of a registry; undefined if it is none of ours. */
export function fixedLabelsOf(
  registry: unknown,
): ReadonlyMap<string, string> | undefined {
  return scopeIn(registry)?.fixed;
}

/**
 * Declares a family of `kind` with any labels in a registry of this module, or
 * returns it if it is declared already. `makeSource` makes the source that is
 * exposed in place of the table.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function openFamily<S extends Series, Own>(
  registry: BareRegistry,
  kind: InstrumentKind<S, Own>,
  options: OpenFamilyOptions<Own>,
  makeSource?: (table: Table<S>) => Source,
): OpenFamily<S> {
  const { families, prefix } = scopeIn(registry)!;
  const { help, unit, names, labels, merge, maxSeries, expireAfter } = options;
  const name = prefix + options.name;
  const plan = (kind as unknown as AnyKind).plan(
    { ...options.own, name } as unknown as Options,
  );
  const desc = descFrom({
    name,
    type: kind.type,
    help,
    unit,
    labelNames: labels,
    merge: merge ?? kind.merge,
  }, names);
  const terms = {
    type: desc.type,
    kind: kind.id,
    recording: makeSource === undefined
      ? "by a meter of OpenTelemetry"
      : "by callbacks of a meter of OpenTelemetry",
    unit: JSON.stringify(unit),
    merge: desc.merge,
    maxSeries: `${maxSeries}`,
    expireAfter: `${expireAfter}`,
    ...plan.terms,
  };
  return families.declare(desc, terms, () => {
    const limits = {
      maxSeries,
      expireAfter,
      closed: [],
      longest: MAX_TEXT,
      constants: new Set<string>(),
    };
    const table = new OpenTable<S>(
      desc,
      plan.layout() as unknown as Layout<S>,
      limits,
      families.selfMetrics,
    );
    const { exemplars } = options;
    table.sampler = exemplars && new ExemplarSampler(exemplars);
    const source = makeSource?.(table);
    return new OpenFamily(families, names, terms, table, source);
  });
}
