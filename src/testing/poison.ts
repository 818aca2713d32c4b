/**
 * Makes retention bugs loud: whatever a source lends is spoilt as soon as the
 * call that lent it has returned.
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
import { OBSERVER, observerOf } from "../model/internal.ts";

/** What every label says that is read too late. */
export const POISONED = "\u0000poisoned";

/**
 * The same source, whose views turn to NaN, and whose labels turn to
 * `POISONED`, when the sink's call returns. Run every sink of your own over it.
 *
 * Parts are poisoned too. The same source gives the same poisoned one each
 * time, so that a set of parts to leave out still holds.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import type { LabelSet } from "@barograph/barograph/model";
 * import { poison, POISONED } from "@barograph/barograph/testing";
 *
 * const registry = createRegistry({ selfMetrics: false });
 * registry.gauge({ name: "depth", help: "Depth.", labels: ["queue"] })
 *   .with({ queue: "mail" }).set(3);
 * const kept: LabelSet[] = []; // a bug: what is lent is not copied
 * poison(registry).collect({
 *   family: () => true,
 *   number: (labels) => kept.push(labels),
 *   histogram: () => {},
 *   summary: () => {},
 * });
 * console.assert(kept[0]?.value(0) === POISONED);
 * ```
 */
export function poison(source: Source): Source {
  if (source instanceof PoisonedSource) return source;
  const known = POISONOUS.get(source);
  if (known !== undefined) return known;
  const poisoned = new PoisonedSource(source);
  POISONOUS.set(source, poisoned);
  return poisoned;
}

/** One poisoned source to each source, so that parts can be told apart. */
const POISONOUS = new WeakMap<Source, Source>();

class PoisonedSource implements Source {
  readonly #source: Source;
  readonly [OBSERVER]?: ScrapeObserver;
  readonly refresh?: (signal: AbortSignal) => Promise<void>;

  constructor(source: Source) {
    this.#source = source;
    const observer = observerOf(source);
    if (observer !== undefined) {
      this[OBSERVER] = {
        // The author of the source knows its own parts, not the poisoned ones.
        failed: (part, error) =>
          observer.failed?.(PoisonedSource.of(part), error),
        scraped: (report) => observer.scraped?.(report),
      };
    }
    if (source.refresh !== undefined) {
      this.refresh = async (signal) => await source.refresh?.(signal);
    }
  }

  /** The source that was poisoned, if it was. */
  static of(source: Source): Source {
    return source instanceof PoisonedSource ? source.#source : source;
  }

  get descs(): readonly FamilyDesc[] {
    return this.#source.descs;
  }

  get parts(): Iterable<Source> {
    const { parts } = this.#source;
    return parts === undefined ? [this] : Array.from(parts, poison);
  }

  collect(sink: Sink): void {
    this.#source.collect(new PoisonSink(sink));
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
    const lent = new LentLabels(labels);
    const copy = exemplar && new LentExemplar(exemplar);
    try {
      this.#sink.number(lent, value, start, copy);
    } finally {
      lent.spoil();
      copy?.spoil();
    }
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const lent = new LentLabels(labels);
    const copy = new LentHistogram(view);
    try {
      this.#sink.histogram(lent, copy, start);
    } finally {
      lent.spoil();
      copy.spoil();
    }
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const lent = new LentLabels(labels);
    const copy = new LentSummary(view);
    try {
      this.#sink.summary(lent, copy, start);
    } finally {
      lent.spoil();
      copy.spoil();
    }
  }
}

class LentLabels implements LabelSet {
  readonly names: readonly string[];
  #labels: LabelSet | undefined;

  constructor(labels: LabelSet) {
    this.names = labels.names;
    this.#labels = labels;
  }

  value(index: number): string {
    return this.#labels === undefined ? POISONED : this.#labels.value(index);
  }

  spoil(): void {
    this.#labels = undefined;
  }
}

class LentExemplar implements Exemplar {
  labels: Record<string, string>;
  value: number;
  timestamp: number;

  constructor({ labels, value, timestamp }: Exemplar) {
    this.labels = { ...labels };
    this.value = value;
    this.timestamp = timestamp;
  }

  spoil(): void {
    for (const name of Object.keys(this.labels)) this.labels[name] = POISONED;
    this.value = this.timestamp = NaN;
  }
}

class LentHistogram implements HistogramView {
  count: number;
  sum: number;
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  readonly exemplars: (LentExemplar | undefined)[];
  readonly native: LentNative | undefined;

  constructor(view: HistogramView) {
    this.count = view.count;
    this.sum = view.sum;
    this.bounds = view.bounds.slice();
    this.counts = view.counts.slice();
    this.exemplars = view.exemplars.map((one) => one && new LentExemplar(one));
    this.native = view.native && new LentNative(view.native);
  }

  spoil(): void {
    this.count = this.sum = NaN;
    this.bounds.fill(NaN);
    this.counts.fill(NaN);
    for (const exemplar of this.exemplars) exemplar?.spoil();
    this.exemplars.length = 0;
    this.native?.spoil();
  }
}

class LentNative implements NativeView {
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  readonly positive: LentBuckets;
  readonly negative: LentBuckets;

  constructor(view: NativeView) {
    this.schema = view.schema;
    this.zeroThreshold = view.zeroThreshold;
    this.zeroCount = view.zeroCount;
    this.positive = new LentBuckets(view.positive);
    this.negative = new LentBuckets(view.negative);
  }

  spoil(): void {
    this.schema = this.zeroThreshold = this.zeroCount = NaN;
    this.positive.spoil();
    this.negative.spoil();
  }
}

class LentBuckets implements DenseBuckets {
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

  spoil(): void {
    this.offset = this.size = this.overflow = NaN;
    this.counts.fill(NaN);
  }
}

class LentSummary implements SummaryView {
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

  spoil(): void {
    this.count = this.sum = NaN;
    this.quantiles.fill(NaN);
    this.values.fill(NaN);
  }
}
