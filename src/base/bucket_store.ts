/**
 * Counts in exponential buckets: a sketch of a distribution in bounded memory.
 *
 * - Dense: one cell per bucket from the lowest to the highest one in use.
 * - Bounded: beyond `maxBuckets`, the zero bucket widens up to its limit; after
 *   that, the resolution is halved. At the coarsest resolution, all
 *   float64 values need at most 264 buckets.
 * - It can be filled and read bucket by bucket; see `QuantileStore` for
 *   quantiles.
 */
import { bucketBound, bucketIndex } from "./bucket_index.ts";

const COARSEST_SCHEMA = -4;

/** Initial resolution and limits of a `BucketStore`. */
export interface BucketLimits {
  /** Initial resolution, -4 to 8: `2^schema` buckets per power of two. */
  readonly schema: number;
  /** Maximum number of buckets, of both signs together. */
  readonly maxBuckets: number;
  /** Values of at most this magnitude count as zero. */
  readonly zeroThreshold: number;
  /** Maximum to which `zeroThreshold` may grow. */
  readonly maxZeroThreshold: number;
}

const DEFAULTS: BucketLimits = {
  schema: 5,
  maxBuckets: 2048,
  zeroThreshold: 0,
  maxZeroThreshold: 0,
};

/** The buckets of one sign: counts from bucket `offset` on. */
export class DenseCounts {
  /** Index of the first bucket. */
  offset = 0;
  /** Number of buckets. */
  size = 0;
  /** One count per bucket; may be longer than `size`, padded with zeros. */
  counts: Float64Array = new Float64Array(0);
  /** Count of infinite values; a bucket for them would widen the dense range. */
  overflow = 0;

  /**
   * Adds `count` to bucket `index` and extends the range to it. Spare room ends
   * at `maxSize` buckets; the range itself may exceed that.
   */
  add(index: number, count: number, maxSize: number): void {
    if (this.size === 0) this.offset = index;
    this.#cover(index, maxSize);
    this.counts[index - this.offset]! += count;
  }

  /** Returns the number of buckets that including `index` would need. */
  spanWith(index: number): number {
    if (this.size === 0) return 1;
    const last = this.offset + this.size - 1;
    return Math.max(last, index) - Math.min(this.offset, index) + 1;
  }

  /** Merges adjacent buckets: bucket `i` becomes bucket `ceil(i / 2)`. */
  halve(): void {
    const { counts, offset, size } = this;
    this.offset = Math.ceil(offset / 2) + 0; // never -0
    for (let i = 0; i < size; i++) {
      const count = counts[i]!;
      counts[i] = 0; // before the addition: both may be the same cell
      counts[Math.ceil((offset + i) / 2) - this.offset]! += count;
    }
    if (size > 0) {
      this.size = Math.ceil((offset + size - 1) / 2) - this.offset + 1;
    }
  }

  /** Removes the buckets up to `index` and returns their total count. */
  cut(index: number): number {
    const { counts, size } = this;
    let removed = 0;
    let total = 0;
    while (
      removed < size &&
      (this.offset + removed <= index || counts[removed] === 0)
    ) {
      total += counts[removed++]!;
    }
    counts.copyWithin(0, removed, size);
    counts.fill(0, size - removed, size);
    this.offset += removed;
    this.size -= removed;
    return total;
  }

  /** Removes all counts and keeps the allocated memory. */
  clear(): void {
    this.counts.fill(0, 0, this.size);
    this.size = this.overflow = 0;
  }

  #cover(index: number, maxSize: number): void {
    const before = Math.max(0, this.offset - index);
    const size = this.spanWith(index);
    if (size > this.counts.length) {
      const room = Math.max(size, Math.min(2 * size, maxSize));
      const counts = new Float64Array(room);
      counts.set(this.counts.subarray(0, this.size), before);
      this.counts = counts;
    } else if (before > 0) {
      this.counts.copyWithin(before, 0, this.size);
      this.counts.fill(0, 0, before);
    }
    this.offset -= before;
    this.size = size;
  }
}

/** A distribution of float64 values, in bounded memory. */
export class BucketStore {
  /** Resolution: `2^schema` buckets per power of two. */
  schema: number;
  /** Values of at most this magnitude count as zero. */
  zeroThreshold: number;
  /** Number of values counted as zero. */
  zeroCount = 0;
  /** Buckets of values above zero. */
  readonly positive: DenseCounts = new DenseCounts();
  /** Buckets of values below zero, by magnitude. */
  readonly negative: DenseCounts = new DenseCounts();
  readonly #limits: BucketLimits;

  /** Defaults: schema 5, 2048 buckets, a zero bucket of width 0. */
  constructor(limits: Partial<BucketLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
    this.schema = this.#limits.schema;
    this.zeroThreshold = this.#limits.zeroThreshold;
  }

  /** Adds `value` `count` times; ignores NaN. */
  add(value: number, count = 1): void {
    while (!this.tryAdd(value, count)) this.#makeRoom(value);
  }

  /**
   * Like `add`, but does nothing and returns false if the value does not fit at
   * this resolution. Cost: one bucket search; allocates only to grow.
   */
  tryAdd(value: number, count: number): boolean {
    const magnitude = Math.abs(value);
    if (!(magnitude > this.zeroThreshold)) { // also true for NaN
      if (magnitude <= this.zeroThreshold) this.zeroCount += count;
      return true;
    }
    const side = value > 0 ? this.positive : this.negative;
    if (magnitude === Infinity) {
      side.overflow += count;
      return true;
    }
    const index = bucketIndex(magnitude, this.schema);
    const at = index - side.offset;
    if (at >= 0 && at < side.size) {
      side.counts[at]! += count;
      return true;
    }
    return this.extend(side, index, count);
  }

  /** Removes everything and returns to the initial resolution. */
  clear(): void {
    this.positive.clear();
    this.negative.clear();
    this.zeroCount = 0;
    this.schema = this.#limits.schema;
    this.zeroThreshold = this.#limits.zeroThreshold;
  }

  /**
   * Adds `count` to bucket `index`. Does nothing and returns false if that needs
   * more buckets than allowed; at the coarsest resolution it always adds.
   */
  protected extend(side: DenseCounts, index: number, count: number): boolean {
    const { maxBuckets } = this.#limits;
    const other = side === this.positive ? this.negative : this.positive;
    const fits = side.spanWith(index) + other.size <= maxBuckets;
    if (!fits && this.schema > COARSEST_SCHEMA) return false;
    side.add(index, count, maxBuckets);
    return true;
  }

  /** Widens the zero bucket or halves the resolution to make room for `value`. */
  #makeRoom(value: number): void {
    const { positive, negative } = this;
    let lowest = bucketIndex(Math.abs(value), this.schema);
    for (const { size, offset } of [positive, negative]) {
      if (size > 0) lowest = Math.min(lowest, offset);
    }
    const bound = bucketBound(lowest, this.schema);
    if (bound > this.#limits.maxZeroThreshold) {
      this.halve();
      return;
    }
    this.zeroThreshold = bound;
    this.zeroCount += positive.cut(lowest) + negative.cut(lowest);
  }

  /** Halves the resolution. */
  protected halve(): true {
    this.schema--;
    this.positive.halve();
    this.negative.halve();
    return true;
  }
}
