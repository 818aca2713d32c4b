/**
 * Reveals sinks that store borrowed views: each view is overwritten as soon as
 * the call of the sink returns.
 */
import type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  NativeView,
  ScrapeObserver,
  Sink,
  Source,
  SummaryView,
} from "../model/mod.ts";
import {
  collectInto,
  descsOf,
  OBSERVER,
  observerOf,
  partsOf,
  trustSource,
} from "../model/internal.ts";

/** The value of a label that is read after the call of the sink has returned. */
export const POISONED = "\u0000poisoned";

/**
 * Returns a source with the same content, whose numbers become NaN and whose
 * label values become `POISONED` when a call of the sink returns. Test custom
 * sinks and formats with it: their output is wrong if they store a borrowed view.
 *
 * Parts are poisoned, too. Repeated calls return the same object for a source, so
 * that a set of excluded parts stays valid.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import type { LabelSet } from "@barograph/barograph/model";
 * import { poison, POISONED } from "@barograph/barograph/testing";
 *
 * const registry = createRegistry({ selfMetrics: false });
 * registry.gauge({ name: "depth", help: "Depth.", labels: ["queue"] })
 *   .with({ queue: "mail" }).set(3);
 * const stored: LabelSet[] = []; // a bug: borrowed labels are not copied
 * poison(registry).collect({
 *   family: () => true,
 *   number: (labels) => stored.push(labels),
 *   histogram: () => {},
 *   summary: () => {},
 * });
 * console.assert(stored[0]?.value(0) === POISONED);
 * ```
 */
export function poison(source: Source): Source {
  if (source instanceof PoisonedSource) return source;
  const known = POISONED_SOURCES.get(source);
  if (known !== undefined) return known;
  const poisoned = new PoisonedSource(source);
  POISONED_SOURCES.set(source, poisoned);
  return poisoned;
}

/** The poisoned source of each source, so that parts keep their identity. */
const POISONED_SOURCES = new WeakMap<Source, Source>();

class PoisonedSource implements Source {
  readonly #source: Source;
  readonly [OBSERVER]?: ScrapeObserver;
  readonly refresh?: (signal: AbortSignal) => Promise<void>;

  constructor(source: Source) {
    this.#source = source;
    trustSource(this); // it passes on what was checked
    const observer = observerOf(source);
    if (observer !== undefined) {
      this[OBSERVER] = {
        // The observer knows the original parts, not the poisoned ones.
        failed: (part, error) =>
          observer.failed?.(PoisonedSource.of(part), error),
        scraped: (report) => observer.scraped?.(report),
      };
    }
    if (source.refresh !== undefined) {
      this.refresh = async (signal) => await source.refresh?.(signal);
    }
  }

  /** Returns the original of a poisoned source; other sources unchanged. */
  static of(source: Source): Source {
    return source instanceof PoisonedSource ? source.#source : source;
  }

  get descs(): readonly FamilyDesc[] {
    return descsOf(this.#source);
  }

  get parts(): Iterable<Source> {
    return partsOf(this.#source).map(poison);
  }

  collect(sink: Sink): void {
    collectInto(this.#source, new PoisonSink(sink));
  }
}

class PoisonSink implements Sink {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  family(desc: FamilyDesc): boolean {
    return this.#sink.family(desc);
  }

  number(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar?: Exemplar,
  ): void {
    const borrowed = new BorrowedLabels(labels);
    const copy = exemplar && new BorrowedExemplar(exemplar);
    try {
      this.#sink.number(borrowed, value, start, copy);
    } finally {
      borrowed.overwrite();
      copy?.overwrite();
    }
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const borrowed = new BorrowedLabels(labels);
    const copy = new BorrowedHistogram(view);
    try {
      this.#sink.histogram(borrowed, copy, start);
    } finally {
      borrowed.overwrite();
      copy.overwrite();
    }
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const borrowed = new BorrowedLabels(labels);
    const copy = new BorrowedSummary(view);
    try {
      this.#sink.summary(borrowed, copy, start);
    } finally {
      borrowed.overwrite();
      copy.overwrite();
    }
  }
}

class BorrowedLabels implements LabelSet {
  readonly names: readonly string[];
  #labels: LabelSet | undefined;

  constructor(labels: LabelSet) {
    this.names = labels.names;
    this.#labels = labels;
  }

  value(index: number): string {
    return this.#labels === undefined ? POISONED : this.#labels.value(index);
  }

  overwrite(): void {
    this.#labels = undefined;
  }
}

class BorrowedExemplar implements Exemplar {
  labels: Record<string, string>;
  value: number;
  timestamp: number;

  constructor({ labels, value, timestamp }: Exemplar) {
    this.labels = { ...labels };
    this.value = value;
    this.timestamp = timestamp;
  }

  overwrite(): void {
    for (const name of Object.keys(this.labels)) this.labels[name] = POISONED;
    this.value = this.timestamp = NaN;
  }
}

class BorrowedHistogram implements HistogramView {
  count: number;
  sum: number;
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  readonly exemplars: (BorrowedExemplar | undefined)[];
  readonly native: BorrowedNative | undefined;

  constructor(view: HistogramView) {
    this.count = view.count;
    this.sum = view.sum;
    this.bounds = view.bounds.slice();
    this.counts = view.counts.slice();
    this.exemplars = view.exemplars.map((exemplar) =>
      exemplar && new BorrowedExemplar(exemplar)
    );
    this.native = view.native && new BorrowedNative(view.native);
  }

  overwrite(): void {
    this.count = this.sum = NaN;
    this.bounds.fill(NaN);
    this.counts.fill(NaN);
    for (const exemplar of this.exemplars) exemplar?.overwrite();
    this.exemplars.length = 0;
    this.native?.overwrite();
  }
}

class BorrowedNative implements NativeView {
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  readonly positive: BorrowedBuckets;
  readonly negative: BorrowedBuckets;

  constructor(view: NativeView) {
    this.schema = view.schema;
    this.zeroThreshold = view.zeroThreshold;
    this.zeroCount = view.zeroCount;
    this.positive = new BorrowedBuckets(view.positive);
    this.negative = new BorrowedBuckets(view.negative);
  }

  overwrite(): void {
    this.schema = this.zeroThreshold = this.zeroCount = NaN;
    this.positive.overwrite();
    this.negative.overwrite();
  }
}

class BorrowedBuckets implements DenseBuckets {
  offset: number;
  size: number;
  readonly counts: Float64Array;
  overflow: number;

  constructor({ offset, size, counts, overflow }: DenseBuckets) {
    this.offset = offset;
    this.size = size;
    this.counts = counts.slice();
    this.overflow = overflow;
  }

  overwrite(): void {
    this.offset = this.size = this.overflow = NaN;
    this.counts.fill(NaN);
  }
}

class BorrowedSummary implements SummaryView {
  count: number;
  sum: number;
  readonly quantiles: Float64Array;
  readonly values: Float64Array;

  constructor({ count, sum, quantiles, values }: SummaryView) {
    this.count = count;
    this.sum = sum;
    this.quantiles = quantiles.slice();
    this.values = values.slice();
  }

  overwrite(): void {
    this.count = this.sum = NaN;
    this.quantiles.fill(NaN);
    this.values.fill(NaN);
  }
}
