/**
 * A family of counters without rows, cells and flags: one object per
 * series, one map of those that are exposed. Slow, and easy to believe.
 */

/** A series, exposed or not. */
export interface NaiveSeries {
  readonly tuple: string;
  /** Its total; while it is not exposed, the total that it would resume. */
  value: number;
  /** Whether it recorded since the last pass. */
  awake: boolean;
  /** When a pass last saw that it had recorded. */
  seen: number;
}

export const OVERFLOW = "overflow";

/** Counters by one label; the caller passes the time. */
export class NaiveFamily {
  readonly live = new Map<string, NaiveSeries>();
  overflows = 0;
  readonly #maxSeries: number;
  readonly #expireAfter: number;

  constructor(maxSeries: number, expireAfter: number) {
    this.#maxSeries = maxSeries;
    this.#expireAfter = expireAfter;
  }

  /** The ordinary series, without the overflow series. */
  get size(): number {
    return this.live.size - (this.live.has(OVERFLOW) ? 1 : 0);
  }

  at(tuple: string, now: number): NaiveSeries {
    const known = this.live.get(tuple);
    if (known !== undefined) return known;
    if (this.size >= this.#maxSeries) return this.#overflow(now);
    return this.#enter({ tuple, value: 0, awake: true, seen: now });
  }

  inc(series: NaiveSeries, by: number, now: number): void {
    let target = this.live.get(series.tuple);
    if (target === undefined) {
      const full = this.size >= this.#maxSeries && series.tuple !== OVERFLOW;
      target = full ? this.#overflow(now) : this.#enter(series);
    }
    target.value += by;
    target.awake = true;
  }

  remove(tuple: string): number {
    const series = this.live.get(tuple);
    if (series === undefined) return 0;
    series.value = 0;
    this.live.delete(tuple);
    return 1;
  }

  collect(now: number): [string, number][] {
    for (const [tuple, series] of this.live) {
      if (series.awake) {
        series.awake = false;
        series.seen = now;
      } else if (now - series.seen >= this.#expireAfter) {
        this.live.delete(tuple);
      }
    }
    return [...this.live].map(([tuple, { value }]) => [tuple, value]);
  }

  #overflow(now: number): NaiveSeries {
    this.overflows++;
    const known = this.live.get(OVERFLOW);
    if (known !== undefined) return known;
    return this.#enter({ tuple: OVERFLOW, value: 0, awake: true, seen: now });
  }

  #enter(series: NaiveSeries): NaiveSeries {
    this.live.set(series.tuple, series);
    return series;
  }
}
