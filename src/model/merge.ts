/**
 * Merges the snapshots of many workers into one.
 *
 * - Merging is associative and commutative, except that families and series are
 *   in the order in which they first appear. An empty snapshot changes nothing.
 *   Sums are only as associative as float64 addition.
 * - Series are matched by their label values, and merged by the rule of their
 *   family (`FamilyDesc.merge`).
 * - A family that cannot be merged is an error that names it.
 */
import { FamilyConflictError } from "../base/mod.ts";
import { display } from "../base/internal.ts";
import { copyExemplar, copyHistogram, copySummary } from "./copies.ts";
import { type FamilyDesc, VERBS } from "./desc.ts";
import {
  addCounts,
  layoutOf,
  mergeHistograms,
  newestExemplar,
  orderNumbers,
} from "./merge_histograms.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import {
  assertSnapshot,
  type FamilySnapshot,
  type Snapshot,
} from "./snapshot_shape.ts";

/** One series while it is merged. */
interface Row {
  readonly values: readonly string[];
  readonly start: number;
  readonly time: number;
  readonly number: number;
  readonly exemplar: Exemplar | undefined;
  readonly histogram: HistogramView | undefined;
  readonly summary: SummaryView | undefined;
}

/**
 * Merges any number of snapshots into one, which shares no mutable value with
 * them. Cost: linear in the number of series.
 *
 * `sum` adds up; a counter, or a count, stays at the largest float64 rather than
 * becoming infinite. `max` and `min` apply to numbers; NaN loses to any number.
 * `last` and `each-worker` take the series with the latest time. A merged
 * summary has no quantiles, because quantiles cannot be added up. The newer of
 * two exemplars is kept.
 *
 * @throws {TypeError} If `snapshots` is not a list of snapshots, or if one of
 *   them was turned into JSON.
 * @throws {FamilyConflictError} If two families of the same name differ in
 *   anything except their help, such as the bucket bounds of histograms; or if
 *   the rule is `max` or `min` and the values are not numbers.
 */
export function merge(snapshots: Iterable<Snapshot>): Snapshot {
  if (typeof Object(snapshots)[Symbol.iterator] !== "function") {
    throw new TypeError(
      `Cannot merge ${display(snapshots)}: give a list of snapshots, such as ` +
        `[capture(registry)]`,
    );
  }
  const families = new Map<string, MergedFamily>();
  for (const snapshot of snapshots) {
    assertSnapshot("Cannot merge", snapshot);
    for (const family of snapshot.families) {
      const { name } = family.desc;
      const known = families.get(name) ?? new MergedFamily(family.desc);
      known.add(family);
      families.set(name, known);
    }
  }
  const merged = [...families.values()];
  return { families: merged.map((family) => family.snapshot()) };
}

/** The properties in which families of the same name must agree, in words. */
const TERMS: readonly (readonly [string, (desc: FamilyDesc) => string])[] = [
  ["type", ({ type }) => type],
  ["unit", ({ unit }) => JSON.stringify(unit)],
  ["list of labels", ({ labelNames }) => JSON.stringify(labelNames)],
  ["merge rule", ({ merge }) => merge],
];

class MergedFamily {
  #desc: FamilyDesc;
  readonly #rows = new Map<string, Row>();

  constructor(desc: FamilyDesc) {
    this.#desc = desc;
  }

  add(family: FamilySnapshot): void {
    const { desc } = family;
    for (const [term, textOf] of TERMS) {
      this.#agree(term, textOf(this.#desc), textOf(desc));
    }
    // Any choice will do that does not depend on the order of the snapshots.
    if (desc.help > this.#desc.help) this.#desc = desc;
    for (let row = 0; row < family.starts.length; row++) {
      const added = copyRow(family, row);
      const key = JSON.stringify(added.values);
      const known = this.#rows.get(key);
      this.#rows.set(
        key,
        known === undefined ? added : this.#mergeRows(known, added),
      );
    }
  }

  #agree(term: string, one: string, other: string): void {
    if (one === other) return;
    const { name, type } = this.#desc;
    throw new FamilyConflictError(
      `Cannot merge ${type} "${name}": its ${term} is ${one} in one snapshot ` +
        `and ${other} in another; declare it the same in all workers`,
      name,
      name,
    );
  }

  #mergeRows(a: Row, b: Row): Row {
    const { merge } = this.#desc;
    const common = {
      values: a.values,
      start: Math.min(a.start || Infinity, b.start || Infinity),
      time: Math.max(a.time, b.time),
    };
    if (common.start === Infinity) common.start = 0;
    if (merge === "last" || merge === "each-worker") {
      return { ...(orderRows(a, b) > 0 ? a : b), ...common };
    }
    if (merge !== "sum" && VERBS[this.#desc.type] !== "number") {
      throw new FamilyConflictError(
        `Cannot merge ${this.#desc.type} "${this.#desc.name}": only numbers ` +
          `have a ${merge}; declare merge: "sum" or "last"`,
        this.#desc.name,
        this.#desc.name,
      );
    }
    return {
      ...common,
      number: this.#desc.type === "counter" && merge === "sum"
        ? addCounts(a.number, b.number)
        : MERGE_NUMBERS[merge](a.number, b.number),
      exemplar: newestExemplar(a.exemplar, b.exemplar),
      histogram: this.#histograms(a.histogram, b.histogram),
      summary: mergeSummaries(a.summary, b.summary),
    };
  }

  #histograms(
    a: HistogramView | undefined,
    b: HistogramView | undefined,
  ): HistogramView | undefined {
    if (a === undefined || b === undefined) return undefined;
    this.#agree("layout", layoutOf(a), layoutOf(b));
    return mergeHistograms(a, b);
  }

  snapshot(): FamilySnapshot {
    const rows = [...this.#rows.values()];
    const verb = VERBS[this.#desc.type];
    return {
      desc: this.#desc,
      labelValues: rows.flatMap(({ values }) => values),
      starts: Float64Array.from(rows, ({ start }) => start),
      times: Float64Array.from(rows, ({ time }) => time),
      numbers: Float64Array.from(
        verb === "number" ? rows : [],
        ({ number }) => number,
      ),
      exemplars: new Map(
        rows.flatMap(({ exemplar }, row) =>
          exemplar === undefined ? [] : [[row, exemplar]]
        ),
      ),
      histograms: rows.flatMap(({ histogram }) => histogram ?? []),
      summaries: rows.flatMap(({ summary }) => summary ?? []),
    };
  }
}

const MERGE_NUMBERS: Readonly<
  Record<"sum" | "max" | "min", (a: number, b: number) => number>
> = {
  sum: (a, b) => a + b,
  max: (a, b) => orderNumbers(a, b) > 0 ? a : b,
  min: (a, b) => Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b),
};

function mergeSummaries(
  a: SummaryView | undefined,
  b: SummaryView | undefined,
): SummaryView | undefined {
  if (a === undefined || b === undefined) return undefined;
  return {
    count: addCounts(a.count, b.count),
    sum: a.sum + b.sum,
    quantiles: new Float64Array(0),
    values: new Float64Array(0),
  };
}

/** Orders rows by time, and rows of the same time by their contents. */
function orderRows(a: Row, b: Row): number {
  const [x, y] = [a.histogram ?? a.summary, b.histogram ?? b.summary];
  return orderNumbers(a.time, b.time) ||
    orderNumbers(a.number, b.number) ||
    orderNumbers(x?.count ?? 0, y?.count ?? 0) ||
    orderNumbers(x?.sum ?? 0, y?.sum ?? 0) ||
    orderTexts(a, b);
}

/** Orders rows by their JSON: any total order will do. */
function orderTexts(a: Row, b: Row): number {
  const text = ({ histogram, summary, exemplar }: Row) =>
    JSON.stringify(
      [histogram, summary, exemplar],
      (_, value) =>
        ArrayBuffer.isView(value)
          ? Array.from(value as Float64Array, String)
          : value,
    );
  const [x, y] = [text(a), text(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Returns a copy of the series at index `row`. */
function copyRow(family: FamilySnapshot, row: number): Row {
  const { desc, starts, times, numbers, exemplars } = family;
  const { length } = desc.labelNames;
  const exemplar = exemplars.get(row);
  const histogram = family.histograms[row];
  const summary = family.summaries[row];
  return {
    values: family.labelValues.slice(row * length, (row + 1) * length),
    start: starts[row]!,
    time: times[row]!,
    number: numbers[row] ?? 0,
    exemplar: exemplar && copyExemplar(exemplar),
    histogram: histogram && copyHistogram(histogram),
    summary: summary && copySummary(summary),
  };
}
