/**
 * Quantiles over a sliding window of time: a ring of bucket stores, one per
 * step.
 */
import type { Clock } from "../base/mod.ts";
import { BucketStore } from "../base/internal.ts";

/** Which quantiles, over which time. */
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
  readonly #stores: BucketStore[] = [];
  readonly #merged = new BucketStore();
  readonly #step: number;
  readonly #clock: Clock;
  #at: number;

  constructor({ maxAge, ageBuckets }: WindowSettings, clock: Clock) {
    this.#step = maxAge / ageBuckets;
    this.#clock = clock;
    this.#at = this.#now();
    for (let i = 0; i < ageBuckets; i++) this.#stores.push(new BucketStore());
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

  /** Clears the stores of the steps that have passed. */
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

/** The windows of a table, by row; each is made with the first observation. */
export class WindowRows {
  readonly quantiles: Float64Array;
  readonly #settings: WindowSettings;
  readonly #rows: (QuantileWindow | undefined)[] = [];

  constructor(settings: WindowSettings) {
    this.quantiles = Float64Array.from(settings.quantiles);
    this.#settings = settings;
  }

  /** The window of `row`, made if need be. */
  of(row: number, clock: Clock): QuantileWindow {
    return this.#rows[row] ??= new QuantileWindow(this.#settings, clock);
  }

  /** Hands over the window of `row`. */
  release(row: number): QuantileWindow | undefined {
    const window = this.#rows[row];
    this.#rows[row] = undefined;
    return window;
  }

  /** Takes back a window, for another row. */
  restore(row: number, window: QuantileWindow | undefined): void {
    this.#rows[row] = window;
  }
}
