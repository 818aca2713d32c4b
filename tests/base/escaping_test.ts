import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { ESCAPING_SCHEMES, type EscapingScheme } from "../../src/base/mod.ts";
import {
  escapedLabel,
  escapedMetric,
  isClassicLabel,
  isClassicMetric,
} from "../../src/base/internal.ts";
import { anyText } from "./arbitraries.ts";

test("escapedMetric() and escapedLabel() keep classic names in every scheme", () => {
  for (const scheme of ESCAPING_SCHEMES) {
    for (const name of ["a", "a_b", "a__b", "Z9", "http_requests_total"]) {
      assert.equal(escapedMetric(name, scheme), name);
      assert.equal(escapedLabel(name, scheme), name);
    }
    assert.equal(escapedMetric("job:rate:5m", scheme), "job:rate:5m");
  }
});

test("escapedMetric() escapes other characters as Prometheus does", () => {
  // name, underscores, dots, values
  const cases: readonly (readonly [string, string, string, string])[] = [
    ["a.b", "a_b", "a_dot_b", "U__a_2e_b"],
    ["a_b.c", "a_b_c", "a__b_dot_c", "U__a__b_2e_c"],
    ["a-b", "a_b", "a__b", "U__a_2d_b"],
    ["1a", "_a", "__a", "U___31_a"],
    ["a1.2", "a1_2", "a1_dot_2", "U__a1_2e_2"],
    ["é", "_", "__", "U___e9_"],
    ["a🚀", "a_", "a__", "U__a_1f680_"],
    ["a b\n", "a_b_", "a__b__", "U__a_20_b_a_"],
    ["http:a.b", "http:a_b", "http:a_dot_b", "U__http:a_2e_b"],
  ];
  for (const [name, underscores, dots, values] of cases) {
    assert.equal(escapedMetric(name, "allow-utf-8"), name);
    assert.equal(escapedMetric(name, "underscores"), underscores);
    assert.equal(escapedMetric(name, "dots"), dots);
    assert.equal(escapedMetric(name, "values"), values);
  }
});

test("escapedLabel() escapes colons, which are classic in metric names only", () => {
  assert.equal(escapedLabel("a:b", "underscores"), "a_b");
  assert.equal(escapedLabel("a:b", "dots"), "a__b");
  assert.equal(escapedLabel("a:b", "values"), "U__a_3a_b");
});

const anyName = anyText().map((text) => text.toWellFormed())
  .filter((text) => text !== "");
const ESCAPING: readonly EscapingScheme[] = ["underscores", "dots", "values"];

test("law: escapedMetric() and escapedLabel() return classic names", () => {
  fc.assert(
    fc.property(anyName, fc.constantFrom(...ESCAPING), (name, scheme) => {
      assert.ok(isClassicMetric(escapedMetric(name, scheme)));
      assert.ok(isClassicLabel(escapedLabel(name, scheme)));
    }),
    { numRuns: 1000 },
  );
});

/** Reverses the scheme `values`, as a reader does. */
function unescaped(text: string): string {
  if (!text.startsWith("U__")) return text;
  return text.slice(3).replace(
    /__|_([0-9a-f]+)_/g,
    (_, hex) =>
      hex === undefined ? "_" : String.fromCodePoint(parseInt(hex, 16)),
  );
}

test("law: escapedMetric() with the scheme values is reversible", () => {
  fc.assert(
    fc.property(anyName, (name) => {
      // A classic name that looks escaped is ambiguous by design.
      fc.pre(!name.startsWith("U__"));
      assert.equal(unescaped(escapedMetric(name, "values")), name);
      assert.equal(unescaped(escapedLabel(name, "values")), name);
    }),
    { numRuns: 1000 },
  );
});
