/**
 * Native buckets as readers want them: runs of buckets with gaps between.
 *
 * A single empty bucket is written as zero, because a new run would cost more;
 * more of them, and those at either end, are a gap.
 */
import { bucketIndex } from "../base/internal.ts";
import type { DenseBuckets } from "../model/mod.ts";

/** The runs of one side; filled again for each side, lest it allocate. */
export class Spans {
  /** Per run: the index of the first one's bucket, or the gap before it. */
  readonly offsets: number[] = [];
  /** Per run: how many buckets there are. */
  readonly lengths: number[] = [];
  /** The counts of all runs, one after the other. */
  readonly counts: number[] = [];
  /** The index after the last bucket. */
  #next = 0;

  /**
   * Takes the buckets of one side; cost: linear in its size. The overflow is
   * counted at the index of `Infinity`, which may be that of the last bucket.
   */
  fill({ offset, size, counts, overflow }: DenseBuckets, schema: number): void {
    this.offsets.length = this.lengths.length = this.counts.length = 0;
    this.#next = 0;
    const infinity = overflow > 0 ? bucketIndex(Infinity, schema) : Infinity;
    const finite = Math.max(0, Math.min(size, infinity - offset));
    for (let i = 0; i < finite; i++) {
      if (counts[i]! > 0) this.#add(offset + i, counts[i]!);
    }
    if (overflow > 0) {
      this.#add(infinity, overflow + (finite < size ? counts[finite]! : 0));
    }
  }

  #add(index: number, count: number): void {
    const last = this.lengths.length - 1;
    const gap = index - this.#next;
    if (last >= 0 && gap <= 1) {
      if (gap === 1) this.counts.push(0);
      this.lengths[last]! += gap + 1;
    } else {
      this.offsets.push(gap); // of the first run, the index itself
      this.lengths.push(1);
    }
    this.counts.push(count);
    this.#next = index + 1;
  }
}
