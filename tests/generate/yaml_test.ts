import assert from "node:assert/strict";
import { test } from "node:test";
import { toYaml } from "../../src/generate/mod.ts";

test("toYaml() writes a line per field", () => {
  assert.equal(
    toYaml({
      groups: [{ name: "a", rules: [{ expr: 'x{a="b"}', for: "5m", n: 1 }] }],
      none: [],
      nothing: {},
      left: undefined,
    }),
    `groups:
  - name: a
    rules:
      - expr: "x{a=\\"b\\"}"
        for: "5m"
        "n": 1
none: []
nothing: {}
`,
  );
});

test("toYaml() quotes whatever could be read as something else", () => {
  for (
    const text of [
      "true",
      "Yes",
      "null",
      "~",
      "1",
      "1e3",
      "",
      " a",
      "a ",
      "a: b",
      "a #b",
      "- a",
      "{a}",
      "[a]",
      "*a",
      "&a",
      "!a",
      "a\nb",
      "2026-01-01",
      "0x1f",
      "?",
      "%a",
      "@a",
      "`a",
      "'a'",
    ]
  ) assert.equal(toYaml(text), `${JSON.stringify(text)}\n`);
  for (const text of ["a", "shop.rules.yml", "a b", "a-b/c_d"]) {
    assert.equal(toYaml(text), `${text}\n`);
  }
});

test("toYaml() writes lists in lists, and values that are no objects", () => {
  assert.equal(
    toYaml([[1, "a"], null, [true]]),
    "- - 1\n  - a\n- null\n- - true\n",
  );
});
