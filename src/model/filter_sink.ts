/** A sink that passes on selected families. */
import type { FamilyDesc } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import type { RevocableSink } from "./sink.ts";

/** Passes the selected families on to another sink, and skips the others. */
export class FilterSink implements RevocableSink {
  readonly #sink: RevocableSink;
  readonly #selects: (desc: FamilyDesc) => boolean;
  #isOpen = false;

  /** Families for which `selects` returns true are passed on to `sink`. */
  constructor(sink: RevocableSink, selects: (desc: FamilyDesc) => boolean) {
    this.#sink = sink;
    this.#selects = selects;
  }

  /** Opens a family if it is selected; returns whether it is open. */
  family(desc: FamilyDesc): boolean {
    this.#isOpen = this.#selects(desc) && this.#sink.family(desc);
    return this.#isOpen;
  }

  /** Passes on a number if its family is open. */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    if (this.#isOpen) this.#sink.number(labels, value, start, exemplar);
  }

  /** Passes on a histogram if its family is open. */
  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    if (this.#isOpen) this.#sink.histogram(labels, view, start);
  }

  /** Passes on a summary if its family is open. */
  summary(labels: LabelSet, view: SummaryView, start: number): void {
    if (this.#isOpen) this.#sink.summary(labels, view, start);
  }

  /** Marks the point to which `rollback` returns. */
  mark(): void {
    this.#isOpen = false;
    this.#sink.mark();
  }

  /** Undoes everything that was passed on since `mark`. */
  rollback(): void {
    this.#isOpen = false;
    this.#sink.rollback();
  }
}
