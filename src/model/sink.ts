/**
 * Sinks: the grammar in which sources write families and series. Everything
 * that leaves the process is a sink.
 */
import { type FamilyDesc, verbOf } from "./desc.ts";
import type { LabelSet } from "./label_set.ts";
import type { Exemplar, HistogramView, SummaryView } from "./points.ts";

/** Listens to one pass over the sources. */
export interface Sink {
  /** Opens a family. False: not interested, the source skips its series. */
  family(desc: FamilyDesc): boolean;
  /**
   * A series of any type but histograms and summaries. `start` is when it
   * began to count, in unix seconds; 0 means unknown.
   */
  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void;
  /** A series of type histogram or gaugehistogram. */
  histogram(labels: LabelSet, view: HistogramView, start: number): void;
  /** A series of type summary. */
  summary(labels: LabelSet, view: SummaryView, start: number): void;
}

/** A sink that can take back what it heard since the last mark. */
export interface RevocableSink extends Sink {
  /** From here on, all can be taken back. */
  mark(): void;
  /** Forgets what was said since `mark`. */
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
      `call sink.${verbOf(desc.type)}() for it`,
  );
}
