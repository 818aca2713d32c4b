/** A sink that keeps what a part writes until the part has not failed. */
import {
  type Exemplar,
  type FamilyDesc,
  type HistogramView,
  Labels,
  type LabelSet,
  type RevocableSink,
  type Sink,
  type SummaryView,
} from "../../model/mod.ts";

/**
 * Keeps what one part writes. Views need no copy: those of parts that are not
 * trusted are copies already, and callback metrics write numbers only.
 */
export class StagingSink implements RevocableSink {
  #names: readonly string[] = [];
  #writes: ((sink: Sink) => void)[] = [];

  mark(): void {
    this.#writes = [];
  }

  rollback(): void {
    this.#writes = [];
  }

  /** Writes everything since the mark into `sink`. */
  commit(sink: Sink): void {
    for (const write of this.#writes) write(sink);
    this.#writes = [];
  }

  family(desc: FamilyDesc): boolean {
    this.#names = desc.labelNames;
    this.#writes.push((sink) => sink.family(desc));
    return true;
  }

  number(
    borrowed: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const labels = this.#copy(borrowed);
    this.#writes.push((sink) => sink.number(labels, value, start, exemplar));
  }

  histogram(borrowed: LabelSet, view: HistogramView, start: number): void {
    const labels = this.#copy(borrowed);
    this.#writes.push((sink) => sink.histogram(labels, view, start));
  }

  summary(borrowed: LabelSet, view: SummaryView, start: number): void {
    const labels = this.#copy(borrowed);
    this.#writes.push((sink) => sink.summary(labels, view, start));
  }

  #copy(labels: LabelSet): LabelSet {
    const names = this.#names;
    return new Labels(names, names.map((_, at) => labels.value(at)));
  }
}
