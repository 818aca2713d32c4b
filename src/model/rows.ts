/**
 * A family whose series stand in rows of numbers: what a sink may read that
 * keeps what it wrote, and writes anew only what changed since.
 *
 * - A series is told whole by its numbers, and by what its block's version
 *   stands for: labels, start, exemplars.
 * - It is read only; a source without rows is collected as ever.
 */
import type { FamilyDesc } from "./desc.ts";
import type { Sink } from "./sink.ts";

/** How many rows share a version. */
export const BLOCK = 16;

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
  /**
   * For each block of `BLOCK` rows a number that grows whenever a series comes
   * or goes in it, or changes otherwise than by its numbers.
   */
  readonly versions: Uint32Array;
  /** To be called before each pass over the rows, as `collect` does it. */
  open(): void;
  /**
   * Speaks the series in the rows from `from` up to, not including, `to`, into
   * a sink that has the family open.
   */
  emit(from: number, to: number, sink: Sink): void;
}
