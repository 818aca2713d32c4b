/**
 * Makes retention bugs loud: whatever a source lends is spoilt as soon as the
 * call that lent it has returned.
 */
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  Sink,
  Source,
  SummaryView,
} from "../model/mod.ts";

/** What every label says that is read too late. */
export const POISONED = "\u0000poisoned";

/**
 * The same source, whose views turn to NaN, and whose labels turn to
 * `POISONED`, when the sink's call returns. Run every sink of your own over it.
 */
export function poison(source: Source): Source {
  const known = POISONOUS.get(source);
  if (known !== undefined) return known;
  const poisoned = new PoisonedSource(source);
  POISONOUS.set(source, poisoned);
  return poisoned;
}

/** One poisoned source to each part, so that parts can be told apart. */
const POISONOUS = new WeakMap<Source, Source>();

class PoisonedSource implements Source {
  readonly #source: Source;
  readonly failed?: (part: Source, error: unknown) => void;
  readonly refresh?: (signal: AbortSignal) => Promise<void>;

  constructor(source: Source) {
    this.#source = source;
    if (source.failed !== undefined) {
      this.failed = (part, error) => source.failed!(part, error);
    }
    if (source.refresh !== undefined) {
      this.refresh = (signal) => source.refresh!(signal);
    }
  }

  get descs(): readonly FamilyDesc[] {
    return this.#source.descs;
  }

  get parts(): Iterable<Source> {
    const { parts } = this.#source;
    return parts === undefined ? [this] : [...parts].map(poison);
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
    this.#sink.number(lent, value, start, copy);
    lent.spoil();
    copy?.spoil();
  }

  histogram(labels: LabelSet, view: HistogramView, start: number): void {
    const lent = new LentLabels(labels);
    const exemplars = view.exemplars.map((one) => one && new LentExemplar(one));
    const copy = {
      count: view.count,
      sum: view.sum,
      bounds: view.bounds.slice(),
      counts: view.counts.slice(),
      exemplars,
    };
    this.#sink.histogram(lent, copy, start);
    lent.spoil();
    copy.count = copy.sum = NaN;
    copy.bounds.fill(NaN);
    copy.counts.fill(NaN);
    for (const exemplar of exemplars) exemplar?.spoil();
    exemplars.length = 0;
  }

  summary(labels: LabelSet, view: SummaryView, start: number): void {
    const lent = new LentLabels(labels);
    const copy = {
      count: view.count,
      sum: view.sum,
      quantiles: view.quantiles.slice(),
      values: view.values.slice(),
    };
    this.#sink.summary(lent, copy, start);
    lent.spoil();
    copy.count = copy.sum = NaN;
    copy.quantiles.fill(NaN);
    copy.values.fill(NaN);
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
