import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import type { Counter } from "../../src/metrics/mod.ts";
import { type Key, NaiveFamily } from "./naive_family.ts";
import { overflowsOf, rowsOf, setUp } from "./fixtures.ts";

type Step =
  | { readonly at: string }
  | { readonly inc: number; readonly by: number }
  | { readonly fresh: string; readonly by: number }
  | { readonly remove: string }
  | { readonly clear: true }
  | { readonly pass: number };

const TUPLES = ["a", "b", "c", "d", "", "__proto__", "overflow", "overflow_2"];

const anyStep = (): fc.Arbitrary<Step> => {
  const tuple = fc.constantFrom(...TUPLES);
  const by = fc.integer({ min: 0, max: 100 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ at: tuple }) },
    { weight: 6, arbitrary: fc.record({ inc: fc.nat({ max: 20 }), by }) },
    { weight: 3, arbitrary: fc.record({ fresh: tuple, by }) },
    { weight: 2, arbitrary: fc.record({ remove: tuple }) },
    { weight: 1, arbitrary: fc.record({ clear: fc.constant(true as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({ pass: fc.constantFrom(0, 4, 10, 25) }),
    },
  );
};

/** A table and a naive family, and the series that are held of both. */
class Pair {
  readonly #naive: NaiveFamily;
  readonly #held: (readonly [Counter, Key])[] = [];
  readonly #setUp = setUp();
  readonly #family;

  constructor(maxSeries: number, expireAfter: number) {
    this.#naive = new NaiveFamily(maxSeries, expireAfter);
    this.#family = this.#setUp.registry.counter({
      name: "x_total",
      help: "X.",
      labels: ["a"],
      maxSeries,
      expireAfter,
    });
  }

  step(step: Step): void {
    const { clock } = this.#setUp;
    if ("at" in step) this.#hold(step.at);
    else if ("fresh" in step) {
      const [real, key] = this.#hold(step.fresh);
      this.#inc(real, key, step.by);
    } else if ("inc" in step) {
      const held = this.#held[step.inc % Math.max(1, this.#held.length)];
      if (held !== undefined) this.#inc(...held, step.by);
    } else if ("remove" in step) this.#remove(step.remove);
    else if ("clear" in step) {
      this.#naive.clear();
      this.#family.clear();
    } else {
      clock.advance(step.pass);
      this.#compare();
    }
    assert.equal(this.#family.size, this.#naive.size);
    for (const [real, key] of this.#held) {
      assert.equal(real.value, this.#naive.valueOf(key));
    }
  }

  /** Holds a series; older ones of the same label value stay held. */
  #hold(tuple: string): readonly [Counter, Key] {
    const key = this.#naive.at(tuple, this.#setUp.clock.mono());
    const pair = [this.#family.at(tuple), key] as const;
    this.#held.push(pair);
    return pair;
  }

  #inc(real: Counter, key: Key, by: number): void {
    real.inc(by);
    this.#naive.inc(key, by, this.#setUp.clock.mono());
  }

  #remove(tuple: string): void {
    const removed = this.#family.remove({ a: tuple });
    assert.equal(removed, this.#naive.remove(tuple));
  }

  #compare(): void {
    const { registry, clock } = this.#setUp;
    const rows = rowsOf(registry, "x_total").toSorted();
    const naive = this.#naive.collect(clock.mono()).toSorted();
    assert.deepEqual(rows, naive);
    const { overflows } = this.#naive;
    assert.deepEqual(
      overflowsOf(registry),
      overflows > 0 ? { x_total: overflows } : {},
    );
  }
}

test("law: Table equals a map of series, also for held series", () => {
  fc.assert(
    fc.property(fc.array(anyStep(), { maxLength: 80 }), (steps) => {
      const pair = new Pair(1000, Infinity);
      for (const step of steps) pair.step(step);
      pair.step({ pass: 0 });
    }),
    { numRuns: 300 },
  );
});

test("law: Table equals a map of series if series expire", () => {
  fc.assert(
    fc.property(fc.array(anyStep(), { maxLength: 80 }), (steps) => {
      const pair = new Pair(1000, 20);
      for (const step of steps) pair.step(step);
      pair.step({ pass: 0 });
    }),
    { numRuns: 300 },
  );
});

test("law: Table equals a map of series if the family overflows", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(anyStep(), { maxLength: 80 }),
      (maxSeries, steps) => {
        const pair = new Pair(maxSeries, Infinity);
        for (const step of steps) pair.step(step);
        pair.step({ pass: 0 });
      },
    ),
    { numRuns: 300 },
  );
});

test("law: Table equals a map of series if series expire and overflow", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(anyStep(), { maxLength: 80 }),
      (maxSeries, steps) => {
        const pair = new Pair(maxSeries, 20);
        for (const step of steps) pair.step(step);
        pair.step({ pass: 0 });
      },
    ),
    { numRuns: 300 },
  );
});

test("law: Table loses no step if the family overflows", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 100 }))),
      (maxSeries, steps) => {
        const { registry } = setUp();
        const family = registry.counter({
          name: "x_total",
          help: "X.",
          labels: ["a", "b"],
          maxSeries,
        });
        for (const [tuple, by] of steps) family.at(tuple % 3, tuple).inc(by);
        const rows = rowsOf(registry, "x_total");
        const counted = rows.reduce((sum, row) => sum + Number(row[2]), 0);
        assert.equal(counted, steps.reduce((sum, [, by]) => sum + by, 0));
        assert.ok(rows.length <= maxSeries + 1);
        assert.ok(family.size <= maxSeries);
      },
    ),
    { numRuns: 200 },
  );
});
