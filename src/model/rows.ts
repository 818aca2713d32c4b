/**
 * A family whose series stand in rows of numbers: what a sink may read that
 * keeps what it wrote, and writes anew only what changed since.
 *
 * - A series is told whole by its numbers, and by what its block's version
 *   stands for: labels, start, exemplars.
 * - What has changed since any earlier pass is told by block.
 * - It is read only; a source without rows is collected as ever.
 */
import type { FamilyDesc } from "./desc.ts";
import type { Sink } from "./sink.ts";

/** A block has two to the power of this many rows. */
export const BLOCK_BITS = 4;

/** How many rows are told of together. */
export const BLOCK = 1 << BLOCK_BITS;

/** What has changed in the rows of a family, by block. */
export interface RowChanges {
  /**
   * Grows with `Rows.open` if a number in the block may be another than when
   * that was called before.
   */
  readonly numbers: Uint32Array;
  /**
   * Grows at once when a series comes or goes in the block, or changes
   * otherwise than by its numbers.
   */
  readonly versions: Uint32Array;
}

/** The rows of one family. */
export interface Rows {
  /** The family that they are of. */
  readonly desc: FamilyDesc;
  /** How many numbers a row has. */
  readonly width: number;
  /** How many rows there are, empty ones included; never falls. */
  readonly length: number;
  /**
   * `width` numbers a row, one row after the other; another array once they
   * have become more. An empty row has zeros, and -0 is none of the numbers.
   */
  readonly cells: Float64Array;
  /** Where to look for what has changed. */
  readonly changes: RowChanges;
  /** To be called before each pass over the rows, as `collect` does it. */
  open(): void;
  /**
   * Speaks the series in the rows from `from` up to, not including, `to`, into
   * a sink that has the family open.
   */
  emit(from: number, to: number, sink: Sink): void;
}
