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

/** One line, refused in both dialects. */
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
  ["a blank before the name", " a 1", "a legal metric name"],
  ["a blank before the labels", 'a {x="1"} 1', "a number"],
  ["no blank after the labels", 'a{x="1"}1', '" " here'],
  ["a tab as a blank", "a\t1", '" " here'],
  ["two blanks before the value", "a  1", "single spaces"],
  ["two blanks before the timestamp", "a 1  5", "single spaces"],
  ["a blank at the end", "a 1 ", "a timestamp"],
  ["no value", "a", '" " here'],
  ["a value that is a word", "a x", "a number"],
  ["a comma in a number", "a 1,5", ENDS],
  ["a hexadecimal number", "a 0x10", ENDS],
  ["underscores in a number", "a 1_0", ENDS],
  ["an exponent without digits", "a 1e", ENDS],
  ["a point alone", "a .", "a number"],
  ["two signs", "a --1", "a number"],
  ["a number that overflows", "a 1e400", "a number that does not overflow"],
  ["a negative one that does", "a -1e309", "a number that does not overflow"],
  ["a timestamp that is a word", "a 1 now", "a timestamp"],
  ["a timestamp of NaN", "a 1 NaN", "a timestamp"],
  ["two timestamps", "a 1 5 6", ENDS],
  ["a label twice", 'a{x="1",x="2"} 1', "each label name once"],
  ["a label with a colon", 'a{x:y="1"} 1', '"=\\"" here'],
  [
    "a label that begins with a digit",
    'a{1x="1"} 1',
    "a legal label name",
  ],
  ["a label without quotes", "a{x=1} 1", '"=\\"" here'],
  ["a label without a value", "a{x} 1", '"=\\"" here'],
  ["a blank after a comma", 'a{x="1", y="2"} 1', "a legal label name"],
  ["two commas", 'a{x="1",,y="2"} 1', "a legal label name"],
  ["a comma at the front", 'a{,x="1"} 1', "a legal label name"],
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
const SOON_TOO_LATE = "9223372036854775808";
const BAD_TEXT: readonly BadBody[] = [
  ["an exemplar", 'a 1 # {x="y"} 1\n', 1, "no exemplars in this format"],
  ["a fractional timestamp", "a 1 1.5\n", 1, ENDS],
  ["a negative timestamp", "a 1 -5\n", 1, "a timestamp"],
  [
    "a timestamp of more than 64 bits",
    `a 1 ${SOON_TOO_LATE}\n`,
    1,
    "a timestamp that fits 64 bits",
  ],
  ["infinity spelt out", "a Infinity\n", 1, "a number"],
  ["infinity without a sign", "a Inf\n", 1, "a number"],
  ["NaN in small letters", "a nan\n", 1, "a number"],
  ["a quote escaped in help", '# HELP a \\"\n', 1, ESCAPES],
  ["metadata close to the hash", "#TYPE a gauge\n", 1, METADATA],
  ["metadata far from the hash", "#  HELP a A.\n", 1, METADATA],
  ["metadata after a tab", "#\tTYPE a gauge\n", 1, METADATA],
  ["metadata of wide blanks", "# TYPE  a gauge\n", 1, METADATA],
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
  ["a hash alone", "#", COMMENTS],
  ["metadata of wide blanks", "# TYPE  a gauge", COMMENTS],
  ["a keyword in small letters", "# type a gauge", COMMENTS],
  ["another EOF", "# EOF ", COMMENTS],
  ["a bare quote in help", '# HELP a "x"', 'quotes in HELP written as \\"'],
  [
    "help without its blank",
    "# HELP a",
    "a space and a text after the name",
  ],
  [
    "a unit without its blank",
    "# UNIT a",
    "a space and a text after the name",
  ],
  ["a name with an underscore in front", "_a 1", RESERVED],
  ["a label with an underscore in front", 'a{_x="1"} 1', RESERVED],
  ["a family with an underscore in front", "# TYPE _a gauge", RESERVED],
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
  ["an exemplar close to the value", "a 1# {} 1", ENDS],
  ["an exemplar close to the hash", "a 1 #{} 1", ENDS],
  [
    "a label of an exemplar twice",
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
