import assert from "node:assert/strict";
import { test } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";
import {
  type Drawn,
  foldOf,
  promql,
  selector,
} from "../../../page/views/metrics/promql.ts";
import { NOTHING } from "../../../page/views/metrics/labels.ts";
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

function family(more: Partial<FamilyInfo> = {}): FamilyInfo {
  return {
    id: 1,
    name: "http_request_duration_seconds",
    type: "histogram",
    help: "Durations.",
    unit: "seconds",
    labels: ["route"],
    bounds: [0.1, 1],
    native: false,
    quantiles: null,
    series: 3,
    limit: null,
    role: null,
    ...more,
  };
}

function drawn(more: Partial<Drawn> = {}): Drawn {
  return { what: "rate", by: NOTHING, matchers: [], window: 60, ...more };
}

/** Returns the places of syntax errors, by Prometheus' own grammar. */
function errors(expression: string): string[] {
  const found: string[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) {
        found.push(`${node.from} in ${expression}`);
      }
    },
  });
  return found;
}

test("promql() of a classic histogram is the quantile of its buckets", () => {
  assert.equal(
    promql(family(), drawn({ what: 0.95, by: "route" })),
    "histogram_quantile(0.95, sum by (le, route) " +
      "(rate(http_request_duration_seconds_bucket[1m])))",
  );
  assert.equal(
    promql(family(), drawn({ by: "route" })),
    "sum by (route) (rate(http_request_duration_seconds_count[1m]))",
  );
});

test("promql() of a native histogram has no buckets and no count", () => {
  const native = family({ native: true });

  assert.equal(
    promql(native, drawn({ what: 0.5 })),
    "histogram_quantile(0.5, sum(rate(http_request_duration_seconds[1m])))",
  );
  assert.equal(
    promql(native, drawn({ by: "route", window: 30 })),
    "sum by (route) " +
      "(histogram_count(rate(http_request_duration_seconds[30s])))",
  );
});

test("promql() of the other types", () => {
  const of = (more: Partial<FamilyInfo>, how: Partial<Drawn> = {}) =>
    promql(family({ name: "x", ...more }), drawn(how));

  assert.equal(
    of({ type: "counter", name: "x_total" }, { window: 120 }),
    "sum(rate(x_total[2m]))",
  );
  assert.equal(of({ type: "gauge", unit: "" }), "sum(x)");
  assert.equal(of({ type: "gauge", unit: "ratio" }), "avg(x)");
  assert.equal(
    of({ type: "unknown", unit: "" }, { by: "a" }),
    "sum by (a) (x)",
  );
  assert.equal(of({ type: "summary" }, { what: 0.9 }), "max by (quantile) (x)");
  assert.equal(
    of({ type: "summary" }, { what: 0.9, by: "a" }),
    'max by (a) (x{quantile="0.9"})',
  );
  assert.equal(of({ type: "summary" }), "sum(rate(x_count[1m]))");
  assert.equal(of({ type: "stateset" }), "x");
  assert.equal(of({ type: "info" }), "x");
  assert.equal(of({ type: "gaugehistogram" }), null);
});

test("promql() quotes names that are not legacy ones, and values", () => {
  const requests = family({
    name: "http.server.requests",
    type: "counter",
    labels: ["http.route"],
  });
  const matchers = [{ label: "http.route", value: 'a"b\\c\nd' }];

  assert.equal(
    promql(requests, drawn({ by: "http.route", matchers })),
    'sum by ("http.route") ' +
      '(rate({"http.server.requests", "http.route"="a\\"b\\\\c\\nd"}[1m]))',
  );
});

test("foldOf() sums amounts, averages shares, and takes the latest time", () => {
  assert.equal(foldOf(family({ type: "gauge", unit: "bytes" })), "sum");
  assert.equal(foldOf(family({ type: "gauge", unit: "ratio" })), "avg");
  assert.equal(
    foldOf(family({ type: "gauge", name: "process_start_time_seconds" })),
    "max",
  );
});

const anyName = fc.oneof(
  fc.constantFrom("up", "a:b", "sum", "by", "inf", "NaN", "on", "bool", "and"),
  fc.constantFrom("offset", "start", "step", "group_left", "fill", "anchored"),
  fc.stringMatching(/^[a-z_:]{1,8}$/),
  fc.string({ minLength: 1, unit: "binary" }),
  // The parser looks up its keywords in a plain object.
).filter((name) => !(name.toLowerCase() in {}));

test("law: Prometheus' grammar reads every expression", () => {
  fc.assert(
    fc.property(
      fc.record({
        name: anyName,
        type: fc.constantFrom<FamilyInfo["type"]>(
          "counter",
          "gauge",
          "histogram",
          "summary",
          "unknown",
          "stateset",
          "info",
        ),
        native: fc.boolean(),
        unit: fc.constantFrom("", "ratio", "seconds"),
      }),
      fc.record({
        what: fc.constantFrom<Drawn["what"]>("rate", 0.5, 0.95, 0.99),
        by: fc.oneof(fc.constant(NOTHING), anyName),
        matchers: fc.array(
          fc.record({ label: anyName, value: fc.string({ unit: "binary" }) }),
          { maxLength: 2 },
        ),
        window: fc.constantFrom(30, 60, 120),
      }),
      (info, how) => {
        assert.deepEqual(errors(promql(family(info), how)!), []);
      },
    ),
    { numRuns: 2000 },
  );
});

test("law: the grammar finds the name and the values of a selector again", () => {
  fc.assert(
    fc.property(
      anyName,
      fc.string({ unit: "grapheme" }),
      (name, value) => {
        const text = selector(name, [{ label: "a.b", value }]);
        const strings: string[] = [];
        parser.parse(text).iterate({
          enter: (node) => {
            if (node.name === "StringLiteral" || node.name === "Identifier") {
              strings.push(text.slice(node.from, node.to));
            }
          },
        });
        assert.deepEqual(errors(text), []);
        assert.ok(strings.length >= 2, text);
      },
    ),
  );
});
