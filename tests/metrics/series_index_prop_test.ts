import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Place, SeriesIndex } from "../../src/metrics/series_index.ts";
import { anyLabelText } from "./arbitraries.ts";

/** An index beside a naive map; rows are used again as a table does it. */
class Checked {
  readonly rows = new Map<string, number>();
  readonly #arity: number;
  readonly #column: string[] = [];
  readonly #index: SeriesIndex;
  readonly #free: number[] = [];
  #size = 0;

  constructor(arity: number) {
    this.#arity = arity;
    this.#index = new SeriesIndex(arity, this.#column);
  }

  /** Enters the tuple, or takes it out if it is there. */
  flip(values: readonly string[]): void {
    const key = JSON.stringify(values);
    const known = this.rows.get(key);
    if (known !== undefined) {
      this.#index.remove(known);
      const from = known * this.#arity;
      this.#column.fill("freed", from, from + this.#arity);
      this.#free.push(known);
      this.rows.delete(key);
      return;
    }
    const row = this.#free.pop() ?? this.#size++;
    values.forEach((value, at) => {
      this.#column[row * this.#arity + at] = value;
    });
    this.#index.insert(row);
    this.rows.set(key, row);
  }

  find(values: readonly string[]): number {
    return this.#index.find(values);
  }

  /** The places on the way of `values`, after one label, two, … */
  places(values: readonly string[]): (Place | undefined)[] {
    let place: Place | undefined = this.#index.root;
    return values.map((value, at) =>
      place = this.#index.step(place, at, value)
    );
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

test("law: an index finds what a map of joined tuples would", () => {
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

test("law: a level is a map exactly where two rows share the prefix", () => {
  fc.assert(
    fc.property(anySteps(), ({ arity, steps }) => {
      const checked = new Checked(arity);
      for (const values of steps) {
        checked.flip(values);
        const tuples = [...checked.rows.keys()]
          .map((key) => JSON.parse(key) as string[]);
        for (const tuple of tuples) {
          checked.places(tuple).forEach((place, at) => {
            const sharing = tuples.filter((other) =>
              other.slice(0, at + 1).every((value, i) => value === tuple[i])
            );
            assert.equal(typeof place === "number", sharing.length === 1);
          });
        }
      }
    }),
    { numRuns: 150 },
  );
});
