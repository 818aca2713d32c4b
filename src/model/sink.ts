/**
 * Sinks: the grammar in which sources write families and series. All output,
 * from expositions to snapshots, is written by sinks.
 */
import { type FamilyDesc, VERBS } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";

/** Receives the families and series of one pass over the sources. */
export interface Sink {
  /** Opens a family. Returns false if the source is to skip its series. */
  family(desc: FamilyDesc): boolean;
  /**
   * Receives a series of any type except histograms and summaries. `start` is
   * when it began to count, in unix seconds; 0: unknown.
   */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void;
  /** Receives a series of type histogram or gaugehistogram. */
  histogram(labels: LabelSet, view: HistogramView, start: number): void;
  /** Receives a series of type summary. */
  summary(labels: LabelSet, view: SummaryView, start: number): void;
}

/** A sink that can undo everything since the last mark. */
export interface RevocableSink extends Sink {
  /** Marks the point to which `rollback` returns. */
  mark(): void;
  /** Undoes everything since `mark`. */
  rollback(): void;
}

/** Returns the error for a point without a family, or with the wrong verb. */
export function grammarError(
  desc: FamilyDesc | undefined,
  verb: "number" | "histogram" | "summary",
): TypeError {
  if (desc === undefined) {
    return new TypeError(
      `Cannot take a ${verb}: no family is open; call sink.family(desc) first`,
    );
  }
  return new TypeError(
    `Cannot take a ${verb} in ${desc.type} "${desc.name}": ` +
      `call sink.${VERBS[desc.type]}() for it`,
  );
}
