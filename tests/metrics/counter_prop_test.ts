import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { capture } from "../../src/model/mod.ts";
import { anyNumber } from "../base/arbitraries.ts";
import { BAD_STEPS, labelsOf, loose, rowsOf, setUp } from "./fixtures.ts";

type Step =
  | { readonly inc: unknown; readonly page: string }
  | { readonly remove: string }
  | { readonly pass: number };

const anyPage = (): fc.Arbitrary<string> => fc.constantFrom("a", "b", "c");

const anyStep = (): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({
      inc: fc.oneof(
        anyNumber(),
        fc.constantFrom(...BAD_STEPS.map(([step]) => step)),
      ),
      page: anyPage(),
    }),
    fc.record({ remove: anyPage() }),
    fc.record({ pass: fc.constantFrom(1, 5, 20) }),
  );

test("law: Counter.value never falls, whatever is recorded", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(
        anyNumber(),
        fc.constantFrom(...BAD_STEPS.map(([step]) => step)),
      )),
      (steps) => {
        const { registry } = setUp();
        const hits = registry.counter({ name: "hits_total", help: "Hits." });
        let before = 0;
        for (const step of steps) {
          loose(hits).inc!(step);
          assert.ok(hits.value >= before);
          before = hits.value;
        }
      },
    ),
    { numRuns: 300 },
  );
});

/**
 * Scraping servers rely on this: between two passes a series does not fall, or
 * it was absent in between, or it has a later start.
 */
test("law: Counter never falls between scrapes without a new start", () => {
  fc.assert(
    fc.property(
      fc.array(anyStep(), { maxLength: 60 }),
      fc.boolean(),
      (steps, isHeld) => {
        const { registry, clock } = setUp();
        const hits = registry.counter({
          name: "hits_total",
          help: "Hits.",
          labels: ["page"],
          expireAfter: 10,
        });
        const held = { a: hits.at("a"), b: hits.at("b"), c: hits.at("c") };
        let last = new Map<string, { value: number; start: number }>();
        for (const step of steps) {
          clock.advance(0.125);
          if ("pass" in step) clock.advance(step.pass);
          else if ("remove" in step) hits.remove({ page: step.remove });
          else {
            const { page, inc } = step;
            const series = isHeld ? held[page as "a"] : hits.at(page);
            loose(series).inc!(inc);
          }
          const { families } = capture(registry);
          const { numbers, starts, labelValues } = families[0]!;
          const now = new Map(
            labelValues.map((page, row) =>
              [page, { value: numbers[row]!, start: starts[row]! }] as const
            ),
          );
          for (const [page, { value, start }] of now) {
            const before = last.get(page);
            if (before === undefined) continue;
            assert.ok(value >= before.value || start > before.start);
            assert.ok(start >= before.start);
          }
          last = now;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("law: Counter has the sum of the steps of its series", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyPage(), fc.nat({ max: 1000 })), { maxLength: 50 }),
      (steps) => {
        const { registry } = setUp();
        const hits = registry.counter({
          name: "hits_total",
          help: "Hits.",
          labels: ["page"],
        });
        const naive = new Map<string, number>();
        for (const [page, step] of steps) {
          hits.at(page).inc(step);
          naive.set(page, (naive.get(page) ?? 0) + step);
        }
        assert.deepEqual(rowsOf(registry, "hits_total"), [...naive]);
        assert.equal(labelsOf(registry, "hits_total").length, hits.size);
      },
    ),
  );
});
