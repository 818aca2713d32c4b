import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { LabelColumns } from "../../src/metrics/label_columns.ts";
import { SeriesIndex } from "../../src/metrics/series_index.ts";
import { anyLabelText } from "./arbitraries.ts";

/** An index and a naive map; rows are reused as in a table. */
class Checked {
  readonly rows = new Map<string, number>();
  readonly #columns: LabelColumns;
  readonly #index: SeriesIndex<{ readonly row: number }>;
  readonly #free: number[] = [];
  #size = 0;

  constructor(arity: number) {
    this.#columns = new LabelColumns(arity);
    this.#index = new SeriesIndex(arity, this.#columns);
  }

  /** Inserts a tuple, or removes it if it is present. */
  flip(values: readonly string[]): void {
    const key = JSON.stringify(values);
    const known = this.rows.get(key);
    if (known !== undefined) {
      this.#index.remove({ row: known });
      this.#columns.clear(known);
      this.#free.push(known);
      this.rows.delete(key);
      return;
    }
    const row = this.#free.pop() ?? this.#size++;
    this.#columns.set(row, values);
    this.#index.insert({ row });
    this.rows.set(key, row);
  }

  find(values: readonly string[]): number {
    return this.#index.find(values)?.row ?? -1;
  }

  /** Returns, for each label of `values`, whether it leads to a level. */
  levels(values: readonly string[]): boolean[] {
    let place = this.#index.start;
    return values.map((value, at) => {
      place = this.#index.step(place, at, value);
      return place instanceof Map;
    });
  }
}

const anySteps = (): fc.Arbitrary<{
  readonly arity: number;
  readonly steps: readonly (readonly string[])[];
}> =>
  fc.integer({ min: 1, max: 5 }).chain((arity) => {
    const value = fc.oneof(fc.constantFrom("", "a", "b"), anyLabelText());
    return fc.record({
      arity: fc.constant(arity),
      steps: fc.array(
        fc.array(value, { minLength: arity, maxLength: arity }),
        { maxLength: 60 },
      ),
    });
  });

test("law: SeriesIndex.find() finds the series of a map of tuples", () => {
  fc.assert(
    fc.property(anySteps(), ({ arity, steps }) => {
      const checked = new Checked(arity);
      for (const values of steps) {
        checked.flip(values);
        for (const other of steps) {
          const row = checked.rows.get(JSON.stringify(other)) ?? -1;
          assert.equal(checked.find(other), row);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test("law: SeriesIndex has a level exactly where two series share a prefix", () => {
  fc.assert(
    fc.property(anySteps(), ({ arity, steps }) => {
      const checked = new Checked(arity);
      for (const values of steps) {
        checked.flip(values);
        const tuples = [...checked.rows.keys()]
          .map((key) => JSON.parse(key) as string[]);
        for (const tuple of tuples) {
          checked.levels(tuple).forEach((isLevel, at) => {
            const sharing = tuples.filter((other) =>
              other.slice(0, at + 1).every((value, i) => value === tuple[i])
            );
            assert.equal(isLevel, sharing.length > 1);
          });
        }
      }
    }),
    { numRuns: 150 },
  );
});
