import assert from "node:assert/strict";
import { test } from "node:test";
import type { Axis, Series } from "../../../page/core/data.ts";
import { ColumnSums } from "../../../page/views/metrics/column_sums.ts";
import {
  defaultSplit,
  labelCounts,
  largestLabel,
  linesOf,
  matching,
  MOST_LINES,
  NOTHING,
  ranked,
  routeMatchers,
  split,
} from "../../../page/views/metrics/labels.ts";
import type { Fold } from "../../../page/views/metrics/promql.ts";
import type { FamilyInfo, Hello } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

const family: FamilyInfo = {
  id: 1,
  name: "http_requests_total",
  type: "counter",
  help: "Requests.",
  unit: "",
  labels: ["method", "route"],
  bounds: null,
  native: false,
  quantiles: null,
  series: 3,
  limit: null,
  role: null,
};

const hello = {
  requests: { method: "method", route: "route", status: null, peer: null },
} as Hello;

function one(
  id: number,
  values: readonly string[],
  columns: readonly number[] = [],
  more: Partial<Series> = {},
): Series {
  return {
    info: { id, family: 1, values },
    values: Float64Array.from(columns),
    total: 0,
    ...more,
  };
}

const shop = [
  one(1, ["GET", "/"]),
  one(2, ["GET", "/items"]),
  one(3, ["POST", "/orders"]),
];

test("labelCounts() counts distinct values; largestLabel() needs two of them", () => {
  const counts = labelCounts(family, shop);

  assert.deepEqual(counts, [
    { label: "method", values: 2 },
    { label: "route", values: 3 },
  ]);
  assert.equal(largestLabel(counts)?.label, "route");
  assert.equal(largestLabel([{ label: "x", values: 1 }]), null);
});

test("defaultSplit() takes the route, or the largest label that can be drawn", () => {
  const counts = (method: number, route: number) => [
    { label: "method", values: method },
    { label: "route", values: route },
  ];

  assert.equal(defaultSplit(family, counts(3, 90), hello), "route");
  assert.equal(defaultSplit(family, counts(3, 90), null), "method");
  assert.equal(defaultSplit(family, counts(1, 90), null), NOTHING);
  assert.equal(defaultSplit(family, [], hello), NOTHING);
});

test("defaultSplit() of a family that is nearly full shows what fills it", () => {
  const counts = [
    { label: "method", values: 3 },
    { label: "route", values: 300 },
  ];
  const of = (series: number) =>
    defaultSplit({ ...family, series, limit: 1000 }, counts, null);

  assert.equal(of(900), "route");
  assert.equal(of(899), "method");
});

test("routeMatchers() and matching() select the series of a route", () => {
  const of = (route: string) =>
    matching(family, shop, routeMatchers(family, route, hello))
      .map(({ info }) => info.id);

  assert.deepEqual(of("GET /items"), [2]);
  assert.deepEqual(of("POST /items"), []);
  assert.deepEqual(of(""), [1, 2, 3]);
  assert.deepEqual(
    routeMatchers({ ...family, labels: ["route"] }, "GET /a", {
      ...hello,
      requests: { ...hello.requests, method: null },
    }),
    [{ label: "route", value: "GET /a" }],
  );
  assert.deepEqual(
    routeMatchers({ ...family, labels: [] }, "GET /", hello),
    [],
  );
});

const anySeries = fc.array(
  fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat({ max: 12 }), fc.nat()),
  { maxLength: 40 },
).map((all) =>
  all.map(([method, route, weight], id) =>
    one(id, [method, `/${route}`], [weight])
  )
);

test("law: the parts of a split hold each series once, by its value", () => {
  fc.assert(
    fc.property(
      anySeries,
      fc.constantFrom(["method", 0] as const, ["route", 1] as const),
      (series, [by, index]) => {
        const parts = split(family, series, by);
        const all = parts.flatMap((part) => part.series);
        assert.equal(all.length, series.length);
        assert.deepEqual(new Set(all), new Set(series));
        for (const part of parts) {
          assert.ok(
            part.series.every(({ info }) => info.values[index] === part.value),
          );
        }
        const values = parts.map(({ value }) => value);
        assert.equal(new Set(values).size, values.length);
      },
    ),
  );
  assert.equal(split(family, shop, NOTHING).length, 1);
  assert.deepEqual(split(family, [], NOTHING), []);
});

test("law: lines and others hold every series, and no other is larger than a line", () => {
  fc.assert(
    fc.property(anySeries, (series) => {
      const weight = (part: { readonly series: readonly Series[] }) =>
        part.series.reduce((sum, { values }) => sum + values[0]!, 0);
      const parts = ranked(split(family, series, "route"), weight);
      const { lines, others, othersCount } = linesOf(parts);
      const drawn = [...lines, ...(others === null ? [] : [others])]
        .flatMap((part) => part.series);
      assert.equal(drawn.length, series.length);
      assert.equal(lines.length + othersCount, parts.length);
      assert.ok(lines.length <= MOST_LINES);
      const least = Math.min(...lines.map(weight));
      assert.ok(parts.slice(MOST_LINES).every((part) => weight(part) <= least));
    }),
  );
});

test("ranked() puts unknown weights last, and equal ones by value", () => {
  const parts = split(family, shop, "route");
  const weights = new Map([["/", NaN], ["/items", 1], ["/orders", 1]]);

  assert.deepEqual(
    ranked(parts, ({ value }) => weights.get(value)!).map(({ value }) => value),
    ["/items", "/orders", "/"],
  );
});

const COLUMNS = 8;

/** Series over a long time; a page sees `COLUMNS` of it, ever later ones. */
const anyHistory = fc.array(
  fc.array(
    fc.oneof(fc.constant(NaN), fc.nat({ max: 9 })),
    { minLength: 20, maxLength: 20 },
  ),
  { minLength: 1, maxLength: 4 },
);

/** A step of the page: the axis moves, and frames come up to `late` before it. */
const anyStep = fc.record({
  by: fc.nat({ max: 4 }),
  late: fc.nat({ max: 5 }),
});

/** Returns the series of an axis that begins at `at`; frames came up to `to`. */
function seen(history: number[][], at: number, to: number): Series[] {
  return history.map((all, id) => {
    const known = all.map((value, column) => column < to ? value : NaN);
    const values = Float64Array.from(known.slice(at, at + COLUMNS));
    const buckets = new Map<number, Float64Array>();
    // Stores make a bucket when it is first counted into.
    for (const digit of [0, 1, 2]) {
      if (!known.some((value) => value % 3 === digit)) continue;
      buckets.set(
        digit,
        values.map((value) => value % 3 === digit ? value : 0),
      );
    }
    return one(id, ["GET", `/${id}`], [...values], {
      sums: values.map((value) => value / 2),
      buckets,
      quantiles: [values],
    });
  });
}

function axisAt(at: number, to = at + COLUMNS): Axis {
  return {
    from: 1000 + at,
    step: 1,
    columns: COLUMNS,
    to: 1000 + to,
    gaps: [],
  };
}

test("law: sums that moved with the axis are those summed at once", () => {
  fc.assert(
    fc.property(
      anyHistory,
      fc.array(anyStep, { minLength: 1, maxLength: 4 }),
      fc.constantFrom<Fold>("sum", "avg", "max"),
      (history, steps, fold) => {
        let at = 0;
        let to = COLUMNS;
        const live: { -readonly [K in keyof Series]: Series[K] }[] = seen(
          history,
          at,
          to,
        );
        const moving = new ColumnSums(live, fold);
        moving.update(axisAt(at, to));
        for (const { by, late } of steps) {
          at = Math.min(12, at + by);
          to = Math.max(to, at + COLUMNS - late);
          seen(history, at, to).forEach((next, i) =>
            Object.assign(live[i]!, next)
          );
          moving.update(axisAt(at, to));
        }
        const whole = new ColumnSums(seen(history, at, to), fold);
        whole.update(axisAt(at, to));
        assert.deepEqual(moving.values, whole.values);
        assert.deepEqual(moving.sums, whole.sums);
        assert.deepEqual(moving.quantiles, whole.quantiles);
        for (const [bucket, counts] of moving.buckets) {
          const expected = whole.buckets.get(bucket) ?? counts.map(() => 0);
          assert.deepEqual(counts, expected);
        }
        for (const bucket of whole.buckets.keys()) {
          assert.ok(moving.buckets.has(bucket));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("ColumnSums leaves out what is absent, and knows an absent column", () => {
  const series = [one(1, [], [1, NaN, 4]), one(2, [], [3, NaN, NaN])];
  const axis = { ...axisAt(0), columns: 3 };
  const of = (fold: Fold) => {
    const sums = new ColumnSums(series, fold);
    sums.update(axis);
    return [...sums.values];
  };

  assert.deepEqual(of("sum"), [4, NaN, 4]);
  assert.deepEqual(of("avg"), [2, NaN, 4]);
  assert.deepEqual(of("max"), [3, NaN, 4]);
});
