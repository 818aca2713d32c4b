import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExposition } from "../../src/testing/mod.ts";
import {
  assertRefused,
  type BadBody,
  OPEN,
  open,
  refusal,
  TEXT,
  text,
} from "./fixtures.ts";

test("parseExposition() reads text with special characters in labels", () => {
  const families = parseExposition(
    text(
      '# HELP a Help with \\\\ and\\nmore "quotes".',
      "# TYPE a counter",
      'a{x="\\\\ \\n \\" é 🚀 } , =",y=""} 1.5e3',
      "",
      "b{} 1 1700000000000",
      "# an ordinary comment",
      "# UNIT is one too, and so is EOF",
      "# EOF",
      "# HELP c",
      "c +Inf",
    ),
    TEXT,
  );
  const [a, b, c] = families;
  assert.equal(families.length, 3);
  assert.equal(a!.help, 'Help with \\ and\nmore "quotes".');
  assert.deepEqual([...a!.samples[0]!.labels], [
    ["x", '\\ \n " é 🚀 } , ='],
    ["y", ""],
  ]);
  assert.equal(a!.samples[0]!.value, 1500);
  assert.equal(b!.type, "untyped");
  assert.equal(b!.samples[0]!.timestamp, 1_700_000_000);
  assert.equal(c!.help, "");
  assert.equal(c!.samples[0]!.value, Infinity);
});

test("parseExposition() reads OpenMetrics with units and exemplars", () => {
  const [a, b] = parseExposition(
    open(
      "# TYPE a_seconds counter",
      "# UNIT a_seconds seconds",
      '# HELP a_seconds Help with \\"quotes\\".',
      'a_seconds_total 3 1700000000.5 # {trace_id="x"} 2 1700000000.25',
      "b 1",
    ),
    OPEN,
  );
  assert.deepEqual([a!.name, a!.type], ["a_seconds", "counter"]);
  assert.deepEqual([a!.unit, a!.help], ["seconds", 'Help with "quotes".']);
  const [sample] = a!.samples;
  assert.equal(sample!.name, "a_seconds_total");
  assert.equal(sample!.timestamp, 1_700_000_000.5);
  assert.deepEqual(sample!.exemplar, {
    labels: new Map([["trace_id", "x"]]),
    value: 2,
    timestamp: 1_700_000_000.25,
  });
  assert.deepEqual([b!.type, b!.help, b!.unit], ["unknown", "", ""]);
});

test("parseExposition() reads families without samples, and empty bodies", () => {
  const families = parseExposition(
    open("# TYPE a gauge", "# TYPE b counter", "b_total 1", "# HELP c C."),
    OPEN,
  );
  assert.deepEqual(families.map(({ name }) => name), ["a", "b", "c"]);
  assert.deepEqual(parseExposition("", TEXT), []);
  assert.deepEqual(parseExposition("# EOF\n", OPEN), []);
});

test("ExpositionError names the line and the expected syntax", () => {
  assert.throws(() => parseExposition(text("a 1", "b x"), TEXT), {
    name: "ExpositionError",
    line: 2,
    rule: "a number",
    message: 'Cannot read line 2 ("b x"): expected a number',
  });
});

test("parseExposition() reads bytes, and refuses the line with invalid UTF-8", () => {
  const bytes = new TextEncoder().encode(text('a{x="é"} 1', 'a{x="🚀"} 1'));
  assert.equal(parseExposition(bytes, TEXT)[0]!.samples.length, 2);
  const fault = (broken: Uint8Array) => {
    const { line, rule } = refusal(broken, TEXT) ?? {};
    return [line, rule];
  };
  assert.deepEqual(fault(bytes.with(6, 0x20)), [1, "valid UTF-8"]);
  const feed = bytes.indexOf(0x0a);
  assert.deepEqual(fault(bytes.with(feed + 8, 0xff)), [2, "valid UTF-8"]);
  const cut = bytes.slice(0, feed + 8); // ends within a character
  assert.deepEqual(fault(cut), [2, "valid UTF-8"]);
});

const ONCE = "each family once, with its samples together";
const BAD_TEXT: readonly BadBody[] = [
  ["no line feed at the end", "a 1\nb 1", 2, "a line feed at the end"],
  ["no line feed", "a 1", 1, "a line feed at the end"],
  ["a byte order mark", "\ufeffa 1\n", 1, "no byte order mark"],
  [
    "carriage returns",
    "# HELP a A.\r\n# TYPE a gauge\r\na 1\r\n",
    2,
    "a line feed without a carriage return",
  ],
  ["a repeated family", "a 1\nb 1\na 2\n", 3, ONCE],
  ["metadata of an earlier family", "a 1\nb 1\n# TYPE a gauge\n", 3, ONCE],
  [
    "interleaved metadata of two families",
    "# TYPE a gauge\n# TYPE b gauge\n# HELP a A.\n",
    3,
    ONCE,
  ],
  [
    "a split histogram",
    '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\nb 1\na_sum{x="1"} 1\n',
    6,
    ONCE,
  ],
  [
    "a repeated type",
    "# TYPE a gauge\n# TYPE a gauge\na 1\n",
    2,
    "one TYPE per family",
  ],
  [
    "repeated help",
    "# HELP a A.\n# HELP a B.\na 1\n",
    2,
    "one HELP per family",
  ],
  [
    "a type after samples",
    "a 1\n# TYPE a gauge\n",
    2,
    "metadata before the samples",
  ],
  [
    "help between samples",
    'a{x="1"} 1\n# HELP a A.\na{x="2"} 1\n',
    2,
    "metadata before the samples",
  ],
  [
    "samples of another family after metadata",
    "# TYPE a gauge\nb 1\n",
    2,
    'a sample of family "a"',
  ],
  [
    "two families with the same sample name",
    '# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n' +
    "# TYPE a_count gauge\na_count 1\n",
    5,
    'no name shared by two families ("a" writes "a_count")',
  ],
  [
    "metadata without samples of that family",
    "a_count 1\n# HELP a A.\n# TYPE a histogram\nb 1\n",
    4,
    'a sample of family "a"',
  ],
  [
    "a family that writes the name of an earlier one",
    'a_count 1\n# HELP a A.\n# TYPE a histogram\na_bucket{le="+Inf"} 1\n' +
    "a_sum 1\na_count 1\n",
    3,
    'no name shared by two families ("a_count" writes "a_count")',
  ],
];

for (const bad of BAD_TEXT) {
  test(`parseExposition() refuses text with ${bad[0]}`, () =>
    assertRefused(bad, TEXT));
}

const END = "# EOF as the last line";
const BAD_OPEN: readonly BadBody[] = [
  ["an empty body", "", 1, END],
  ["no EOF", "a 1\nb 1\n", 2, END],
  ["no line feed after EOF", "# EOF", 1, "a line feed at the end"],
  ["text after EOF", "a 1\n# EOF\nb 1\n", 3, "nothing after # EOF"],
  ["repeated EOF", "# EOF\n# EOF\n", 2, "nothing after # EOF"],
  ["a blank line after EOF", "# EOF\n\n", 2, "nothing after # EOF"],
  ["a blank line", "a 1\n\n# EOF\n", 2, "no blank lines"],
  ["a byte order mark", "\ufeff# EOF\n", 1, "no byte order mark"],
  [
    "a repeated unit",
    open("# UNIT a_s s", "# UNIT a_s s"),
    2,
    "one UNIT per family",
  ],
  [
    "a counter that writes the name of a gauge",
    open("# TYPE a_created gauge", "# TYPE a counter", "a_total 1"),
    2,
    'no name shared by two families ("a_created" writes "a_created")',
  ],
  [
    "a gauge with a name that a counter writes",
    open("# TYPE a counter", "a_total 1", "# TYPE a_total gauge"),
    3,
    'no name shared by two families ("a" writes "a_total")',
  ],
  [
    "help for a name that a counter writes",
    open("# TYPE a counter", "a_total 1", "# HELP a_total A.", "# HELP b B."),
    3,
    'no name shared by two families ("a" writes "a_total")',
  ],
  [
    "an info and a gauge with the same sample name",
    open("# TYPE a info", "a_info 1", "# TYPE a_info gauge"),
    3,
    'no name shared by two families ("a" writes "a_info")',
  ],
  [
    "a gauge histogram and a gauge with the same sample name",
    open("# TYPE a_gsum gauge", "# TYPE a gaugehistogram"),
    2,
    'no name shared by two families ("a_gsum" writes "a_gsum")',
  ],
];

for (const bad of BAD_OPEN) {
  test(`parseExposition() refuses OpenMetrics with ${bad[0]}`, () =>
    assertRefused(bad, OPEN));
}

test("parseExposition() reads carriage returns in a help text", () => {
  const [a] = parseExposition(text("# HELP a A\rB\r", "a 1"), TEXT);
  assert.equal(a!.help, "A\rB\r");
});

test("parseExposition() reads comments and blank lines in text only", () => {
  for (const line of ["# hello", "#", "", "# UNIT a x", "_a 1"]) {
    assert.equal(refusal(text(line), TEXT), undefined, line);
    assert.notEqual(refusal(open(line), OPEN), undefined, line);
  }
});

test("parseExposition() reads 50 000 series and a megabyte label", () => {
  const lines = Array.from({ length: 50_000 }, (_, i) => `a{x="${i}"} ${i}`);
  const long = "é".repeat(500_000);
  const [a, b] = parseExposition(
    text("# TYPE a gauge", ...lines, `b{x="${long}"} 1`),
    TEXT,
  );
  assert.equal(a!.samples.length, 50_000);
  assert.equal(b!.samples[0]!.labels.get("x"), long);
});
