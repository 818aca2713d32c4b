/** A sink for bodies to which the receiver adds labels. */
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  RevocableSink,
  SummaryView,
} from "../../model/mod.ts";
import { escapedLabel, escapedMetric, quoted } from "../../base/internal.ts";

/** Names that the receiver of a body uses itself. */
export interface ReceiverNames {
  /** The labels that it sets for all metrics of a push. */
  readonly labels: { has(name: string): boolean };
  /** The families that it exposes beside those that are pushed. */
  readonly families: { has(name: string): boolean };
}

/**
 * Passes everything on to an encoder. Refuses families that have a label which
 * the receiver would overwrite, counts the points, and notices what the text
 * format cannot express.
 */
export class LabelledSink implements RevocableSink {
  readonly #encoder: RevocableSink;
  readonly #names: ReceiverNames;
  #points = 0;
  #marked = 0;
  #isRich = false;
  #hasFailed = false;

  /** Writes to `encoder`. */
  constructor(encoder: RevocableSink, names: ReceiverNames) {
    this.#encoder = encoder;
    this.#names = names;
  }

  /** The number of points that were written. */
  get points(): number {
    return this.#points;
  }

  /** Whether a point has an exemplar or native buckets. */
  get isRich(): boolean {
    return this.#isRich;
  }

  /** Whether a part was rolled back. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  mark(): void {
    this.#encoder.mark();
    this.#marked = this.#points;
  }

  rollback(): void {
    this.#encoder.rollback();
    this.#points = this.#marked;
    this.#hasFailed = true;
  }

  /** @throws {Error} If the receiver would mix it up with its own. */
  family(desc: FamilyDesc): boolean {
    const { labels, families } = this.#names;
    // As they are written: the receiver sees no other names.
    if (families.has(escapedMetric(desc.name, "underscores"))) {
      throw new Error("the receiver has a metric of that name; rename it");
    }
    const label = desc.labelNames.find((name) =>
      labels.has(escapedLabel(name, "underscores"))
    );
    if (label !== undefined) {
      throw new Error(
        `it has the label ${quoted(label)}, which the receiver sets for all ` +
          `metrics of a push; rename one of them`,
      );
    }
    return this.#encoder.family(desc);
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    this.#points++;
    if (exemplar !== undefined) this.#isRich = true;
    this.#encoder.number(labels, value, start, exemplar);
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    this.#points++;
    if (view.native !== undefined || view.exemplars.some(isGiven)) {
      this.#isRich = true;
    }
    this.#encoder.histogram(labels, view, start);
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    this.#points++;
    this.#encoder.summary(labels, view, start);
  }
}

function isGiven(exemplar: Exemplar | undefined): boolean {
  return exemplar !== undefined;
}
