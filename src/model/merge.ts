/**
 * Snapshots of many workers folded into one.
 *
 * - Associative and commutative, up to the order of families and series, which
 *   is that of first appearance; an empty snapshot changes nothing. Sums are as
 *   associative as float64 is.
 * - Series are matched by their label values; which rule folds them is the
 *   family's (`FamilyDesc.merge`).
 * - What cannot be folded is refused, by the name of the family.
 */
import { FamilyConflictError } from "../base/mod.ts";
import { copyExemplar, copyHistogram, copySummary } from "./copies.ts";
import { type FamilyDesc, verbOf } from "./desc.ts";
import {
  layoutOf,
  mergeHistograms,
  newestExemplar,
  orderNumbers,
} from "./merge_histograms.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import type { FamilySnapshot, Snapshot } from "./snapshot.ts";

/** One series on its way. */
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
 * Folds any number of snapshots into one, which shares nothing with them that
 * could change.
 *
 * `sum` adds up; `max` and `min` are of numbers, of which NaN is the least
 * wanted; `last` and `each-worker` take the row with the latest `times`. A
 * summary that was folded has no quantiles, for they cannot be added up. Of two
 * exemplars the younger one stays. Cost: linear in the series.
 *
 * @throws {FamilyConflictError} If two families of one name differ in more than
 *   their help, histograms in their buckets among it.
 */
export function merge(snapshots: Iterable<Snapshot>): Snapshot {
  const families = new Map<string, MergedFamily>();
  for (const snapshot of snapshots) {
    for (const family of snapshot.families) {
      const { name } = family.desc;
      const known = families.get(name) ?? new MergedFamily(family.desc);
      known.add(family);
      families.set(name, known);
    }
  }
  return { families: [...families.values()].map((one) => one.snapshot()) };
}

/** What two families of one name must agree on, in words. */
const TERMS: readonly (readonly [string, (desc: FamilyDesc) => string])[] = [
  ["type", ({ type }) => type],
  ["unit", ({ unit }) => JSON.stringify(unit)],
  ["labels", ({ labelNames }) => JSON.stringify(labelNames)],
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
    // Either will do, if it does not depend on which of them was first.
    if (desc.help > this.#desc.help) this.#desc = desc;
    for (let row = 0; row < family.starts.length; row++) {
      const added = rowOf(family, row);
      const key = JSON.stringify(added.values);
      const known = this.#rows.get(key);
      this.#rows.set(
        key,
        known === undefined ? added : this.#fold(known, added),
      );
    }
  }

  #agree(term: string, one: string, other: string): void {
    if (one === other) return;
    const { name, type } = this.#desc;
    throw new FamilyConflictError(
      `Cannot merge ${type} "${name}": its ${term} is ${one} in one snapshot ` +
        `and ${other} in another; declare it alike in all workers`,
      name,
      name,
    );
  }

  #fold(a: Row, b: Row): Row {
    const { merge } = this.#desc;
    const times = {
      values: a.values,
      start: Math.min(a.start || Infinity, b.start || Infinity),
      time: Math.max(a.time, b.time),
    };
    if (times.start === Infinity) times.start = 0;
    if (merge === "last" || merge === "each-worker") {
      return { ...(orderRows(a, b) > 0 ? a : b), ...times };
    }
    if (merge !== "sum" && verbOf(this.#desc.type) !== "number") {
      throw new FamilyConflictError(
        `Cannot merge ${this.#desc.type} "${this.#desc.name}": of what is no ` +
          `number there is no ${merge}; declare merge: "sum" or "last"`,
        this.#desc.name,
        this.#desc.name,
      );
    }
    return {
      ...times,
      number: NUMBERS[merge](a.number, b.number),
      exemplar: newestExemplar(a.exemplar, b.exemplar),
      histogram: this.#histograms(a.histogram, b.histogram),
      summary: summaries(a.summary, b.summary),
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
    const verb = verbOf(this.#desc.type);
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

const NUMBERS: Readonly<
  Record<"sum" | "max" | "min", (a: number, b: number) => number>
> = {
  sum: (a, b) => a + b,
  max: (a, b) => orderNumbers(a, b) > 0 ? a : b,
  min: (a, b) => Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b),
};

function summaries(
  a: SummaryView | undefined,
  b: SummaryView | undefined,
): SummaryView | undefined {
  if (a === undefined || b === undefined) return undefined;
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    quantiles: new Float64Array(0),
    values: new Float64Array(0),
  };
}

/** The later one is greater; of one moment, whichever has more in it. */
function orderRows(a: Row, b: Row): number {
  const [x, y] = [a.histogram ?? a.summary, b.histogram ?? b.summary];
  return orderNumbers(a.time, b.time) ||
    orderNumbers(a.number, b.number) ||
    orderNumbers(x?.count ?? 0, y?.count ?? 0) ||
    orderNumbers(x?.sum ?? 0, y?.sum ?? 0) ||
    orderTexts(a, b);
}

/** Any order will do here, if only it is one. */
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

/** A copy of a row. */
function rowOf(family: FamilySnapshot, row: number): Row {
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
