/** A sink that passes on some families. */
import type { FamilyDesc } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import type { RevocableSink } from "./sink.ts";

/** Passes the wanted families on to another sink, and nothing else. */
export class FilterSink implements RevocableSink {
  readonly #sink: RevocableSink;
  readonly #wanted: (desc: FamilyDesc) => boolean;
  #isOpen = false;

  /** `wanted` selects the families that are passed on to `sink`. */
  constructor(sink: RevocableSink, wanted: (desc: FamilyDesc) => boolean) {
    this.#sink = sink;
    this.#wanted = wanted;
  }

  /** Opens a family if it is wanted. */
  family(desc: FamilyDesc): boolean {
    this.#isOpen = this.#wanted(desc) && this.#sink.family(desc);
    return this.#isOpen;
  }

  /** Passes a number on. */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    if (this.#isOpen) this.#sink.number(labels, value, start, exemplar);
  }

  /** Passes a histogram on. */
  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    if (this.#isOpen) this.#sink.histogram(labels, view, start);
  }

  /** Passes a summary on. */
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
