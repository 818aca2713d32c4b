import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "../support/property.ts";
import { LabelColumns } from "../../src/metrics/label_columns.ts";

const ROWS = 700;

test("law: LabelColumns returns the values that were set, also of many", () => {
  const anySteps = fc.array(
    fc.record({
      row: fc.nat({ max: ROWS - 1 }),
      few: fc.constantFrom("", "a", "b"),
      many: fc.oneof(fc.nat({ max: 400 }).map(String), fc.string()),
      clear: fc.boolean(),
    }),
    { maxLength: 300, size: "max" },
  );
  fc.assert(
    fc.property(anySteps, fc.nat({ max: ROWS }), (steps, distinct) => {
      const columns = new LabelColumns(2);
      const naive: string[][] = [];
      // Like a table, set new rows in ascending order.
      for (let row = 0; row < ROWS; row++) {
        const values = ["", row < distinct ? `${row}` : ""];
        columns.set(row, values);
        naive.push(values);
      }
      for (const { row, few, many, clear } of steps) {
        naive[row] = clear ? ["", ""] : [few, many];
        if (clear) columns.clear(row);
        else columns.set(row, [few, many]);
      }
      for (let row = 0; row < ROWS; row++) {
        assert.deepEqual(columns.values(row), naive[row]);
        assert.equal(columns.value(row, 1), naive[row]![1]);
      }
    }),
    { numRuns: 50 },
  );
});

test("LabelColumns.set() can turn a column into strings in a reused row", () => {
  const columns = new LabelColumns(1);
  for (let row = 0; row < 255; row++) columns.set(row, [`${row}`]);
  columns.clear(7);
  columns.set(7, ["one too many"]);
  assert.equal(columns.value(7, 0), "one too many");
  assert.equal(columns.value(254, 0), "254");
  assert.equal(columns.value(6, 0), "6");
  columns.set(255, ["next"]);
  assert.equal(columns.value(255, 0), "next");
});
