/**
 * Native buckets as spans: runs of buckets with gaps between them.
 *
 * A single empty bucket within a span is written as zero, because a new span
 * costs more. Longer runs of empty buckets are gaps, and empty buckets at both
 * ends are left out.
 */
import { infinityBucket } from "../base/internal.ts";
import type { DenseBuckets } from "../model/mod.ts";

/** The spans of one side. An object is reused: `fill` replaces its contents. */
export class Spans {
  /** By span: the gap before it; for the first span, its bucket index. */
  readonly offsets: number[] = [];
  /** By span: the number of its buckets. */
  readonly lengths: number[] = [];
  /** The counts of all spans, span after span. */
  readonly counts: number[] = [];
  /** The index that follows the last bucket. */
  #next = 0;

  /**
   * Replaces the spans by the spans of one side; cost: linear in its size. The
   * overflow is added at the index of `Infinity`, where a bucket can already be.
   */
  fill({ offset, size, counts, overflow }: DenseBuckets, schema: number): void {
    this.offsets.length = this.lengths.length = this.counts.length = 0;
    this.#next = 0;
    const infinity = overflow > 0 ? infinityBucket(schema) : Infinity;
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
      this.offsets.push(gap); // for the first span, the index itself
      this.lengths.push(1);
    }
    this.counts.push(count);
    this.#next = index + 1;
  }
}
