import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertRefused,
  type BadBody,
  OPEN,
  open,
  refusal,
  TEXT,
  text,
} from "./fixtures.ts";

const RESERVED = "no reserved names, which begin with an underscore";
const NEEDLESS = "no quotes around a classic name";
const ESCAPES = 'only the escapes \\\\, \\n and \\"';
const ENDS = "the end of the line";

/** A fault, a line with this fault in both formats, and the rule. */
const BAD_LINES: readonly (readonly [string, string, string])[] = [
  ["a name that begins with a digit", "1a 1", "a legal metric name"],
  ["a dotted name", "a.b 1", '" " here'],
  ["a quoted name that needs no quotes", '{"a"} 1', NEEDLESS],
  ["a quoted label that needs no quotes", 'a{"b"="c"} 1', NEEDLESS],
  ["an empty name in quotes", '{""} 1', "a legal metric name"],
  ["a label before a quoted name", '{b="c","a.b"} 1', "a legal metric name"],
  ["no quote after a quoted name", '{"a.b} 1', "a closing quote"],
  ["a reserved name in quotes", '{"__a.b"} 1', RESERVED],
  ["a family in quotes that needs none", '# TYPE "a" gauge', NEEDLESS],
  ["a space before the name", " a 1", "a legal metric name"],
  ["a space before the labels", 'a {x="1"} 1', "a number"],
  ["no space after the labels", 'a{x="1"}1', '" " here'],
  ["a tab instead of a space", "a\t1", '" " here'],
  ["two spaces before the value", "a  1", "single spaces"],
  ["two spaces before the timestamp", "a 1  5", "single spaces"],
  ["a space at the end", "a 1 ", "a timestamp"],
  ["no value", "a", '" " here'],
  ["a value that is a word", "a x", "a number"],
  ["a comma in a number", "a 1,5", ENDS],
  ["a hexadecimal number", "a 0x10", ENDS],
  ["underscores in a number", "a 1_0", ENDS],
  ["an exponent without digits", "a 1e", ENDS],
  ["a lone decimal point", "a .", "a number"],
  ["two signs", "a --1", "a number"],
  ["a number that overflows", "a 1e400", "a number that does not overflow"],
  [
    "a negative number that overflows",
    "a -1e309",
    "a number that does not overflow",
  ],
  ["a timestamp that is a word", "a 1 now", "a timestamp"],
  ["a timestamp of NaN", "a 1 NaN", "a timestamp"],
  ["two timestamps", "a 1 5 6", ENDS],
  ["a repeated label", 'a{x="1",x="2"} 1', "each label name once"],
  ["a label with a colon", 'a{x:y="1"} 1', '"=\\"" here'],
  [
    "a label that begins with a digit",
    'a{1x="1"} 1',
    "a legal label name",
  ],
  ["a label without quotes", "a{x=1} 1", '"=\\"" here'],
  ["a label without a value", "a{x} 1", '"=\\"" here'],
  ["a space after a comma", 'a{x="1", y="2"} 1', "a legal label name"],
  ["two commas", 'a{x="1",,y="2"} 1', "a legal label name"],
  ["a leading comma", 'a{,x="1"} 1', "a legal label name"],
  ["a comma at the end", 'a{x="1",} 1', "a legal label name"],
  ["no comma", 'a{x="1"y="2"} 1', '"," here'],
  ["a brace that stays open", 'a{x="1" 1', '"," here'],
  ["a brace and nothing else", "a{", "a legal label name"],
  ["a quote that stays open", 'a{x="} 1', "a closing quote"],
  ["a backslash before the end", 'a{x="\\', ESCAPES],
  ["a tab escaped", 'a{x="\\t"} 1', ESCAPES],
  ["a code point escaped", 'a{x="\\u0041"} 1', ESCAPES],
  ["a carriage return escaped", 'a{x="\\r"} 1', ESCAPES],
  ["an apostrophe escaped", 'a{x="\\\'"} 1', ESCAPES],
  ["the name as a label", 'a{__name__="a"} 1', RESERVED],
  ["a reserved name", "__a 1", RESERVED],
  ["a reserved family", "# TYPE __a gauge", RESERVED],
  ["an illegal family", "# TYPE a-b gauge", "a legal family name"],
  [
    "a type that is missing",
    "# TYPE a",
    "a space and a text after the name",
  ],
  ["a type in capitals", "# TYPE a Gauge", "a type of this format"],
  ["a blank after the type", "# TYPE a gauge ", "a type of this format"],
  ["a tab escaped in help", "# HELP a \\t", ESCAPES],
  ["a backslash at the end of help", "# HELP a \\", ESCAPES],
  ["half a surrogate pair", 'a{x="\ud83d"} 1', "valid UTF-8"],
  [
    "a carriage return at its end",
    "a 1\r",
    "a line feed without a carriage return",
  ],
];

for (const [what, line, rule] of BAD_LINES) {
  test(`parseExposition() refuses a line with ${what}`, () => {
    assertRefused([what, text(line), 1, rule], TEXT);
    assertRefused([what, open(line), 1, rule], OPEN);
  });
}

const METADATA = "metadata with single spaces";
const TOO_LATE = "9223372036854775808";
const BAD_TEXT: readonly BadBody[] = [
  ["an exemplar", 'a 1 # {x="y"} 1\n', 1, "no exemplars in this format"],
  ["a fractional timestamp", "a 1 1.5\n", 1, ENDS],
  ["a negative timestamp", "a 1 -5\n", 1, "a timestamp"],
  [
    "a timestamp of more than 64 bits",
    `a 1 ${TOO_LATE}\n`,
    1,
    "a timestamp that fits 64 bits",
  ],
  ["infinity spelt out", "a Infinity\n", 1, "a number"],
  ["infinity without a sign", "a Inf\n", 1, "a number"],
  ["NaN in lower case", "a nan\n", 1, "a number"],
  ["an escaped quote in help", '# HELP a \\"\n', 1, ESCAPES],
  ["metadata without a space after the hash", "#TYPE a gauge\n", 1, METADATA],
  ["metadata with two spaces after the hash", "#  HELP a A.\n", 1, METADATA],
  ["metadata with a tab after the hash", "#\tTYPE a gauge\n", 1, METADATA],
  [
    "metadata with two spaces before the name",
    "# TYPE  a gauge\n",
    1,
    METADATA,
  ],
  ["metadata without a name", "# HELP\n", 1, METADATA],
];

for (const bad of BAD_TEXT) {
  test(`parseExposition() refuses text with ${bad[0]}`, () =>
    assertRefused(bad, TEXT));
}

const COMMENTS = "no comments except TYPE, UNIT, HELP and EOF";
const LONG = "x".repeat(128);
const BAD_OPEN: readonly (readonly [string, string, string])[] = [
  ["a comment", "# hello", COMMENTS],
  ["a lone hash", "#", COMMENTS],
  ["metadata with two spaces before the name", "# TYPE  a gauge", COMMENTS],
  ["a keyword in lower case", "# type a gauge", COMMENTS],
  ["a space after EOF", "# EOF ", COMMENTS],
  ["a bare quote in help", '# HELP a "x"', 'quotes in HELP written as \\"'],
  [
    "help without a space after the name",
    "# HELP a",
    "a space and a text after the name",
  ],
  [
    "a unit without a space after the name",
    "# UNIT a",
    "a space and a text after the name",
  ],
  ["a name with a leading underscore", "_a 1", RESERVED],
  ["a label with a leading underscore", 'a{_x="1"} 1', RESERVED],
  ["a family with a leading underscore", "# TYPE _a gauge", RESERVED],
  ["a timestamp with an exponent", "a 1 1e9", ENDS],
  [
    "a timestamp that overflows",
    `a 1 ${"9".repeat(400)}`,
    "a timestamp that does not overflow",
  ],
  [
    "an exemplar without labels",
    "a 1 # 1",
    "braces around the labels of an exemplar",
  ],
  ["an exemplar without a value", "a 1 # {}", '" " here'],
  ["no space before the hash of an exemplar", "a 1# {} 1", ENDS],
  ["no space after the hash of an exemplar", "a 1 #{} 1", ENDS],
  [
    "a repeated label of an exemplar",
    'a 1 # {x="",x=""} 1',
    "each label name once",
  ],
  ["a reserved label in an exemplar", 'a 1 # {__x=""} 1', RESERVED],
  ["two exemplars", "a 1 # {} 1 # {} 1", "a timestamp"],
];

for (const [what, line, rule] of BAD_OPEN) {
  test(`parseExposition() refuses OpenMetrics with ${what}`, () => {
    assertRefused([what, open(line), 1, rule], OPEN);
  });
}

test("parseExposition() limits exemplars to 128 code points, whatever their bytes", () => {
  const total = (labels: string) =>
    refusal(open("# TYPE a counter", `a_total 1 # ${labels} 1`), OPEN)?.rule;
  const tooLong = "at most 128 code points in an exemplar";
  assert.equal(total(`{x="${LONG.slice(1)}"}`), undefined);
  assert.equal(total(`{x="${"🚀".repeat(127)}"}`), undefined);
  assert.equal(total(`{x="${'\\"'.repeat(127)}"}`), undefined);
  assert.equal(total(`{x="${LONG}"}`), tooLong);
  assert.equal(total(`{x="${"🚀".repeat(128)}"}`), tooLong);
  assert.equal(total(`{x="${"y".repeat(64)}",z="${"y".repeat(63)}"}`), tooLong);
});
