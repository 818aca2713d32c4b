/**
 * A family of counters without rows, cells and flags: one object per series and
 * a map of the exposed ones. Slow, but easy to verify.
 */

/** The key of a series: its label value, or `OVERFLOW`. */
export type Key = string | typeof OVERFLOW;

/** The key of the overflow series, which no label value equals. */
export const OVERFLOW = Symbol("overflow");

interface NaiveSeries {
  value: number;
  /** Whether it recorded since the last pass. */
  hasRecorded: boolean;
  /** When a pass last found that it had recorded. */
  seen: number;
}

/** Counters by one label; the caller passes the time. */
export class NaiveFamily {
  readonly exposed = new Map<Key, NaiveSeries>();
  overflows = 0;
  /** The totals with which series expired, by key. */
  readonly #last = new Map<Key, number>();
  /** The label value of the overflow series, also of one that has expired. */
  #label = "";
  readonly #maxSeries: number;
  readonly #expireAfter: number;

  constructor(maxSeries: number, expireAfter: number) {
    this.#maxSeries = maxSeries;
    this.#expireAfter = expireAfter;
  }

  /** The number of series, without the overflow series. */
  get size(): number {
    return this.exposed.size - (this.exposed.has(OVERFLOW) ? 1 : 0);
  }

  /** Returns the key of the series of `tuple`, which exists from then on. */
  at(tuple: string, now: number): Key {
    if (this.exposed.has(tuple)) return tuple;
    if (this.size >= this.#maxSeries) return this.#overflow(now);
    this.#enter(tuple, 0, now);
    return tuple;
  }

  inc(key: Key, by: number, now: number): void {
    let target = key;
    if (!this.exposed.has(key)) {
      const isFull = this.size >= this.#maxSeries && key !== OVERFLOW;
      if (isFull) target = this.#overflow(now);
      else this.#enter(key, this.#last.get(key) ?? 0, now);
    }
    const series = this.exposed.get(target)!;
    series.value += by;
    series.hasRecorded = true;
  }

  /** Removes the series with that label value; returns how many. */
  remove(tuple: string): number {
    const isOverflow = !this.exposed.has(tuple) && this.#label === tuple;
    if (this.#label === tuple) this.#last.delete(OVERFLOW);
    this.#last.delete(tuple);
    return this.exposed.delete(isOverflow ? OVERFLOW : tuple) ? 1 : 0;
  }

  clear(): void {
    this.exposed.clear();
    this.#last.clear();
  }

  /** Returns the total that a held series of `key` reports. */
  valueOf(key: Key): number {
    return this.exposed.get(key)?.value ?? this.#last.get(key) ?? 0;
  }

  collect(now: number): [string, number][] {
    for (const [key, series] of this.exposed) {
      if (series.hasRecorded) {
        series.hasRecorded = false;
        series.seen = now;
      } else if (now - series.seen >= this.#expireAfter) {
        this.exposed.delete(key);
        this.#last.set(key, series.value);
      }
    }
    return [...this.exposed].map(([key, { value }]) => [
      key === OVERFLOW ? this.#label : key,
      value,
    ]);
  }

  #overflow(now: number): Key {
    this.overflows++;
    if (!this.exposed.has(OVERFLOW)) this.#enter(OVERFLOW, 0, now);
    return OVERFLOW;
  }

  #enter(key: Key, value: number, now: number): void {
    this.exposed.set(key, { value, hasRecorded: true, seen: now });
    // A label that is taken gives way; one that has expired stays known by it.
    const givesWay = key === this.#label && this.exposed.has(OVERFLOW);
    if (key !== OVERFLOW && !givesWay) return;
    for (let n = 1; n === 1 || this.exposed.has(this.#label); n++) {
      this.#label = n === 1 ? "overflow" : `overflow_${n}`;
    }
  }
}
