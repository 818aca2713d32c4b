/**
 * Reads the points of one pass, as a scrape by Prometheus would store them.
 *
 * - Names, labels and `le` are those of the protobuf format of a scrape; see
 *   `LabelLayout` for the labels of the target.
 * - A part that fails is undone as a whole.
 */
import {
  boundText,
  isClassicLabel,
  isClassicMetric,
} from "../../base/internal.ts";
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  RevocableSink,
  SummaryView,
} from "../../model/mod.ts";
import {
  checkHistogram,
  checkNumber,
  checkSummary,
  grammarError,
  VERBS,
} from "../../model/internal.ts";
import { LabelKeys, LabelLayout, type TargetLabels } from "./labels.ts";
import { toMilliseconds } from "./milliseconds.ts";
import { histogramMessage } from "./native.ts";
import { timedExemplars } from "./exemplars.ts";
import type { Family, Point, SeriesTable } from "./series.ts";

/** Which buckets of histograms are sent. */
export type HistogramChoice = "native" | "classic" | "both";

/** The number of each type in both versions of the protocol. */
const TYPES: Readonly<Record<MetricType, number>> = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
};

/** Types whose series have a start time. */
const STARTED: readonly MetricType[] = ["counter", "histogram", "summary"];

/** The open family. */
interface Open {
  readonly desc: FamilyDesc;
  readonly family: Family;
  readonly keys: LabelKeys;
  /** The layouts of its series. */
  readonly layouts: Map<Added, LabelLayout>;
}

/** One series of a source: one or several of the receiver. */
interface Row {
  readonly open: Open;
  readonly labels: LabelSet;
  /** The part of keys that the labels make. */
  readonly key: string;
  /** When it began to count, in milliseconds; 0: unknown. */
  readonly start: number;
}

/** The suffix and the label that a type adds to a series. */
interface Added {
  readonly suffix: string;
  /** Its label; `""` if there is none. */
  readonly label: string;
}

const NAME: Added = { suffix: "", label: "" };
const QUANTILE: Added = { suffix: "", label: "quantile" };
const BUCKET: Added = { suffix: "_bucket", label: "le" };
const SUM: Added = { suffix: "_sum", label: "" };
const COUNT: Added = { suffix: "_count", label: "" };

/** A sink of the points of one pass. */
export class PointSink implements RevocableSink {
  /** The points of the pass so far. */
  readonly points: Point[] = [];
  readonly #table: SeriesTable;
  readonly #target: TargetLabels;
  readonly #histograms: HistogramChoice;
  /** The time of the push, in milliseconds. */
  readonly #time: number;
  readonly #texts = new NumberTexts();
  #open: Open | undefined;
  #mark = 0;

  constructor(
    table: SeriesTable,
    target: TargetLabels,
    histograms: HistogramChoice,
    time: number,
  ) {
    this.#table = table;
    this.#target = target;
    this.#histograms = histograms;
    this.#time = time;
  }

  mark(): void {
    this.#mark = this.points.length;
    this.#open = undefined;
  }

  rollback(): void {
    for (const { series } of this.points.splice(this.#mark)) {
      this.#table.undo(series);
    }
    this.#open = undefined;
  }

  family(desc: FamilyDesc): boolean {
    const { name, type, help, unit, labelNames } = desc;
    const isClassic = isClassicMetric(name) && labelNames.every(isClassicLabel);
    this.#open = {
      desc,
      family: { name, type: TYPES[type], help, unit, isClassic },
      keys: new LabelKeys(labelNames),
      layouts: new Map(),
    };
    return true;
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const row = this.#row("number", labels, start);
    const { desc } = row.open;
    checkNumber(desc, value);
    // As in a scrape: of the numbers, only counters have exemplars.
    this.#add(row, NAME, "", value, desc.type === "counter" ? [exemplar] : []);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const row = this.#row("histogram", labels, start);
    const { desc } = row.open;
    checkHistogram(desc, view);
    const { native, bounds, exemplars } = view;
    const choice = this.#histograms;
    if (native !== undefined && choice !== "classic") {
      const message = histogramMessage(view, desc.type === "gaugehistogram");
      this.#add(row, NAME, "", message, exemplars);
      if (choice === "native" || bounds.length === 0) return;
    }
    this.#addClassic(row, view);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const row = this.#row("summary", labels, start);
    checkSummary(row.open.desc, view);
    const { quantiles, values, sum, count } = view;
    this.#texts.of(quantiles).forEach((quantile, i) => {
      this.#add(row, QUANTILE, quantile, values[i]!);
    });
    this.#add(row, SUM, "", sum);
    this.#add(row, COUNT, "", count);
  }

  #addClassic(
    row: Row,
    { bounds, counts, exemplars, sum, count }: HistogramView,
  ): void {
    const texts = this.#texts.of(bounds);
    let cumulative = 0;
    for (let i = 0; i <= bounds.length; i++) {
      cumulative += counts[i]!;
      // With native buckets only, exemplars belong to no classic bucket.
      const exemplar = bounds.length > 0 ? [exemplars[i]] : [];
      this.#add(row, BUCKET, texts[i] ?? "+Inf", cumulative, exemplar);
    }
    this.#add(row, SUM, "", sum);
    this.#add(row, COUNT, "", count);
  }

  /** Adds a point; `own` is the value of the label that the type adds. */
  #add(
    { open, labels, key, start }: Row,
    added: Added,
    own: string,
    value: number | Uint8Array,
    given: readonly (Exemplar | undefined)[] = [],
  ): void {
    const layout = this.#layout(open, added);
    const series = this.#table.write(
      layout.key(own, key),
      open.family,
      typeof value !== "number",
      () => layout.of(labels, own),
    );
    const exemplars = timedExemplars(given, this.#time);
    this.points.push({ series, value, start, exemplars });
  }

  #layout({ desc, layouts }: Open, added: Added): LabelLayout {
    let layout = layouts.get(added);
    if (layout === undefined) {
      const { suffix, label } = added;
      const name = desc.name + suffix;
      layout = new LabelLayout(name, label, desc.labelNames, this.#target);
      layouts.set(added, layout);
    }
    return layout;
  }

  /** Returns the row of a point in the open family. */
  #row(
    verb: "number" | "histogram" | "summary",
    labels: LabelSet,
    since: number,
  ): Row {
    const open = this.#open;
    if (open === undefined || VERBS[open.desc.type] !== verb) {
      throw grammarError(open?.desc, verb);
    }
    const from = toMilliseconds(since);
    const isStarted = STARTED.includes(open.desc.type) && from > 0 &&
      from < this.#time;
    const key = open.keys.of(labels);
    return { open, labels, key, start: isStarted ? from : 0 };
  }
}

/** The texts of bounds, made once for successive series with equal bounds. */
class NumberTexts {
  #values: Float64Array = new Float64Array();
  #texts: readonly string[] = [];

  of(values: Float64Array): readonly string[] {
    // Compared by value: the array is borrowed and may be reused for others.
    const known = this.#values;
    const isKnown = known.length === values.length &&
      known.every((value, i) => value === values[i]);
    if (!isKnown) {
      this.#values = values.slice();
      this.#texts = Array.from(values, boundText);
    }
    return this.#texts;
  }
}
