/**
 * Quantiles over a sliding time window: a ring of quantile stores, one per step.
 */
import type { Clock } from "../base/mod.ts";
import { QuantileStore } from "../base/internal.ts";

/** The quantiles of a summary, and their time window. */
export interface WindowSettings {
  /** Ranks from 0 to 1, rising. */
  readonly quantiles: readonly number[];
  /** Seconds for which an observation counts. */
  readonly maxAge: number;
  /** The number of steps in which the window slides. */
  readonly ageBuckets: number;
}

/** The observations of the last `maxAge` seconds. */
export class QuantileWindow {
  readonly #stores: QuantileStore[] = [];
  readonly #merged = new QuantileStore();
  readonly #step: number;
  readonly #clock: Clock;
  #at: number;

  constructor({ maxAge, ageBuckets }: WindowSettings, clock: Clock) {
    this.#step = maxAge / ageBuckets;
    this.#clock = clock;
    this.#at = this.#now();
    for (let i = 0; i < ageBuckets; i++) this.#stores.push(new QuantileStore());
  }

  /** Adds `value`, `count` times. */
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

  /** Moves to the current step; clears the stores of the steps since then. */
  #slide(): void {
    const now = this.#now();
    const passed = Math.min(now - this.#at, this.#stores.length);
    for (let i = 0; i < passed; i++) {
      this.#storeAt(now - i).clear();
    }
    this.#at = Math.max(this.#at, now);
  }

  /** Returns the store of a step; it is negative if the clock is. */
  #storeAt(step: number): QuantileStore {
    const { length } = this.#stores;
    return this.#stores[(step % length + length) % length]!;
  }

  /** Returns the number of the current step. */
  #now(): number {
    return Math.floor(this.#clock.mono() / this.#step);
  }
}

/** The windows of a table by row, created when a row first needs one. */
export class WindowRows {
  readonly quantiles: Float64Array;
  readonly #settings: WindowSettings;
  readonly #rows: (QuantileWindow | undefined)[] = [];

  constructor(settings: WindowSettings) {
    this.quantiles = Float64Array.from(settings.quantiles);
    this.#settings = settings;
  }

  /** Returns the window of `row`; creates it if necessary. */
  of(row: number, clock: Clock): QuantileWindow {
    return this.#rows[row] ??= new QuantileWindow(this.#settings, clock);
  }

  /** Removes and returns the window of `row`. */
  release(row: number): QuantileWindow | undefined {
    const window = this.#rows[row];
    this.#rows[row] = undefined;
    return window;
  }

  /** Stores a window that `release` has returned, as the window of `row`. */
  restore(row: number, window: QuantileWindow | undefined): void {
    this.#rows[row] = window;
  }
}
