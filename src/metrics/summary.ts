/**
 * Count and sum of observations; quantiles over a sliding window only where
 * they were asked for, because they cannot be added up across processes.
 */
import type { Clock } from "../base/mod.ts";
import { BucketStore, onSettled } from "../base/internal.ts";
import { add, mark } from "./cells.ts";
import { isCount } from "./host.ts";
import { type Kind, Series } from "./series.ts";
import type { Table } from "./table.ts";
import { startTimer, type Timer } from "./track.ts";

const addTo = add;
const markIn = mark;

/** One series that observes. */
export interface Summary {
  /**
   * Adds `value` to the sum, `count` times. NaN makes the sum NaN and is left
   * out of the quantiles. A `count` that is no whole number from 0 on drops
   * the observation, counted. Cost: two additions, and with quantiles a
   * reading of the clock and a bucket search.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  observe(value: number, count?: number): void;
  /** Observes the seconds that pass until the timer is stopped. */
  startTimer(): Timer;
  /** Observes the seconds that `work` takes, also if it fails. */
  time<T>(work: () => T): T;
  /** How many observations there were. */
  readonly count: number;
  /** Their sum. */
  readonly sum: number;
}

/** Which quantiles, over how long a time. */
export interface QuantileWindow {
  /** Ranks from 0 to 1, rising. */
  readonly quantiles: readonly number[];
  /** Seconds that an observation counts for. */
  readonly maxAge: number;
  /** In how many steps the window slides. */
  readonly steps: number;
}

/** A row of a table of summaries: count, then sum. */
export class SummarySeries extends Series implements Summary {
  observe(value: number, count = 1): void {
    if (typeof value !== "number" || (count !== 1 && !isCount(count))) {
      return this.table.rejectObservation(value, count);
    }
    const { row, table } = this;
    if (row < 0) {
      return (table.awaken(this) as SummarySeries).observe(value, count);
    }
    if (count === 0) return;
    addTo(table.cells, 2 * row, count);
    addTo(table.cells, 2 * row + 1, value * count);
    markIn(table.marks, row);
    const { windows } = table.kind as SummaryKind;
    if (windows !== undefined) windows.of(row, table).add(value, count);
  }

  startTimer(): Timer {
    const { clock } = this.table.host;
    return startTimer(clock, (seconds) => this.observe(seconds));
  }

  time<T>(work: () => T): T {
    const timer = this.startTimer();
    return onSettled(work, () => timer.stop());
  }

  get count(): number {
    return this.table.cellOf(this, 0);
  }

  get sum(): number {
    return this.table.cellOf(this, 1);
  }
}

/** Distributions of the last `maxAge` seconds, in `steps` stores. */
class SlidingWindow {
  readonly #stores: BucketStore[] = [];
  readonly #merged = new BucketStore();
  readonly #step: number;
  readonly #clock: Clock;
  #at: number;

  constructor({ maxAge, steps }: QuantileWindow, clock: Clock) {
    this.#step = maxAge / steps;
    this.#clock = clock;
    this.#at = this.#now();
    for (let i = 0; i < steps; i++) this.#stores.push(new BucketStore());
  }

  add(value: number, count: number): void {
    this.#slide();
    this.#storeAt(this.#at).add(value, count);
  }

  /** Writes the value at each rank into `values`. */
  read(quantiles: Float64Array, values: Float64Array): void {
    this.#slide();
    this.#merged.clear();
    for (const store of this.#stores) this.#merged.addAll(store);
    quantiles.forEach((q, i) => values[i] = this.#merged.quantile(q));
  }

  #slide(): void {
    const now = this.#now();
    const passed = Math.min(now - this.#at, this.#stores.length);
    for (let i = 0; i < passed; i++) {
      this.#storeAt(now - i).clear();
    }
    this.#at = Math.max(this.#at, now);
  }

  /** The store of a step; steps may be negative, as clocks may be. */
  #storeAt(step: number): BucketStore {
    const { length } = this.#stores;
    return this.#stores[(step % length + length) % length]!;
  }

  #now(): number {
    return Math.floor(this.#clock.mono() / this.#step);
  }
}

/** The windows of a table, by row; made with the first observation. */
class Windows {
  readonly quantiles: Float64Array;
  readonly #settings: QuantileWindow;
  readonly #rows: (SlidingWindow | undefined)[] = [];

  constructor(settings: QuantileWindow) {
    this.quantiles = Float64Array.from(settings.quantiles);
    this.#settings = settings;
  }

  of(row: number, table: Table): SlidingWindow {
    return this.#rows[row] ??= new SlidingWindow(
      this.#settings,
      table.host.clock,
    );
  }

  release(row: number): SlidingWindow | undefined {
    const window = this.#rows[row];
    this.#rows[row] = undefined;
    return window;
  }

  restore(row: number, window: SlidingWindow | undefined): void {
    this.#rows[row] = window;
  }
}

/** Summaries: two cells a row, and a window where quantiles are asked for. */
export class SummaryKind implements Kind<SummarySeries> {
  readonly width = 2;
  readonly isPlain: boolean;
  readonly tracksStart = true;
  readonly windows: Windows | undefined;
  readonly #view: {
    count: number;
    sum: number;
    readonly quantiles: Float64Array;
    readonly values: Float64Array;
  };

  constructor(window: QuantileWindow | undefined) {
    this.isPlain = window === undefined;
    if (window !== undefined) this.windows = new Windows(window);
    const quantiles = this.windows?.quantiles ?? new Float64Array(0);
    const values = new Float64Array(quantiles.length);
    this.#view = { count: 0, sum: 0, quantiles, values };
  }

  series(table: Table, row: number): SummarySeries {
    return new SummarySeries(table, row);
  }

  emit: Kind<SummarySeries>["emit"] = (table, row, labels, sink) => {
    const view = this.#view;
    view.count = table.cells[2 * row]!;
    view.sum = table.cells[2 * row + 1]!;
    this.windows?.of(row, table).read(view.quantiles, view.values);
    sink.summary(labels, view, table.starts[row]!);
  };

  release(row: number): SlidingWindow | undefined {
    return this.windows?.release(row);
  }

  restore(row: number, kept: unknown): void {
    this.windows?.restore(row, kept as SlidingWindow | undefined);
  }
}

/** What a summary may say beside what all may. */
export const WINDOW = {
  quantiles: [
    (ranks: unknown): boolean => Array.isArray(ranks),
    "a list of ranks, such as [0.5, 0.99]",
  ],
  maxAge: [
    (seconds: unknown): boolean =>
      typeof seconds === "number" && seconds > 0 && seconds < Infinity,
    "seconds above 0, such as 600",
  ],
  ageBuckets: [
    (steps: unknown): boolean =>
      Number.isInteger(steps) && steps as number >= 1 && steps as number <= 100,
    "a whole number from 1 to 100",
  ],
} as const;

/**
 * The window of a declaration whose options were checked.
 *
 * @throws {RangeError} If the ranks do not rise within 0 to 1.
 */
export function checkedWindow(
  name: string,
  { quantiles, maxAge, steps }: QuantileWindow,
): QuantileWindow {
  quantiles.forEach((q, i) => {
    if (q >= 0 && q <= 1 && (i === 0 || q > quantiles[i - 1]!)) return;
    throw new RangeError(
      `Cannot declare summary "${name}": quantile ${q} is out of order; ` +
        `give ranks such as [0.5, 0.99]`,
    );
  });
  return { quantiles: [...quantiles], maxAge, steps };
}
