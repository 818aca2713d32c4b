/**
 * Rows: the storage of a family as numbers, for sinks that cache their output
 * and rewrite only the changed part.
 *
 * - Numbers plus block version fully describe a series (the version covers
 *   labels, start and exemplars), unless `isComplete` is false.
 * - Changes since any earlier pass are counted per block.
 * - Sinks only read. A source without rows is collected as usual.
 */
import type { FamilyDesc } from "./desc.ts";
import type { Sink } from "./sink.ts";

/** The base-2 logarithm of `BLOCK`. */
export const BLOCK_BITS = 4;

/** The number of rows whose changes are counted together. */
export const BLOCK = 1 << BLOCK_BITS;

/** Counters of the changes in the rows of a family, one per block. */
export interface RowChanges {
  /**
   * `Rows.open` increments it if a number of the block may have changed since
   * the previous call of `open`.
   */
  readonly numbers: Uint32Array;
  /**
   * Grows immediately when a series of the block is added or removed, or when
   * its start or one of its exemplars changes.
   */
  readonly versions: Uint32Array;
}

/** The rows of one family. */
export interface Rows {
  /** The family to which the rows belong. */
  readonly desc: FamilyDesc;
  /**
   * Whether numbers and version fully describe each series. If not, sinks must
   * write all series in each pass. Default: true.
   */
  readonly isComplete?: boolean;
  /**
   * Whether everything that a fleet publishes changes only together with numbers
   * or version: all except quantiles. Default: `isComplete`.
   */
  readonly countsInCells?: boolean;
  /** Facts about all rows, also before there are any. Default: not known. */
  readonly layout?: {
    /** The upper bounds of a histogram; none with native buckets only. */
    readonly bounds?: Float64Array | undefined;
    /** Defined if a histogram has native buckets. */
    readonly native?: unknown;
  };
  /** The number of cells of a row. */
  readonly width: number;
  /** The number of rows, including empty ones; never shrinks. */
  readonly length: number;
  /**
   * `width` numbers per row, row after row. The array is replaced when it grows.
   * An empty row holds zeros; -0 never occurs.
   */
  readonly cells: Float64Array;
  /** The counters of changes. */
  readonly changes: RowChanges;
  /** Begins a pass. Call it before you read rows; `collect` calls it itself. */
  open(): void;
  /** Begins a pass like `open`, in steps that callers may pause between. */
  opening?(): Generator<void, void>;
  /**
   * Writes the series in the rows from `from` (included) to `to` (excluded) into
   * a sink in which the family is open.
   */
  emit(from: number, to: number, sink: Sink): void;
}
