/** A sink that hears of some families only. */
import type { FamilyDesc } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";
import type { RevocableSink } from "./sink.ts";

/** Passes on what is wanted, and nothing else, whatever the source says. */
export class FilterSink implements RevocableSink {
  readonly #sink: RevocableSink;
  readonly #wanted: (desc: FamilyDesc) => boolean;
  #isOpen = false;

  /** `wanted` tells the families that `sink` is to hear of. */
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

  /** From here on, all can be taken back. */
  mark(): void {
    this.#isOpen = false;
    this.#sink.mark();
  }

  /** Forgets what was passed on since `mark`. */
  rollback(): void {
    this.#isOpen = false;
    this.#sink.rollback();
  }
}
