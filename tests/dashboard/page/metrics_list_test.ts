import assert from "node:assert/strict";
import { test } from "node:test";
import {
  familyList,
  type Query,
  relativeChange,
  wanted,
} from "../../../page/views/metrics/family_list.ts";
import { isFull, kindOf, unitOf } from "../../../page/views/metrics/names.ts";
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";
import { nameParts } from "../../../page/core/name_parts.ts";

function family(name: string, more: Partial<FamilyInfo> = {}): FamilyInfo {
  return {
    id: 1,
    name,
    type: "counter",
    help: "Things.",
    unit: "",
    labels: [],
    bounds: null,
    native: false,
    quantiles: null,
    series: 1,
    limit: 1000,
    role: null,
    ...more,
  };
}

function query(more: Partial<Query> = {}): Query {
  return {
    text: "",
    kind: "all",
    order: "name",
    values: () => [],
    change: () => null,
    ...more,
  };
}

const shop: readonly FamilyInfo[] = [
  family("http_requests_total", { id: 1, series: 31, labels: ["route"] }),
  family("shop_open_carts", { id: 2, type: "gauge", help: "Carts now open." }),
  family("shop_searches_total", { id: 3, series: 1000, labels: ["term"] }),
  family("http_request_duration_seconds", {
    id: 4,
    type: "histogram",
    series: 75,
    labels: ["route", "method"],
  }),
  family("shop_door", { id: 5, type: "stateset", labels: ["shop_door"] }),
];

function names(change: Partial<Query>): string[] {
  return familyList(shop, query(change)).rows.map(({ info }) => info.name);
}

test("law: the parts of a name are the name, each short of a second separator", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      const parts = nameParts(name);
      assert.equal(parts.join(""), name);
      assert.ok(parts.every((part) => part !== ""));
    }),
  );
  assert.deepEqual(nameParts("http_request__size.bytes"), [
    "http_",
    "request__",
    "size.",
    "bytes",
  ]);
});

test("familyList() sorts by name, number of series and change", () => {
  assert.deepEqual(names({ order: "name" }), [
    "http_request_duration_seconds",
    "http_requests_total",
    "shop_door",
    "shop_open_carts",
    "shop_searches_total",
  ]);
  assert.deepEqual(names({ order: "series" }).slice(0, 3), [
    "shop_searches_total",
    "http_request_duration_seconds",
    "http_requests_total",
  ]);
  const changes = new Map([[1, 0.1], [2, -0.5], [3, 3], [4, Infinity]]);
  assert.deepEqual(
    names({ order: "change", change: ({ id }) => changes.get(id) ?? null }),
    [
      "http_request_duration_seconds",
      "shop_searches_total",
      "shop_open_carts",
      "http_requests_total",
      "shop_door",
    ],
  );
});

test("familyList() finds words in names, labels, help and values, and says where", () => {
  const values = (info: FamilyInfo) =>
    info.id === 3 ? [["chairs"], ["green Shoes"]] : [];

  assert.deepEqual(names({ text: "HTTP total" }), ["http_requests_total"]);
  assert.deepEqual(names({ text: "shop green", values }), [
    "shop_searches_total",
  ]);
  assert.deepEqual(names({ text: "shoes boots", values }), []);
  const found = (text: string) =>
    familyList(shop, query({ text, values })).rows[0]?.found;
  assert.equal(found("searches"), null);
  assert.deepEqual(found("shoes"), {
    where: "value",
    label: "term",
    value: "green Shoes",
  });
  assert.deepEqual(found("now open"), { where: "help", label: "", value: "" });
  assert.deepEqual(found("method"), {
    where: "label",
    label: "method",
    value: "",
  });
});

test("familyList() counts kinds over what was found, whatever tab is open", () => {
  const list = familyList(shop, query({ text: "shop", kind: "gauge" }));

  assert.deepEqual(list.counts, {
    all: 3,
    counter: 1,
    gauge: 1,
    histogram: 0,
    other: 1,
  });
  assert.deepEqual(list.rows.map(({ info }) => info.id), [2]);
  assert.equal(list.series, 1);
});

test("law: a family is found by any part of its name, help, labels and values", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.nat(),
      fc.constantFrom("name", "help", "label", "value"),
      (text, at, where) => {
        const word = text.slice(at % text.length).trim();
        fc.pre(word !== "" && !/\s/.test(word));
        const info = family(where === "name" ? text : "x", {
          help: where === "help" ? text : "y",
          labels: [where === "label" ? text : "z"],
        });
        const values = () => [[where === "value" ? text : ""]];
        const { rows } = familyList([info], query({ text: word, values }));
        // A text may change its length in lower case, but not what it holds.
        assert.equal(rows.length, 1);
      },
    ),
  );
});

test("kindOf() and isFull() tell tabs and full families", () => {
  assert.equal(kindOf(family("x", { type: "gaugehistogram" })), "histogram");
  assert.equal(kindOf(family("x", { type: "info" })), "other");
  assert.equal(isFull(family("x", { series: 1000 })), true);
  assert.equal(isFull(family("x", { series: 999 })), false);
  assert.equal(isFull(family("x", { series: 5, limit: null })), false);
});

test("unitOf() is the unit of the family, or the one its name ends in", () => {
  const of = (name: string, unit = "") => unitOf(family(name, { unit }));

  assert.equal(of("order_value_euros", "euros"), "euros");
  assert.equal(of("http_request_duration_seconds"), "seconds");
  assert.equal(of("process_cpu_seconds_total"), "seconds");
  assert.equal(of("seconds_of_work"), "");
});

test("relativeChange() compares the last minute with what was before", () => {
  const columns = (before: number, now: number) =>
    Float64Array.from({ length: 90 }, (_, i) => i < 84 ? before : now);

  assert.equal(relativeChange(columns(10, 30), 10, true), 2);
  assert.equal(relativeChange(columns(10, 5), 10, true), -0.5);
  assert.equal(relativeChange(columns(0, 5), 10, true), Infinity);
  assert.equal(relativeChange(columns(-4, -2), 10, false), 0.5);
  assert.equal(relativeChange(columns(0, 0), 10, false), 0);
});

test("relativeChange() does not compare a handful of observations", () => {
  const rare = new Float64Array(90);
  rare[3] = 2;

  assert.equal(relativeChange(rare, 10, true), null);
  assert.equal(relativeChange(new Float64Array(90).fill(NaN), 10, false), null);
  assert.equal(relativeChange(Float64Array.of(4), 10, false), null);
});

test("law: the wanted families fit into the budget, but for the chosen one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 50 }), { maxLength: 20 }),
      fc.nat({ max: 200 }),
      fc.nat(),
      (sizes, budget, at) => {
        const families = sizes.map((series, index) =>
          family("x", { id: index + 1, series })
        );
        const chosen = families[at % (families.length + 1)];
        const ids = wanted(families, chosen, budget);
        const rest = ids.filter((id) => id !== chosen?.id);
        const total = rest.reduce(
          (sum, id) => sum + Math.max(1, families[id - 1]!.series),
          0,
        );
        assert.ok(total <= budget);
        assert.ok(chosen === undefined || ids.includes(chosen.id));
      },
    ),
  );
});
