/** Cells of durations: the buckets of a histogram, thinned to a bounded number. */
import { type FamilyInfo, NATIVE_SCHEMA, ZERO_BUCKET } from "../protocol.ts";

/** Maximum number of bounds. */
const MAX_BOUNDS = 40;

/** Native buckets are counted two a doubling, from 2^-10 to 2^6 seconds. */
const PER_DOUBLING = 2;
const LOWEST = -10;
const HIGHEST = 6;

/** Bounds of cells, and the cell of each bucket. */
export interface Cells {
  /** Upper bounds in seconds, without +Inf. */
  readonly bounds: readonly number[];
  /** Returns the cell of a bucket, by its number in `Change`. */
  readonly cellOf: (bucket: number) => number;
}

const NATIVE_BOUNDS: readonly number[] = Array.from(
  { length: (HIGHEST - LOWEST) * PER_DOUBLING + 1 },
  (_, index) => 2 ** (LOWEST + index / PER_DOUBLING),
);

/** Returns the cells of a family; undefined if it has no buckets. */
export function cellsOf(
  { bounds, native }: Pick<FamilyInfo, "bounds" | "native">,
): Cells | undefined {
  if (native) return { bounds: NATIVE_BOUNDS, cellOf: nativeCell };
  if (bounds === null || bounds.length === 0) return undefined;
  const every = Math.ceil(bounds.length / MAX_BOUNDS);
  // The last bound stays, so that +Inf keeps its meaning.
  const kept = bounds.filter((_, index) =>
    (bounds.length - 1 - index) % every === 0
  );
  const first = (bounds.length - 1) % every;
  return {
    bounds: kept,
    cellOf: (bucket) =>
      Math.min(kept.length, Math.max(0, Math.ceil((bucket - first) / every))),
  };
}

function nativeCell(bucket: number): number {
  if (bucket === ZERO_BUCKET) return 0;
  const exponent = bucket / 2 ** NATIVE_SCHEMA;
  const cell = Math.ceil((exponent - LOWEST) * PER_DOUBLING);
  return Math.min(NATIVE_BOUNDS.length, Math.max(0, cell));
}
