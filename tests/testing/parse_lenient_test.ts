/** The lenient mode of `parseExposition`: what a Prometheus reads, and no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, openMetrics, prometheusText1 } from "../../src/encode/mod.ts";
import {
  type Dialect,
  ExpositionError,
  parseExposition,
  parseOpenMetrics2,
} from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";
import * as fc from "../support/property.ts";
import { OPEN, open, refusal, TEXT, text } from "./fixtures.ts";

const read = (body: string | Uint8Array, dialect: Dialect = TEXT) =>
  parseExposition(body, dialect, { lenient: true });

/** Returns the families as text: type, help, then a sample in each line. */
function outline(body: string, dialect: Dialect = TEXT): string[] {
  return read(body, dialect).flatMap(({ name, type, help, samples }) => [
    `${name} ${type} ${help}`.trimEnd(),
    ...samples.map(({ name, labels, value, timestamp }) => {
      const list = [...labels].map(([name, value]) => `${name}=${value}`);
      const at = timestamp === undefined ? "" : ` @${timestamp}`;
      return `  ${name}{${list.join()}} ${value}${at}`;
    }),
  ]);
}

/** Bodies of real exporters that the strict mode refuses. */
const UNUSUAL: readonly (readonly [what: string, body: string])[] = [
  ["a quantile in short form", '# TYPE a summary\na{quantile="0"} 1\n'],
  ["a bound in short form", '# TYPE a histogram\na_bucket{le="1"} 1\n'],
  ["no +Inf bucket", '# TYPE a histogram\na_bucket{le="1.0"} 1\n'],
  ["a comma after the last label", 'a{b="c",} 1\n'],
  ["no comma between labels", 'a{b="c"d="e"} 1\n'],
  ["blanks between tokens", '\ta { b = "c" , d = "e" } \t 1  17 \n'],
  ["no blank before the value", 'a{b="c"}1\n'],
  ["no line feed at the end", "a 1"],
  ["NUL in place of a line", "a 1\n\0\nnothing is read from here on {"],
  ["NUL in place of the last line", "a 1\n \t\0"],
  ["interleaved families", 'a 1\nb 1\na{c="d"} 1\n'],
  ["interleaved metadata", "# TYPE a gauge\n# TYPE b gauge\na 1\nb 1\n"],
  ["late metadata", "a 1\n# TYPE a gauge\n# HELP a A.\n"],
  ["repeated metadata", "# HELP a A.\n# HELP a B.\n# TYPE a gauge\na 1\n"],
  ["metadata with wide spacing", "#  TYPE\ta gauge\na 1\n"],
  ["a repeated series", "a 1\na 2\n"],
  ["a counter below 0", "# TYPE a_total counter\na_total -1\n"],
  [
    "timestamps on some samples",
    "# TYPE a summary\na_sum 1 17\na_count 1\n",
  ],
  ["another letter case of NaN", "a nan\nb inf\nc +Infinity\n"],
  ["reserved names", '__a{__b="c"} 1\n'],
  ["an unknown escape", 'a{b="\\t"} 1\n'],
  ["a line feed in a label", 'a{b="c\nd"} 1\n'],
  ["a quoted classic name", '{"a"} 1\n'],
  ["a quoted name behind labels", '{b="c","a.b"} 1\n'],
];

test("the lenient mode reads unusual bodies that the strict mode refuses", () => {
  for (const [what, body] of UNUSUAL) {
    assert.ok(refusal(body, TEXT) !== undefined, `strict: ${what}`);
    assert.ok(read(body).length > 0, what);
  }
});

test("the lenient mode collects families that are interleaved, late or without a type", () => {
  const body = text(
    'b_bucket{le="1"} 1',
    "a_total 1",
    "# TYPE b histogram",
    'c{x="y",} 1',
    'b_bucket{le="+Inf"} 2',
    "b_sum 3",
    "# HELP b first",
    "b_count 2",
    "# HELP b la\\\\st\\n",
    "# TYPE d counter",
    "d_total 1 1500",
    'c{x="z"} 2',
  );
  assert.deepEqual(outline(body), [
    "b histogram la\\st",
    "  b_bucket{le=1} 1",
    "  b_bucket{le=+Inf} 2",
    "  b_sum{} 3",
    "  b_count{} 2",
    "a_total untyped",
    "  a_total{} 1",
    "c untyped",
    "  c{x=y} 1",
    "  c{x=z} 2",
    "d counter",
    "d_total untyped",
    "  d_total{} 1 @1.5",
  ]);
});

test("the lenient mode reads unusual OpenMetrics", () => {
  const body = open(
    "# TYPE a counter",
    'a_total{b="c",} 3 1.5e0 # {x="y",x="z"} 4 5',
    "a_created 1",
    "b 1",
    "# UNIT a_seconds seconds",
    "a_total 4",
  ).trimEnd();
  assert.deepEqual(outline(body, OPEN), [
    "a counter",
    "  a_total{b=c} 3 @1.5",
    "  a_created{} 1",
    "  a_total{} 4",
    "b unknown",
    "  b{} 1",
    "a_seconds unknown",
  ]);
  assert.deepEqual(read(body, OPEN)[0]?.samples[0]?.exemplar, {
    labels: new Map([["x", "z"]]),
    value: 4,
    timestamp: 5,
  });
});

test("the lenient mode reads NUL after the end of OpenMetrics, and only there", () => {
  for (const end of ["# EOF\n\0", "# EOF\0", "# EOF\n\0x\n", "# EOF"]) {
    assert.deepEqual(outline(`a 1\n${end}`, OPEN), ["a unknown", "  a{} 1"]);
  }
  const refused = ["a 1\n\0# EOF\n", "a 1\n\0", "a 1\n# EOFx"];
  for (const body of refused) {
    assert.throws(() => read(body, OPEN), ExpositionError);
  }
  for (const body of ["a\0 1\n", "a 1\0\n", "a 1 5\0\n", "a{\0} 1\n"]) {
    assert.throws(() => read(body), ExpositionError);
  }
});

test("the lenient mode refuses what a Prometheus refuses, and names the line", () => {
  const refused: readonly (readonly [string, string, Dialect])[] = [
    ["a metric name", '"a.b" 1', TEXT],
    ["a metric name", "{} 1", TEXT],
    ["a metric name", "# HELP 1", TEXT],
    ["a number", "a 0x1p3", TEXT],
    ["a number", "a 1_0", TEXT],
    ["a number", "a 1e400", TEXT],
    ["a number", "a +NaN", TEXT],
    ["a number", "a 1\r", TEXT],
    ["a value", "a", TEXT],
    ['"=" here', "a{b} 1", TEXT],
    ["a label name", 'a{b="c",,} 1', TEXT],
    ["a label name", 'a{""="c"} 1', TEXT],
    ["a label value", "a{b=c} 1", TEXT],
    ["a label value", 'a{b="c', TEXT],
    ["a label value", 'a{b="\\', TEXT],
    ["a label value", 'a{b="\\\n"} 1', TEXT],
    ["each label name once", 'a{b="c",b="d"} 1', TEXT],
    ["each label name once", 'a{__name__="b"} 1', TEXT],
    ["one metric name", 'a{"b"} 1', TEXT],
    ["the end of the line", "a 1 -5", TEXT],
    ["the end of the line", "a 1 # {} 1", TEXT],
    ["a timestamp that fits 64 bits", "a 1 9223372036854775808", TEXT],
    ["a timestamp that fits 64 bits", `a 1 ${"9".repeat(100_000)}`, TEXT],
    ["a type of this format", "# TYPE a info", TEXT],
    ["a type of this format", "# TYPE a gauge ", TEXT],
    ["no blank lines", "\n# EOF", OPEN],
    ["TYPE, UNIT, HELP or EOF", "# comment\n# EOF", OPEN],
    ["# EOF as the last line", "a 1", OPEN],
    ["nothing after # EOF", "# EOF\na 1", OPEN],
    ["a space and a text after the name", "# HELP a\n# EOF", OPEN],
    ["a type of this format", "# TYPE a untyped\n# EOF", OPEN],
    ["a family name that ends in the unit", "# UNIT a seconds\n# EOF", OPEN],
    ["a timestamp", "a 1 NaN\n# EOF", OPEN],
    ['"," or "}" here', 'a{b="c"d="e"} 1\n# EOF', OPEN],
    ["labels of an exemplar", 'a 1 # {"b"} 1\n# EOF', OPEN],
    ["a label value", 'a{b="c\nd"} 1\n# EOF', OPEN],
  ];
  for (const [rule, body, dialect] of refused) {
    assert.throws(() => read(`x 1\n${body}`, dialect), (error) => {
      assert.ok(error instanceof ExpositionError, String(error));
      assert.equal(error.rule, rule, body.slice(0, 60));
      assert.ok(error.line >= 2);
      return true;
    });
  }
});

test("the lenient mode removes a label that is repeated with an empty value", () => {
  assert.deepEqual(outline('a{b="c",b="",b="c"} 1\n'), [
    "a untyped",
    "  a{b=} 1",
  ]);
});

test("the lenient mode reads bytes whose comments are not UTF-8", () => {
  const bytes = (body: string) =>
    Uint8Array.from(body, (character) => character.charCodeAt(0));
  assert.equal(read(bytes("# Gr\xf6\xdfe\na 1\n#\xff")).length, 1);
  for (const body of ['a 1\nb{c="\xff"} 1\n', "# x\xff\n# HELP a \xff\n"]) {
    assert.throws(() => read(bytes(body)), { rule: "valid UTF-8", line: 2 });
  }
});

test("law: the lenient mode reads the bodies of the strict mode alike", () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      for (
        const [format, dialect] of [
          [prometheusText1, "text-1.0.0"],
          [openMetrics, OPEN],
        ] as const
      ) {
        const body = expose(sourceOf(model), format);
        assert.deepEqual(
          read(body, dialect),
          parseExposition(body, dialect),
        );
      }
    }),
  );
});

test("law: the lenient mode throws nothing but an ExpositionError", () => {
  const piece = fc.constantFrom(
    ...'a 1{}"\\=,\n#\t',
    "# TYPE a ",
    "# HELP a ",
    "gauge\n",
    '{b="c"}',
    " # {",
    "# EOF\n",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom<Dialect>(TEXT, OPEN),
      (pieces, dialect) => {
        try {
          read(pieces.join(""), dialect);
        } catch (error) {
          assert.ok(error instanceof ExpositionError, String(error));
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test("the lenient mode is linear in long names, values and lines", () => {
  const long = "x".repeat(500_000);
  const start = performance.now();
  read(`${long} 1\n# HELP ${long} ${long}\na{${long}="${long}"} 1\n`);
  const labels = Array.from({ length: 50_000 }, (_, i) => `b${i}="\\n"`);
  read(`a{${labels.join()}} 1`);
  assert.throws(() => read(`a{b="${long}`));
  assert.throws(() => read(" ".repeat(500_000) + "!"));
  assert.ok(performance.now() - start < 5000);
});

test("parseOpenMetrics2() has no lenient mode", () => {
  assert.throws(
    () => parseOpenMetrics2("# EOF\n", { lenient: true } as never),
    TypeError,
  );
});
