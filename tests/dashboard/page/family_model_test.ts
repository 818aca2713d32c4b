import assert from "node:assert/strict";
import { test } from "node:test";
import { Colours } from "../../../page/core/colours.ts";
import type { Address, Axis, Series } from "../../../page/core/data.ts";
import {
  FamilyModel,
  OTHERS,
} from "../../../page/views/metrics/family_model.ts";
import {
  levelNow,
  levelsOf,
  quantilesNow,
  rateNow,
  sinceChange,
  sumNow,
} from "../../../page/views/metrics/figures.ts";
import {
  modeAsked,
  modeName,
  modesOf,
} from "../../../page/views/metrics/modes.ts";
import { MOST_LINES, NOTHING } from "../../../page/views/metrics/labels.ts";
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

const COLUMNS = 12;
const axis: Axis = {
  from: 1000,
  step: 10,
  columns: COLUMNS,
  to: 1000 + COLUMNS * 10,
  gaps: [],
};

function family(more: Partial<FamilyInfo> = {}): FamilyInfo {
  return {
    id: 1,
    name: "shop_orders_total",
    type: "counter",
    help: "Orders.",
    unit: "",
    labels: ["payment"],
    bounds: null,
    native: false,
    quantiles: null,
    series: 1,
    limit: null,
    role: null,
    ...more,
  };
}

function address(more: Partial<Address> = {}): Address {
  return {
    view: "metrics",
    path: [],
    range: "15m",
    route: "",
    rest: {},
    ...more,
  };
}

function one(id: number, value: string, growth: number): Series {
  return {
    info: { id, family: 1, values: [value] },
    values: new Float64Array(COLUMNS).fill(growth),
    total: growth * COLUMNS,
  };
}

function modelOf(
  info: FamilyInfo,
  series: readonly Series[],
  at: Address = address(),
): FamilyModel {
  const model = new FamilyModel(info, new Colours());
  model.update(at, axis, series, null, true);
  return model;
}

test("law: the lines of a counter add up to its whole rate, at most six and others", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 30 }),
      (growths) => {
        const series = growths.map((growth, i) => one(i, `v${i}`, growth));
        const { lines, rows } = modelOf(
          family(),
          series,
          address({ rest: { by: "payment" } }),
        );
        const rate = lines.reduce((sum, { values }) => sum + values.at(-1)!, 0);
        const whole = growths.reduce((sum, growth) => sum + growth, 0) / 10;
        assert.ok(Math.abs(rate - whole) < 1e-9);
        assert.ok(lines.length <= MOST_LINES + 1);
        const colours = lines.map(({ colour }) => colour);
        assert.equal(new Set(colours).size, colours.length);
        // A row for each value, and one for the others.
        const others = growths.length > MOST_LINES ? 1 : 0;
        assert.equal(rows.length, growths.length + others);
      },
    ),
  );
});

test("FamilyModel names the rest, and one other is one other", () => {
  const series = Array.from({ length: 8 }, (_, i) => one(i, `v${i}`, 10 - i));
  const by = address({ rest: { by: "payment" } });

  const eight = modelOf(family(), series, by).lines.at(-1)!;
  assert.deepEqual([eight.key, eight.name, eight.colour], [
    OTHERS,
    "2 others",
    0,
  ]);
  assert.deepEqual([...eight.values].at(-1), (4 + 3) / 10);
  assert.equal(
    modelOf(family(), series.slice(0, 7), by).lines.at(-1)!.name,
    "1 other",
  );
});

test("FamilyModel keeps its lines for ten seconds, though others grow larger", () => {
  const series = Array.from({ length: 7 }, (_, i) => one(i, `v${i}`, 10 - i));
  const at = address({ rest: { by: "payment" } });
  const model = modelOf(family(), series, at);
  series[6]!.values.fill(1000);

  model.update(at, { ...axis, to: axis.to + 5 }, series, null, false);
  assert.equal(model.lines[0]!.name, "v0");
  model.update(at, { ...axis, to: axis.to + 10 }, series, null, false);
  assert.equal(model.lines[0]!.name, "v6");
});

test("FamilyModel follows series that were loaded anew, as for another range", () => {
  const at = address({ rest: { by: "payment" } });
  const model = modelOf(family(), [one(1, "card", 10)], at);

  model.update(at, axis, [one(1, "card", 30)], null, true);

  assert.equal(model.lines[0]!.values.at(-1), 3);
});

test("FamilyModel compares a new series with the others over the same time", () => {
  const fresh = one(1, "fresh", NaN);
  fresh.values[COLUMNS - 1] = 6;
  const { lines } = modelOf(
    family(),
    [fresh, one(2, "old", 2)],
    address({ rest: { by: "payment" } }),
  );

  assert.deepEqual(
    lines.map(({ name, values }) => [name, values.at(-1), values.at(-2)]),
    [["old", 0.2, 0.2], ["fresh", 0.1, NaN]],
  );
});

test("FamilyModel draws a series alone as its level, with its band", () => {
  const gauge = family({ name: "carts", type: "gauge" });
  const least = new Float64Array(COLUMNS).fill(1);
  const most = new Float64Array(COLUMNS).fill(9);
  const carts = [{ ...one(1, "a", 5), least, most }];

  const [alone] = modelOf(gauge, carts).lines;
  assert.equal(alone!.values[0], 5);
  assert.deepEqual([alone!.least, alone!.most], [least, most]);
  const [joined] = modelOf(
    gauge,
    [...carts, one(2, "b", 2)],
    address({
      rest: { by: NOTHING },
    }),
  ).lines;
  assert.equal(joined!.values[0], 7);
  assert.equal(joined!.least, undefined);
});

test("FamilyModel takes quantiles of merged buckets, and says the same in PromQL", () => {
  const histogram = family({
    name: "http_seconds",
    type: "histogram",
    unit: "seconds",
    labels: ["payment"],
    bounds: [1, 2, 4],
  });
  const withBuckets = (id: number, bucket: number): Series => ({
    ...one(id, `v${id}`, 6),
    sums: new Float64Array(COLUMNS).fill(6),
    buckets: new Map([[bucket, new Float64Array(COLUMNS).fill(6)]]),
  });
  const series = [withBuckets(1, 0), withBuckets(2, 2)];

  const model = modelOf(
    histogram,
    series,
    address({ rest: { q: "p50", by: NOTHING } }),
  );
  assert.equal(model.lines[0]!.values.at(-1), 1);
  assert.equal(
    model.expression,
    "histogram_quantile(0.5, sum by (le) (rate(http_seconds_bucket[1m])))",
  );
  assert.deepEqual(quantilesNow(histogram, series, [0.25, 0.75], axis, 60), [
    0.5,
    3,
  ]);
});

test("FamilyModel knows the total and the bucket behind a point of a line", () => {
  const counter = modelOf(family(), [one(1, "card", 10)]);
  const [line] = counter.lines;
  assert.equal(counter.totalAt(line!, COLUMNS - 1), 120);
  assert.equal(counter.totalAt(line!, 0), 10);

  const histogram = family({
    name: "http_seconds",
    type: "histogram",
    bounds: [1, 2, 4],
  });
  const model = modelOf(histogram, [{
    ...one(1, "card", 6),
    buckets: new Map([[2, new Float64Array(COLUMNS).fill(6)]]),
  }]);
  const { from, to } = model.quantileAt(model.lines[0]!, 5, axis)!;
  assert.deepEqual([from, to], [2, 4]);
});

test("FamilyModel draws each quantile of a summary, the largest of its series", () => {
  const summary = family({
    name: "stock",
    type: "summary",
    quantiles: [0.5, 0.99],
  });
  const withQuantiles = (id: number, level: number): Series => ({
    ...one(id, `v${id}`, 6),
    quantiles: [level, level * 10].map((q) =>
      new Float64Array(COLUMNS).fill(q)
    ),
  });

  const { lines, expression } = modelOf(
    summary,
    [withQuantiles(1, 1), withQuantiles(2, 3)],
    address({ rest: { by: NOTHING } }),
  );
  assert.deepEqual(
    lines.map(({ name, values }) => [name, values.at(-1)]),
    [["p50", 3], ["p99", 30]],
  );
  assert.equal(expression, "max by (quantile) (stock)");
});

test("FamilyModel filters by the route of the address, and says so in PromQL", () => {
  const requests = family({
    name: "http_requests_total",
    labels: ["method", "route"],
  });
  const hello = {
    requests: { method: "method", route: "route", status: null, peer: null },
  } as never;
  const series = [
    { ...one(1, "", 4), info: { id: 1, family: 1, values: ["GET", "/"] } },
    { ...one(2, "", 8), info: { id: 2, family: 1, values: ["POST", "/"] } },
  ];
  const model = new FamilyModel(requests, new Colours());

  model.update(
    address({ route: "POST /", rest: { by: "method" } }),
    axis,
    series,
    hello,
    true,
  );
  assert.deepEqual(model.lines.map(({ name }) => name), ["POST"]);
  assert.equal(
    model.expression,
    'sum by (method) (rate(http_requests_total{method="POST", route="/"}[1m]))',
  );
});

test("modeAsked() takes what the family has, or else the usual", () => {
  const summary = family({ type: "summary", quantiles: [0.5, 0.999] });
  const histogram = family({ type: "histogram" });

  assert.equal(modeAsked(summary, "p99.9"), 0.999);
  assert.equal(modeAsked(summary, undefined), 0.999);
  assert.equal(modeAsked({ ...summary, quantiles: [] }, undefined), "rate");
  assert.equal(modeAsked(histogram, "p12"), 0.95);
  assert.equal(modeAsked(histogram, "rate"), "rate");
  assert.equal(modeAsked(family(), "p95"), "rate");
  assert.deepEqual(modesOf(histogram).map(modeName), [
    "p50",
    "p95",
    "p99",
    "rate",
  ]);
});

test("figures of nothing are unknown, never zero", () => {
  const empty = { ...one(1, "a", NaN), sums: new Float64Array() };

  assert.equal(rateNow([], axis, 60, empty.values), NaN);
  assert.equal(rateNow([empty], axis, 60, empty.values), NaN);
  assert.equal(sumNow([empty], axis, 60), NaN);
  assert.equal(levelNow([empty], "sum"), NaN);
  assert.deepEqual(levelsOf(empty), { now: NaN, least: NaN, most: NaN });
});

test("sinceChange() finds the newest column with growth or another level", () => {
  const counter = one(1, "a", 0);
  counter.values[7] = 2;
  const gauge = one(2, "b", 5);
  gauge.values.fill(6, 4);

  assert.equal(sinceChange([counter], axis, false), 40);
  assert.equal(sinceChange([gauge], axis, true), 70);
  assert.equal(sinceChange([one(3, "c", 0)], axis, false), null);
  assert.equal(sinceChange([one(4, "d", 5)], axis, true), null);
  assert.equal(sinceChange([one(5, "e", 1)], axis, false), 0);
});
