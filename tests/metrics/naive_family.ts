/**
 * A family of counters without rows, cells and flags: one object per series and
 * a map of the exposed ones. Slow, but easy to verify.
 */

/** A series, exposed or not. */
export interface NaiveSeries {
  readonly tuple: string;
  /** Its total; while it is not exposed, the total to continue from. */
  value: number;
  /** Whether it recorded since the last pass. */
  hasRecorded: boolean;
  /** When a pass last found that it had recorded. */
  seen: number;
}

export const OVERFLOW = "overflow";

/** Counters by one label; the caller passes the time. */
export class NaiveFamily {
  readonly exposed = new Map<string, NaiveSeries>();
  overflows = 0;
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

  at(tuple: string, now: number): NaiveSeries {
    const known = this.exposed.get(tuple);
    if (known !== undefined) return known;
    if (this.size >= this.#maxSeries) return this.#overflow(now);
    return this.#enter({ tuple, value: 0, hasRecorded: true, seen: now });
  }

  inc(series: NaiveSeries, by: number, now: number): void {
    let target = this.exposed.get(series.tuple);
    if (target === undefined) {
      const isFull = this.size >= this.#maxSeries && series.tuple !== OVERFLOW;
      target = isFull ? this.#overflow(now) : this.#enter(series);
    }
    target.value += by;
    target.hasRecorded = true;
  }

  remove(tuple: string): number {
    const series = this.exposed.get(tuple);
    if (series === undefined) return 0;
    series.value = 0;
    this.exposed.delete(tuple);
    return 1;
  }

  collect(now: number): [string, number][] {
    for (const [tuple, series] of this.exposed) {
      if (series.hasRecorded) {
        series.hasRecorded = false;
        series.seen = now;
      } else if (now - series.seen >= this.#expireAfter) {
        this.exposed.delete(tuple);
      }
    }
    return [...this.exposed].map(([tuple, { value }]) => [tuple, value]);
  }

  #overflow(now: number): NaiveSeries {
    this.overflows++;
    const known = this.exposed.get(OVERFLOW);
    if (known !== undefined) return known;
    return this.#enter({
      tuple: OVERFLOW,
      value: 0,
      hasRecorded: true,
      seen: now,
    });
  }

  #enter(series: NaiveSeries): NaiveSeries {
    this.exposed.set(series.tuple, series);
    return series;
  }
}
