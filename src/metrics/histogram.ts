/** Histograms: distributions in buckets, such as durations and sizes. */
import { flag, onSettled, rule } from "../base/internal.ts";
import type { Exemplar, NativeView } from "../model/mod.ts";
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import { bucketOf, checkedBounds, DEFAULT_BUCKETS } from "./buckets.ts";
import { isCount, SAFE_STEP } from "./diagnostics.ts";
import { MAX_EXEMPLARS } from "./exemplars.ts";
import type { InstrumentKind, InstrumentPlan, KindRules } from "./kind.ts";
import type {
  ExemplarLabels,
  FamilyOptions,
  Instrument,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import {
  type NativeBuckets,
  nativeBuckets,
  type NativeOptions,
  type NativeRow,
  type NativeRows,
} from "./native_buckets.ts";
import { add, type Layout, mark, type RowStore, Series } from "./series.ts";
import { startTimer, type Timer } from "./timer.ts";

const addTo = add;
const markIn = mark;
const SAFE = SAFE_STEP;

/** The largest count: its parts have a finite sum in any order. */
const MAX_COUNT = 1e308;

/** One series of a histogram. */
export interface Histogram {
  /**
   * Counts `value`, `count` times, into the first bucket whose upper bound is
   * not below it. Default for `count`: 1.
   *
   * `value` is in the unit of the family (seconds for durations). NaN counts
   * into `+Inf` and makes `sum` NaN, as Prometheus defines it, unless the
   * histogram was declared with `dropNaN`. If `count` is not a whole number
   * from 0 on, or would make the number of observations infinite, the
   * observation is dropped and counted as rejected.
   *
   * Cost: one bound search, two additions, no allocation; with native buckets
   * another search and addition.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  observe(value: number, count?: number, exemplar?: ExemplarLabels): void;
  /** Starts a timer; stopping it observes the seconds that passed. */
  startTimer(): Timer;
  /** Observes the seconds that `work` takes, also if it fails. */
  time<T>(work: () => T): T;
  /** The number of observations. */
  readonly count: number;
  /** The sum of all observations. */
  readonly sum: number;
}

/** Options specific to histograms with classic buckets. */
export interface ClassicHistogramOwnOptions {
  /**
   * Rising upper bounds in the unit of the family; they are copied. Default:
   * `DEFAULT_BUCKETS`; with native buckets none.
   */
  readonly buckets?: readonly number[] | undefined;
  /**
   * Whether NaN is dropped and counted as rejected. Otherwise it is observed and
   * makes the sum NaN. Default: false.
   */
  readonly dropNaN?: boolean | undefined;
}

/** Options specific to histograms. */
export interface HistogramOwnOptions extends ClassicHistogramOwnOptions {
  /**
   * Whether to count into native buckets, whose width is exponential: in place
   * of classic buckets, or beside them if `buckets` are given too. Native
   * buckets are written in protobuf and OpenMetrics 2.0 only; other formats
   * write just the count and the sum if there are no classic buckets. Default:
   * false.
   */
  readonly native?: boolean | NativeOptions | undefined;
}

/** Options of a histogram with classic buckets. */
export interface ClassicHistogramOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends FamilyOptions<N, V>, ClassicHistogramOwnOptions {}

/** Options of a histogram. */
export interface HistogramOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends FamilyOptions<N, V>, HistogramOwnOptions {}

/** One series of a histogram: a cell per classic bucket, then the sum. */
class HistogramSeries extends Series implements Histogram {
  observe(value: number, count = 1, exemplar?: ExemplarLabels): void {
    if (typeof value !== "number" || (count !== 1 && !isCount(count))) {
      return this.store.rejectObservation(value, count);
    }
    const { row, store } = this;
    if (row < 0) {
      const revived = store.revive(this) as HistogramSeries;
      return revived.observe(value, count, exemplar);
    }
    const { bounds, width, dropNaN, native } = store.layout as HistogramLayout;
    const bucket = bucketOf(bounds, value);
    if (bucket === bounds.length && dropNaN && Number.isNaN(value)) {
      return store.reject("not_a_number", value);
    }
    if (count === 0) return;
    if (count >= SAFE && this.count + count > MAX_COUNT) {
      return store.reject("infinite", count);
    }
    if (native !== undefined) native.add(row, store, value, count);
    const { cells } = store;
    const base = row * width;
    addTo(cells, base + bucket, count);
    addTo(cells, base + width - 1, value * count);
    markIn(store.marks, row);
    if (exemplar === undefined && store.sampler === undefined) return;
    this.#keepExemplar(row, bucket, value, exemplar);
  }

  #keepExemplar(
    row: number,
    bucket: number,
    value: number,
    given: ExemplarLabels | undefined,
  ): void {
    const { store } = this;
    const { bounds, width, native } = store.layout as HistogramLayout;
    const cell = row * width + bucket;
    if (native === undefined || bounds.length > 0) {
      if (given === undefined) return store.maybeKeepExemplar(cell, value);
      return store.keepExemplar(cell, given, value);
    }
    const labels = given ?? store.sampler?.sample(cell, MAX_EXEMPLARS);
    const exemplar = labels && store.makeExemplar(labels, value);
    if (exemplar === undefined) return;
    native.of(row, store).exemplars.add(exemplar);
  }

  startTimer(): Timer {
    const { clock } = this.store;
    return startTimer(clock, (seconds) => this.observe(seconds));
  }

  time<T>(work: () => T): T {
    const timer = this.startTimer();
    return onSettled(work, () => timer.stop());
  }

  get count(): number {
    let count = 0;
    const buckets = this.store.layout.width - 1;
    for (let i = 0; i < buckets; i++) count += this.store.cellOf(this, i);
    return count;
  }

  get sum(): number {
    return this.store.cellOf(this, this.store.layout.width - 1);
  }
}

/** The layout of one family of histograms. */
class HistogramLayout implements Layout<HistogramSeries> {
  readonly width: number;
  readonly isPlain: boolean;
  readonly countsInCells = true;
  readonly tracksStart = true;
  readonly bounds: Float64Array;
  readonly dropNaN: boolean;
  readonly native: NativeRows | undefined;
  /** The view that sinks borrow; refilled for each row. */
  readonly #view: {
    count: number;
    sum: number;
    readonly bounds: Float64Array;
    readonly counts: Float64Array;
    exemplars: readonly (Exemplar | undefined)[];
    native: NativeView | undefined;
  };
  /** The exemplars of the row being written, by classic bucket. */
  readonly #byBucket: (Exemplar | undefined)[] = [];

  constructor(
    bounds: Float64Array,
    dropNaN: boolean,
    native: NativeRows | undefined,
  ) {
    this.bounds = bounds;
    this.dropNaN = dropNaN;
    this.width = bounds.length + 2;
    this.isPlain = native === undefined;
    this.native = native;
    this.#view = {
      count: 0,
      sum: 0,
      bounds,
      counts: new Float64Array(bounds.length + 1),
      exemplars: this.#byBucket,
      native: undefined,
    };
  }

  series(store: RowStore, row: number): HistogramSeries {
    return new HistogramSeries(store, row);
  }

  emit: Layout<HistogramSeries>["emit"] = (store, row, labels, sink) => {
    const view = this.#view;
    const { counts } = view;
    const base = row * this.width;
    let count = 0;
    for (let i = 0; i < counts.length; i++) {
      count += counts[i] = store.cells[base + i]!;
    }
    view.count = count;
    view.sum = store.cells[base + counts.length]!;
    const native = this.native?.read(row); // `of` would begin to count
    view.native = native?.store;
    view.exemplars = native !== undefined && this.bounds.length === 0
      ? native.exemplars.list
      : this.#exemplarsOf(store, base);
    sink.histogram(labels, view, store.starts[row]!);
  };

  #exemplarsOf(store: RowStore, base: number): (Exemplar | undefined)[] {
    const byBucket = this.#byBucket;
    if (store.exemplars === undefined) return byBucket; // still empty
    byBucket.length = 0;
    for (let i = 0; i <= this.bounds.length; i++) {
      byBucket.push(store.exemplars.get(base + i));
    }
    return byBucket;
  }

  release(row: number): unknown {
    return this.native?.release(row);
  }

  restore(row: number, state: unknown): void {
    this.native?.restore(row, state as NativeRow | undefined);
  }
}

// Asserted to be `KindRules` below: without exactOptionalPropertyTypes, these
// have no place for the default `undefined`.
const CLASSIC = {
  buckets: rule<readonly number[]>(
    (value) => Array.isArray(value) || ArrayBuffer.isView(value),
    "a list of upper bounds, such as [0.1, 1, 10]",
  ),
  dropNaN: flag(false),
};

/** The options of classic buckets, with their defaults. */
interface Planned extends FamilyOptions<Names, ValueSets> {
  readonly buckets: readonly number[] | undefined;
  readonly dropNaN: boolean;
}

/** Plans a histogram; `fallback` are the bounds if none are given. */
function planHistogram(
  { name, buckets, dropNaN }: Planned,
  fallback: readonly number[],
  native?: NativeBuckets,
): InstrumentPlan<Histogram> {
  const bounds = checkedBounds(name, buckets ?? fallback);
  return {
    terms: {
      buckets: `[${bounds.join(", ")}]`,
      native: native?.terms ?? "none",
      dropNaN: `${dropNaN}`,
    },
    layout: () => new HistogramLayout(bounds, dropNaN, native?.rows()),
  };
}

/** The kind of histograms that only have classic buckets, for small bundles. */
export const classicHistograms: InstrumentKind<
  Histogram,
  ClassicHistogramOwnOptions
> = {
  id: "histogram",
  type: "histogram",
  rules: CLASSIC as KindRules<ClassicHistogramOwnOptions>,
  plan: (options: Planned) => planHistogram(options, DEFAULT_BUCKETS),
};

/** Marked pure, so that bundles of classic histograms omit native buckets. */
const NATIVE = /* @__PURE__ */ nativeRules();

function nativeRules() {
  return {
    ...CLASSIC,
    native: rule<boolean | NativeOptions>(
      (value) =>
        typeof value === "boolean" ||
        (typeof value === "object" && value !== null),
      "true, false or options such as { schema: 3 }",
      false,
    ),
  };
}

/** The kind of histograms with classic buckets, native buckets or both. */
export const histograms: InstrumentKind<Histogram, HistogramOwnOptions> = {
  id: "histogram",
  type: "histogram",
  rules: NATIVE as KindRules<HistogramOwnOptions>,
  plan(options: Planned & { readonly native: boolean | NativeOptions }) {
    const native = nativeBuckets(options.name, options.native);
    const fallback = native === undefined ? DEFAULT_BUCKETS : [];
    return planHistogram(options, fallback, native);
  },
};

/**
 * Declares a histogram, or returns it if it is declared already. Default for
 * `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name, a bound or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function histogram<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: HistogramOptions<N, V>,
  registry?: BareRegistry,
): Instrument<N, Histogram, V> {
  return declarerOf(registry).declare(histograms, options);
}
