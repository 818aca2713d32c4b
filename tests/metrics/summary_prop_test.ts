import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { anyNumber } from "../base/arbitraries.ts";
import { familyOf, setUp } from "./fixtures.ts";

const STEPS = 4;
const MAX_AGE = 40;

type Step = { readonly pass: number } | { readonly observe: number };

const anyStep = (): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({ pass: fc.constantFrom(0.5, 3, 10, 12, 39, 40, 41, 500) }),
    fc.record({ observe: fc.integer({ min: 1, max: 1_000_000 }) }),
  );

test("law: Summary has an observation in its quantiles for maxAge, less at most one step", () => {
  fc.assert(
    fc.property(
      fc.array(anyStep(), { maxLength: 40 }),
      fc.boolean(),
      (steps, readsOften) => {
        const { registry, clock } = setUp();
        const summary = registry.summary({
          name: "x",
          help: "X.",
          quantiles: [1],
          maxAge: MAX_AGE,
          ageBuckets: STEPS,
        });
        const observed: { readonly at: number; readonly value: number }[] = [];
        const check = () => {
          const younger = (age: number) =>
            observed.filter(({ at }) => clock.mono() - at < age)
              .map(({ value }) => value);
          const must = Math.max(0, ...younger(MAX_AGE - MAX_AGE / STEPS));
          const may = Math.max(0, ...younger(MAX_AGE));
          const found = familyOf(registry, "x")!.summaries[0]!.values[0]!;
          if (may === 0) return assert.equal(found, NaN);
          if (must > 0) assert.ok(found >= must * 0.988, `${found}, ${must}`);
          assert.ok(!(found > may * 1.012), `${found} of at most ${may}`);
        };
        for (const step of steps) {
          if ("pass" in step) clock.advance(step.pass);
          else {
            summary.observe(step.observe);
            observed.push({ at: clock.mono(), value: step.observe });
          }
          if (readsOften) check();
        }
        check();
      },
    ),
    { numRuns: 300 },
  );
});

test("law: Summary.count and sum include all observations", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer(), fc.nat({ max: 100 })), { maxLength: 40 }),
      (observations) => {
        const { registry, clock } = setUp();
        const summary = registry.summary({
          name: "x",
          help: "X.",
          quantiles: [0.5],
          maxAge: 20,
        });
        let sum = 0;
        for (const [value, seconds] of observations) {
          summary.observe(value);
          sum += value;
          clock.advance(seconds);
        }
        const view = familyOf(registry, "x")!.summaries[0]!;
        assert.equal(view.count, observations.length);
        assert.equal(view.sum, sum);
        assert.equal(summary.count, observations.length);
        assert.equal(summary.sum, sum);
      },
    ),
  );
});

test("law: Summary.observe() with a count equals that many observations", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyNumber(), fc.nat({ max: 4 })), { maxLength: 20 }),
      (observations) => {
        const { registry } = setUp();
        const family = registry.summary({
          name: "x",
          help: "X.",
          labels: ["series"],
          quantiles: [0, 0.5, 1],
        });
        const [once, often] = [family.at("once"), family.at("often")];
        for (const [value, times] of observations) {
          once.observe(value, times);
          for (let i = 0; i < times; i++) often.observe(value);
        }
        const [a, b] = familyOf(registry, "x")!.summaries;
        assert.equal(a!.count, b!.count);
        assert.deepEqual(a!.values, b!.values);
      },
    ),
  );
});
