/**
 * Columns of numbers: the addition that all recording comes down to, and how
 * columns grow.
 *
 * What records gives `add` and `mark` names of its own: V8 looks an imported
 * one up again with each use, which takes a tenth of a record.
 */
import { BLOCK_BITS } from "../model/internal.ts";

const BITS = BLOCK_BITS;

/** Adds `by` to a cell. */
export function add(cells: Float64Array, at: number, by: number): void {
  cells[at]! += by;
}

/** Notes that something was recorded in `row`. */
export function mark(marks: Uint8Array, row: number): void {
  marks[row >> BITS] = 1;
}

// V8 converts every sum to an integer and back for as long as it has seen
// nothing but whole numbers here, which takes 5 ns in place of 2. Let it see
// fractions first, and often enough that it takes notice.
const scratch = new Float64Array(1);
for (let i = 0; i < 64; i++) add(scratch, 0, 0.3);

/** How much longer a column becomes: at most a fifth of it stands empty. */
const GROWTH = 1.25;

/** For how many rows there is to be room, if there is too little at present. */
export function roomFor(rows: number, present: number): number {
  return Math.max(rows, Math.ceil(GROWTH * present));
}

/** A column of that length, with the same numbers at its beginning. */
export function grown<C extends Float64Array | Uint32Array | Uint8Array>(
  column: C,
  length: number,
): C {
  const Column = column.constructor as new (length: number) => C;
  const larger = new Column(length);
  larger.set(column);
  return larger;
}
