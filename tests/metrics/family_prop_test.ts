import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { anyLabelValue, naiveText } from "./arbitraries.ts";
import { loose, rowsOf, setUp } from "./fixtures.ts";

const NAMES = ["constructor", "a", "toString", "b"];

interface Step {
  readonly way: "at" | "with" | "shuffled" | "bind" | "remove" | "partly";
  readonly values: readonly unknown[];
  /** An order of the labels. */
  readonly order: readonly number[];
  /** The number of labels that are bound, or passed to remove(). */
  readonly some: number;
}

const anyCase = (): fc.Arbitrary<{
  readonly arity: number;
  readonly steps: readonly Step[];
}> =>
  fc.integer({ min: 1, max: NAMES.length }).chain((arity) => {
    const places = NAMES.slice(0, arity).map((_, at) => at);
    return fc.record({
      arity: fc.constant(arity),
      steps: fc.array(
        fc.record({
          way: fc.constantFrom<Step["way"]>(
            "at",
            "with",
            "shuffled",
            "bind",
            "bind",
            "remove",
            "partly",
          ),
          values: fc.array(
            fc.oneof(fc.constantFrom<unknown>("", "x", 1), anyLabelValue()),
            { minLength: arity, maxLength: arity },
          ),
          order: fc.shuffledSubarray(places, { minLength: arity }),
          some: fc.integer({ min: 0, max: arity }),
        }),
        { maxLength: 40 },
      ),
    });
  });

/** Returns the labels at the indexes `places` by name, in that order. */
function named(
  values: readonly unknown[],
  places: readonly number[],
): Record<string, unknown> {
  return Object.fromEntries(
    places.map((place) => [NAMES[place]!, values[place]]),
  );
}

test("law: Family is a map of tuples, by any lookup and with any values", () => {
  fc.assert(
    fc.property(anyCase(), ({ arity, steps }) => {
      const { registry } = setUp();
      const family = loose(registry.counter({
        name: "x_total",
        help: "X.",
        labels: NAMES.slice(0, arity),
      }));
      const naive = new Map<string, number>();
      const known = new Map<string, unknown>();
      const inOrder = NAMES.slice(0, arity).map((_, at) => at);
      for (const { way, values, order, some } of steps) {
        const key = JSON.stringify(values.map(naiveText));
        const bound = order.slice(0, some);
        if (way === "remove" || way === "partly") {
          const places = way === "remove" ? order : bound;
          const removedTexts = places.map((at) => naiveText(values[at]));
          if (places.some((at) => !isWellFormed(values[at]))) continue;
          const matching = [...naive.keys()].filter((key) => {
            const tuple = JSON.parse(key) as string[];
            return places.every((at, i) => tuple[at] === removedTexts[i]);
          });
          const removed = family.remove!(named(values, places)) as number;
          assert.equal(removed, matching.length);
          for (const key of matching) naive.delete(key);
          for (const key of matching) known.delete(key);
        } else {
          const series = loose(
            way === "at"
              ? family.at!(...values)
              : way === "with"
              ? family.with!(named(values, inOrder))
              : way === "shuffled"
              ? family.with!(named(values, order))
              : boundSeries(family, values, order, bound),
          );
          if (known.has(key)) assert.equal(series, known.get(key));
          known.set(key, series);
          series.inc!(1);
          naive.set(key, (naive.get(key) ?? 0) + 1);
        }
        assert.equal(family.size, naive.size);
      }
      const exposed = rowsOf(registry, "x_total")
        .map((row) => [JSON.stringify(row.slice(0, -1)), row.at(-1)]);
      assert.deepEqual(new Map(exposed as [string, number][]), naive);
      assert.equal(exposed.length, naive.size);
    }),
    { numRuns: 400 },
  );
});

/** Returns a series by `bind` of some labels and `at` of the others. */
function boundSeries(
  family: ReturnType<typeof loose>,
  values: readonly unknown[],
  order: readonly number[],
  bound: readonly number[],
): unknown {
  const unbound = order.filter((at) => !bound.includes(at)).sort();
  const inner = family.bind!(named(values, bound));
  if (unbound.length === 0) return inner;
  return loose(inner).at!(...unbound.map((at) => values[at]));
}

function isWellFormed(value: unknown): boolean {
  return typeof value !== "string" || value.isWellFormed();
}

test("law: Family.bind() returns the part of the family with these labels", () => {
  const anyValue = fc.constantFrom("", "x", "y", "overflow");
  const anyTuple = fc.tuple(anyValue, anyValue, anyValue);
  fc.assert(
    fc.property(
      fc.array(anyTuple, { maxLength: 20 }),
      anyTuple,
      fc.subarray([0, 1, 2]),
      (tuples, values, bound) => {
        const { registry } = setUp();
        const family = registry.gauge({
          name: "x",
          help: "X.",
          labels: ["a", "b", "c"],
        });
        for (const tuple of tuples) family.at(...tuple);
        if (bound.length === 3) return;
        const names = ["a", "b", "c"];
        const labels = bound.map((at) => [names[at]!, values[at]!] as const);
        const inner = loose(family.bind(Object.fromEntries(labels) as never));
        const matching = new Set(
          tuples.filter((tuple) =>
            bound.every((at) => tuple[at] === values[at])
          )
            .map((tuple) => tuple.join()),
        );
        assert.equal(inner.size, matching.size);
        const before = family.size;
        inner.clear!();
        assert.equal(inner.size, 0);
        assert.equal(family.size, before - matching.size);
      },
    ),
    { numRuns: 200 },
  );
});
