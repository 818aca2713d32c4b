/**
 * Summaries: the count and sum of observations. Quantiles over a sliding window
 * are optional, because they cannot be added up across processes.
 */
import { onSettled, rule } from "../base/internal.ts";
import type { BareRegistry } from "./bare_registry.ts";
import { declarerOf } from "./declarer.ts";
import { isCount } from "./diagnostics.ts";
import type { InstrumentKind } from "./kind.ts";
import type {
  FamilyOptions,
  Instrument,
  Names,
  NoSets,
  ValueSets,
} from "./labels.ts";
import {
  type QuantileWindow,
  WindowRows,
  type WindowSettings,
} from "./quantile_window.ts";
import { add, type Layout, mark, type RowStore, Series } from "./series.ts";
import { startTimer, type Timer } from "./timer.ts";

const addTo = add;
const markIn = mark;

/**
 * The largest count by weights. Counts are exact below 2^53, which single
 * observations cannot reach from here: so they need no check.
 */
const MAX_COUNT = 2 ** 52;

/** One series of a summary. */
export interface Summary {
  /**
   * Adds `value` to the sum, `count` times. Default for `count`: 1.
   *
   * NaN makes the sum NaN and is left out of the quantiles. If `count` is not a
   * whole number from 0 on, or would take the number of observations past 2^52,
   * the limit of protobuf, the observation is dropped and counted as
   * rejected.
   * Cost: two additions; with quantiles also a clock reading and a bucket search.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  observe(value: number, count?: number): void;
  /** Starts a timer; stopping it observes the seconds that passed. */
  startTimer(): Timer;
  /** Observes the seconds that `work` takes, also if it fails. */
  time<T>(work: () => T): T;
  /** The number of observations. */
  readonly count: number;
  /** The sum of all observations. */
  readonly sum: number;
}

/** Options specific to summaries. */
export interface SummaryOwnOptions {
  /** Rising ranks from 0 to 1, such as `[0.5, 0.99]`. Default: none. */
  readonly quantiles?: readonly number[] | undefined;
  /** The length of the quantiles' time window in seconds. Default: 600. */
  readonly maxAge?: number | undefined;
  /** The number of steps in which the window slides, 1 to 100. Default: 5. */
  readonly ageBuckets?: number | undefined;
}

/** Options of a summary. */
export interface SummaryOptions<
  N extends Names = Names,
  V extends ValueSets = NoSets,
> extends FamilyOptions<N, V>, SummaryOwnOptions {}

/** One series of a summary: a cell for the count, then one for the sum. */
class SummarySeries extends Series implements Summary {
  observe(value: number, count = 1): void {
    if (typeof value !== "number" || (count !== 1 && !isCount(count))) {
      return this.store.rejectObservation(value, count);
    }
    const { row, store } = this;
    if (row < 0) {
      return (store.revive(this) as SummarySeries).observe(value, count);
    }
    if (count === 0) return;
    if (count !== 1 && store.cells[2 * row]! + count > MAX_COUNT) {
      return store.reject("infinite", count);
    }
    addTo(store.cells, 2 * row, count);
    addTo(store.cells, 2 * row + 1, value * count);
    markIn(store.marks, row);
    const { windows } = store.layout as SummaryLayout;
    if (windows !== undefined) windows.of(row, store.clock).add(value, count);
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
    return this.store.cellOf(this, 0);
  }

  get sum(): number {
    return this.store.cellOf(this, 1);
  }
}

/** Two cells per row, and a window if quantiles are requested. */
class SummaryLayout implements Layout<SummarySeries> {
  readonly width = 2;
  readonly isPlain: boolean;
  readonly countsInCells = true;
  readonly tracksStart = true;
  readonly windows: WindowRows | undefined;
  /** The view that sinks borrow; refilled for each row. */
  readonly #view: {
    count: number;
    sum: number;
    readonly quantiles: Float64Array;
    readonly values: Float64Array;
  };

  constructor(settings: WindowSettings) {
    this.isPlain = settings.quantiles.length === 0;
    if (!this.isPlain) this.windows = new WindowRows(settings);
    const quantiles = this.windows?.quantiles ?? new Float64Array(0);
    const values = new Float64Array(quantiles.length);
    this.#view = { count: 0, sum: 0, quantiles, values };
  }

  series(store: RowStore, row: number): SummarySeries {
    return new SummarySeries(store, row);
  }

  emit: Layout<SummarySeries>["emit"] = (store, row, labels, sink) => {
    const view = this.#view;
    view.count = store.cells[2 * row]!;
    view.sum = store.cells[2 * row + 1]!;
    this.windows?.of(row, store.clock).read(view.quantiles, view.values);
    sink.summary(labels, view, store.starts[row]!);
  };

  release(row: number): unknown {
    return this.windows?.release(row);
  }

  restore(row: number, state: unknown): void {
    this.windows?.restore(row, state as QuantileWindow | undefined);
  }
}

/** The kind of summaries. */
export const summaries: InstrumentKind<Summary, SummaryOwnOptions> = {
  id: "summary",
  type: "summary",
  rules: {
    quantiles: rule<readonly number[]>(
      (ranks) => Array.isArray(ranks),
      "a list of ranks, such as [0.5, 0.99]",
      [],
    ),
    maxAge: rule<number>(
      (seconds) =>
        typeof seconds === "number" && seconds > 0 && seconds < Infinity,
      "seconds above 0, such as 600",
      600,
    ),
    ageBuckets: rule<number>(
      (steps) =>
        Number.isInteger(steps) && steps as number >= 1 &&
        steps as number <= 100,
      "a whole number from 1 to 100",
      5,
    ),
  },
  plan(
    { name, quantiles, maxAge, ageBuckets }:
      & FamilyOptions<Names, ValueSets>
      & WindowSettings,
  ) {
    quantiles.forEach((q, i) => {
      if (q >= 0 && q <= 1 && (i === 0 || q > quantiles[i - 1]!)) return;
      throw new RangeError(
        `Cannot declare summary "${name}": quantile ${q} is out of range or ` +
          `order; give rising ranks from 0 to 1, such as [0.5, 0.99]`,
      );
    });
    const settings = { quantiles: [...quantiles], maxAge, ageBuckets };
    const ranks = `[${quantiles.join(", ")}]`;
    return {
      terms: { quantiles: `${ranks} over ${maxAge} s in ${ageBuckets}` },
      layout: () => new SummaryLayout(settings),
    };
  },
};

/**
 * Declares a summary, or returns it if it is declared already. Default for
 * `registry`: the default registry.
 *
 * @throws {TypeError | RangeError} If a name, a rank or an option is wrong.
 * @throws {FamilyConflictError} If it is declared already with other options.
 */
export function summary<
  const N extends Names = readonly [],
  const V extends ValueSets = NoSets,
>(
  options: SummaryOptions<N, V>,
  registry?: BareRegistry,
): Instrument<N, Summary, V> {
  return declarerOf(registry).declare(summaries, options);
}
