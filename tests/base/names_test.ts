import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  isLabelName,
  isMetricName,
  suggestName,
  withoutSuffix,
} from "../../src/base/internal.ts";
import { anyText } from "./arbitraries.ts";

test("isMetricName() accepts classic names with colons", () => {
  for (const name of ["a", "A_1", ":a", "job:x:rate5m", "a__b", "a_"]) {
    assert.equal(isMetricName(name), true, name);
  }
});

test("isMetricName() refuses other characters and reserved prefixes", () => {
  for (
    const name of [
      "",
      "1a",
      "a-b",
      "a.b",
      "a b",
      "ü",
      "a\n",
      "__a",
      "_a",
      "a\0",
    ]
  ) {
    assert.equal(isMetricName(name), false, JSON.stringify(name));
  }
});

test("isLabelName() refuses colons and reserved prefixes", () => {
  for (const name of ["a", "A_1", "a__b", "constructor", "toString"]) {
    assert.equal(isLabelName(name), true, name);
  }
  for (const name of ["", "1a", "a:b", "a-b", "__name__", "__proto__", "a\n"]) {
    assert.equal(isLabelName(name), false, JSON.stringify(name));
  }
});

test("suggestName() converts names to legal snake case", () => {
  assert.equal(suggestName("statusCode"), "status_code");
  assert.equal(suggestName("http.route"), "http_route");
  assert.equal(suggestName("Content-Type"), "content_type");
  assert.equal(suggestName("__name__"), "name");
  assert.equal(suggestName("2xx"), "n2xx");
  assert.equal(suggestName("…"), "unnamed");
  assert.equal(suggestName(""), "unnamed");
});

test("law: suggestName() returns a legal label name and metric name", () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assert.ok(isLabelName(suggestName(text)));
      assert.ok(isMetricName(suggestName(text)));
    }),
    { numRuns: 500 },
  );
});

test("withoutSuffix() removes one suffix, only at the end", () => {
  assert.equal(withoutSuffix("a_total", "_total"), "a");
  assert.equal(withoutSuffix("a_total_total", "_total"), "a_total");
  assert.equal(withoutSuffix("a_total_b", "_total"), "a_total_b");
  assert.equal(withoutSuffix("_total", "_total"), "");
  assert.equal(withoutSuffix("a", ""), "a");
});
