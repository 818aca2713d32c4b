/** Writes the series of a merged family into sinks. */
import type {
  FamilyDesc,
  HistogramView,
  LabelSet,
  Sink,
  SummaryView,
} from "../../model/mod.ts";
import { VERBS } from "../../model/internal.ts";
import type { Entry } from "./entry.ts";

/** The labels of the series that is being written. */
class EntryLabels implements LabelSet {
  readonly names: readonly string[];
  values: readonly string[] = [];

  constructor(names: readonly string[]) {
    this.names = names;
  }

  value(index: number): string {
    return this.values[index]!;
  }
}

/** Writes entries; the views that it passes on are refilled for each. */
export class EntryWriter {
  readonly #verb: "number" | "histogram" | "summary";
  readonly #width: number;
  readonly #labels: EntryLabels;
  readonly #view: {
    count: number;
    sum: number;
    readonly bounds: Float64Array;
    readonly counts: Float64Array;
    exemplars: HistogramView["exemplars"];
  };
  readonly #summary: SummaryView & { count: number; sum: number };

  constructor({ type, labelNames }: FamilyDesc, bounds: readonly number[]) {
    this.#verb = VERBS[type];
    this.#width = this.#verb === "histogram"
      ? bounds.length + 2
      : this.#verb === "summary"
      ? 2
      : 1;
    this.#labels = new EntryLabels(labelNames);
    this.#view = {
      count: 0,
      sum: 0,
      bounds: Float64Array.from(bounds),
      counts: new Float64Array(bounds.length + 1),
      exemplars: [],
    };
    const none = new Float64Array(0);
    this.#summary = { count: 0, sum: 0, quantiles: none, values: none };
  }

  /** Writes an entry that has a row; `cells` are those of all rows. */
  write(entry: Entry, cells: Float64Array, sink: Sink): void {
    const labels = this.#labels;
    labels.values = entry.values;
    const { start } = entry;
    const at = entry.position * this.#width;
    if (this.#verb === "number") {
      sink.number(labels, cells[at]!, start, entry.exemplars[0]);
    } else if (this.#verb === "summary") {
      const view = this.#summary;
      view.count = cells[at]!;
      view.sum = cells[at + 1]!;
      sink.summary(labels, view, start);
    } else {
      const view = entry.view ?? this.#classic(entry, cells, at);
      sink.histogram(labels, view, start);
    }
  }

  #classic(
    { exemplars }: Entry,
    cells: Float64Array,
    at: number,
  ): HistogramView {
    const view = this.#view;
    const { counts } = view;
    let count = 0;
    for (let i = 0; i < counts.length; i++) count += counts[i] = cells[at + i]!;
    view.count = count;
    view.sum = cells[at + counts.length]!;
    view.exemplars = exemplars;
    return view;
  }
}
