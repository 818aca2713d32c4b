/**
 * Counts in exponential buckets: a bounded sketch of a distribution.
 *
 * - Dense: one cell a bucket between the lowest and the highest one in use.
 * - Bounded: past `maxBuckets` a side, the resolution is halved and neighbours
 *   are merged; it is never extended further.
 * - `quantile` is within half a bucket of the true value: about 1.1 % at
 *   schema 5, 2.2 % at schema 4.
 */
import { bucketBound, bucketIndex } from "./bucket_index.ts";

const LOWEST_SCHEMA = -4;

/** One side of a store: counts of the buckets from `offset` on. */
class DenseCounts {
  offset = 0;
  size = 0;
  counts = new Float64Array(0);

  add(index: number, count: number): void {
    if (this.size === 0) this.offset = index;
    this.#cover(index);
    this.counts[index - this.offset]! += count;
  }

  /** How many buckets there would be with `index` among them. */
  spanWith(index: number): number {
    if (this.size === 0) return 1;
    const last = this.offset + this.size - 1;
    return Math.max(last, index) - Math.min(this.offset, index) + 1;
  }

  halve(): void {
    const old = this.counts.slice(0, this.size);
    const offset = this.offset;
    this.clear();
    for (let i = 0; i < old.length; i++) {
      if (old[i]! > 0) this.add(Math.ceil((offset + i) / 2), old[i]!);
    }
  }

  clear(): void {
    this.counts.fill(0, 0, this.size);
    this.size = 0;
  }

  #cover(index: number): void {
    const before = Math.max(0, this.offset - index);
    const size = this.spanWith(index);
    if (size > this.counts.length || before > 0) {
      const room = this.counts.length;
      const counts = new Float64Array(size > room ? size * 2 : room);
      counts.set(this.counts.subarray(0, this.size), before);
      this.counts = counts;
    }
    this.offset -= before;
    this.size = size;
  }
}

/** A distribution of float64 values, in bounded memory. */
export class BucketStore {
  /** Resolution: `2^schema` buckets to every power of two. */
  schema: number;
  /** All that was added; NaN is never added. */
  count = 0;
  readonly #startSchema: number;
  readonly #maxBuckets: number;
  readonly #positive = new DenseCounts();
  readonly #negative = new DenseCounts();
  #zeros = 0;
  /** Infinite values: in no bucket, or they would stretch the store to them. */
  #lowest = 0;
  #highest = 0;

  /** `maxBuckets` bounds each of the two sides. */
  constructor(schema = 5, maxBuckets = 1024) {
    this.schema = schema;
    this.#startSchema = schema;
    this.#maxBuckets = maxBuckets;
  }

  /** Adds `value` `count` times; NaN is in no bucket and is left out. */
  add(value: number, count = 1): void {
    if (Number.isNaN(value)) return;
    this.count += count;
    if (value === 0) this.#zeros += count;
    else if (value === Infinity) this.#highest += count;
    else if (value === -Infinity) this.#lowest += count;
    else if (value > 0) this.#put(this.#positive, value, count);
    else this.#put(this.#negative, -value, count);
  }

  /** Adds all counts of `other`; the coarser of both resolutions holds. */
  addAll(other: BucketStore): void {
    while (this.schema > other.schema) this.#downscale();
    const sides = [
      [this.#positive, other.#positive],
      [this.#negative, other.#negative],
    ] as const;
    for (const [mine, theirs] of sides) {
      for (let i = 0; i < theirs.size; i++) {
        if (theirs.counts[i] === 0) continue;
        // `this` may coarsen on the way: ask for the index each time.
        const shift = 2 ** (other.schema - this.schema);
        let index = Math.ceil((theirs.offset + i) / shift);
        while (this.#tooWide(mine, index)) {
          this.#downscale();
          index = Math.ceil(index / 2);
        }
        mine.add(index, theirs.counts[i]!);
      }
    }
    this.#zeros += other.#zeros;
    this.#lowest += other.#lowest;
    this.#highest += other.#highest;
    this.count += other.count;
  }

  /** Forgets everything; the first resolution holds again. */
  clear(): void {
    this.#positive.clear();
    this.#negative.clear();
    this.#zeros = this.#lowest = this.#highest = 0;
    this.count = 0;
    this.schema = this.#startSchema;
  }

  /** The value at rank `q` (0 to 1), NaN when nothing was added. */
  quantile(q: number): number {
    let rank = Math.max(1, Math.ceil(q * this.count));
    let value = NaN;
    // Past 2^53 a count is rounded: then the last value there is must do.
    for (const [next, count] of this.#rising()) {
      value = next;
      rank -= count;
      if (rank <= 0) break;
    }
    return value;
  }

  /** The values that are told of buckets, with their counts. */
  *#rising(): Generator<readonly [number, number]> {
    if (this.#lowest > 0) yield [-Infinity, this.#lowest];
    const negative = this.#negative;
    for (let i = negative.size - 1; i >= 0; i--) {
      const count = negative.counts[i]!;
      if (count > 0) yield [-this.#middle(negative.offset + i), count];
    }
    if (this.#zeros > 0) yield [0, this.#zeros];
    const positive = this.#positive;
    for (let i = 0; i < positive.size; i++) {
      const count = positive.counts[i]!;
      if (count > 0) yield [this.#middle(positive.offset + i), count];
    }
    if (this.#highest > 0) yield [Infinity, this.#highest];
  }

  #middle(index: number): number {
    const low = bucketBound(index - 1, this.schema);
    const high = bucketBound(index, this.schema);
    return Math.sqrt(low) * Math.sqrt(high);
  }

  #put(side: DenseCounts, magnitude: number, count: number): void {
    let index = bucketIndex(magnitude, this.schema);
    while (this.#tooWide(side, index)) {
      this.#downscale();
      index = bucketIndex(magnitude, this.schema);
    }
    side.add(index, count);
  }

  #tooWide(side: DenseCounts, index: number): boolean {
    return this.schema > LOWEST_SCHEMA &&
      side.spanWith(index) > this.#maxBuckets;
  }

  #downscale(): void {
    this.schema--;
    this.#positive.halve();
    this.#negative.halve();
  }
}
