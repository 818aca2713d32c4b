/** Columns of numbers that grow. */
/** Returns a longer copy of a column; the new cells are zero. */
export function longer<
  C extends Float64Array | Int32Array | Uint32Array | Uint8Array,
>(column: C, length: number): C {
  const Column = column.constructor as new (length: number) => C;
  const copy = new Column(length);
  copy.set(column);
  return copy;
}
