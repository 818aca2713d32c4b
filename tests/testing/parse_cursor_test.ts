import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Dialect,
  parseExposition,
  parseOpenMetrics2,
  type ReadOptions,
} from "../../src/testing/mod.ts";
import { OPEN, open, refusal, TEXT, text } from "./fixtures.ts";

const DIALECTS: readonly Dialect[] = [TEXT, "text-1.0.0", OPEN];

/** Returns a body of `dialect`, with its end. */
function bodyOf(dialect: Dialect, ...lines: readonly string[]): string {
  return dialect === OPEN ? open(...lines) : text(...lines);
}

test("parseExposition() reads every legal form of numbers", () => {
  const values = (dialect: typeof TEXT, ...texts: readonly string[]) => {
    const lines = texts.map((text, i) => `a${i} ${text}`);
    const body = dialect === OPEN ? open(...lines) : text(...lines);
    return parseExposition(body, dialect)
      .map(({ samples }) => samples[0]!.value);
  };
  const plain = ["0", "-0", "007", "1.", ".5", "+1.5e3", "2E-3", "5e-324"];
  const expected = [0, -0, 7, 1, 0.5, 1500, 0.002, 5e-324];
  assert.deepEqual(values(TEXT, ...plain), expected);
  assert.deepEqual(values(OPEN, ...plain), expected);
  const special = ["NaN", "+Inf", "-Inf"];
  assert.deepEqual(values(TEXT, ...special), [NaN, Infinity, -Infinity]);
  assert.deepEqual(
    values(OPEN, ...special, "nan", "inf", "-INFINITY", "Infinity"),
    [NaN, Infinity, -Infinity, NaN, Infinity, -Infinity, Infinity],
  );
  assert.deepEqual(values(TEXT, "9007199254740993"), [2 ** 53]);
});

test("parseExposition() returns timestamps in seconds from both formats", () => {
  const seconds = (body: string, dialect: typeof TEXT) =>
    parseExposition(body, dialect)[0]!.samples[0]!.timestamp;
  assert.equal(seconds(text("a 1 1700000000125"), TEXT), 1_700_000_000.125);
  assert.equal(seconds(open("a 1 1700000000.125"), OPEN), 1_700_000_000.125);
  assert.equal(seconds(open("a 1 -0.5"), OPEN), -0.5);
  assert.equal(seconds(text("a 1"), TEXT), undefined);
});

test("parseExposition() reads quoted names in every format", () => {
  const lines = [
    '# TYPE "a.b \\"c\\"" gauge',
    '{"a.b \\"c\\"","d.e"="f",g="h"} 1',
    '{"a.b \\"c\\""} 2',
    'i{"d\\\\e"="f"} 3',
    '{"j\\nk","{}, # "="l"} 4',
  ];
  for (const dialect of DIALECTS) {
    const families = parseExposition(bodyOf(dialect, ...lines), dialect);
    const [family, other, broken] = families;
    assert.equal(family!.name, 'a.b "c"');
    assert.equal(family!.type, "gauge");
    const [first, second] = family!.samples;
    assert.deepEqual([...first!.labels], [["d.e", "f"], ["g", "h"]]);
    assert.equal(second!.labels.size, 0);
    assert.deepEqual([...other!.samples[0]!.labels], [["d\\e", "f"]]);
    assert.equal(broken!.name, "j\nk");
    assert.deepEqual([...broken!.samples[0]!.labels], [["{}, # ", "l"]]);
  }
});

test("parseExposition() reads suffixes inside quotes", () => {
  const [family] = parseExposition(
    open(
      '# TYPE "a.b" histogram',
      '# HELP "a.b" A\\nB.',
      '{"a.b_bucket",le="1.0"} 3 # {"trace.id"="x"} 0.5',
      '{"a.b_bucket",le="+Inf"} 3',
      '{"a.b_count"} 3',
      '{"a.b_sum"} 1',
    ),
    OPEN,
  );
  assert.equal(family!.help, "A\nB.");
  const [bucket] = family!.samples;
  assert.equal(bucket!.name, "a.b_bucket");
  assert.deepEqual([...bucket!.exemplar!.labels], [["trace.id", "x"]]);
});

/** Quoted names: a rule, a line that breaks it, and a similar legal line. */
const QUOTED: readonly (readonly [rule: string, bad: string, good: string])[] =
  [
    [
      "no quotes around a classic name",
      '{"a_b"} 1',
      '{"a.b"} 1',
    ],
    ["no quotes around a classic name", 'a{"b"="c"} 1', 'a{b="c"} 1'],
    [
      "no quotes around a classic name",
      '# TYPE "a:b" gauge',
      "# TYPE a:b gauge",
    ],
    // A colon is classic in metric names only.
    ["no quotes around a classic name", '{"a:b"} 1', "a:b 1"],
    ['"=\\"" here', 'a{b:c="d"} 1', 'a{"b:c"="d"} 1'],
    ['" " here', "a.b 1", '{"a.b"} 1'],
    ["a quoted name within braces", '"a.b" 1', '{"a.b"} 1'],
    [
      "a quoted name within braces",
      '"a.b"{c="d"} 1',
      '{"a.b",c="d"} 1',
    ],
    ["a legal family name", "# TYPE a.b gauge", '# TYPE "a.b" gauge'],
    ["a legal family name", '# TYPE "a.b"c gauge', '# TYPE "a.bc" gauge'],
    ["a legal metric name", '{""} 1', '{" "} 1'],
    ["a legal metric name", '# TYPE "" gauge', '# TYPE " " gauge'],
    ["a legal label name", 'a{""="b"} 1', 'a{" "="b"} 1'],
    ["a legal metric name", '{b="c","a.b"} 1', '{"a.b",b="c"} 1'],
    ["a legal metric name", "{} 1", "a{} 1"],
    ['"=\\"" here', '{"a.b","c.d"} 1', '{"a.b","c.d"="e"} 1'],
    ['"," here', '{"a.b"c="d"} 1', '{"a.b",c="d"} 1'],
    ["a legal label name", '{"a.b",} 1', '{"a.b"} 1'],
    ["a legal label name", '{"a.b", c="d"} 1', '{"a.b",c="d"} 1'],
    ['" " here', '{"a.b"}{c="d"} 1', '{"a.b",c="d"} 1'],
    ["a closing quote", '{"a.b} 1', '{"a.b"} 1'],
    ["a closing quote", '# TYPE "a.b gauge', '# TYPE "a.b" gauge'],
    ['only the escapes \\\\, \\n and \\"', '{"a\\t"} 1', '{"a\\n"} 1'],
    ['only the escapes \\\\, \\n and \\"', '{"a\\', '{"a\\\\"} 1'],
    [
      "each label name once",
      '{"a.b","c.d"="e","c.d"="f"} 1',
      '{"a.b","c.d"="e","c.e"="f"} 1',
    ],
  ];

for (const [rule, bad, good] of QUOTED) {
  test(`parseExposition() expects ${rule} in every format: ${bad}`, () => {
    for (const dialect of DIALECTS) {
      const error = refusal(bodyOf(dialect, bad), dialect);
      assert.deepEqual([error?.line, error?.rule], [1, rule], dialect);
      const other = refusal(bodyOf(dialect, good), dialect);
      assert.equal(other, undefined, `${dialect}: ${good}`);
    }
  });
}

test("parseExposition() refuses reserved names, with and without quotes", () => {
  const lines = ["__a 1", '{"__a.b"} 1', 'a{__b="c"} 1', 'a{"__b.c"="d"} 1'];
  const open1 = ["_a 1", '{"_a.b"} 1', 'a{_b="c"} 1', '# TYPE "_a.b" gauge'];
  for (const dialect of DIALECTS) {
    for (const line of dialect === OPEN ? [...lines, ...open1] : lines) {
      const error = refusal(bodyOf(dialect, line), dialect);
      assert.match(String(error?.rule), /no reserved names/, line);
    }
  }
});

test("parseExposition({ escaped: true }) reads names that begin with underscores", () => {
  const lines = ["_mission 1", 'U__a_2e_b{__c="d"} 2', "# TYPE __e gauge"];
  for (const line of lines) {
    for (const dialect of DIALECTS) {
      const body = bodyOf(dialect, line);
      const read = parseExposition(body, dialect, { escaped: true });
      assert.equal(read.length, 1);
    }
    assert.equal(parseOpenMetrics2(open(line), { escaped: true }).length, 1);
  }
  // Not escaped by default.
  assert.throws(() => parseExposition(open(lines[0]!), OPEN), /no reserved/);
  assert.throws(
    () => parseExposition(open(lines[0]!), OPEN, { escaped: false }),
    /no reserved/,
  );
  assert.throws(() => parseOpenMetrics2(open(lines[0]!)), /no reserved/);
});

test("parseExposition({ escaped: true }) refuses names that no scheme writes", () => {
  const lines = [
    "__name__ 1",
    "# TYPE __name__ gauge",
    'a{__name__="b"} 1',
    '{"__a.b"} 1',
    'a{"__b.c"="d"} 1',
  ];
  for (const line of lines) {
    for (const dialect of DIALECTS) {
      const body = bodyOf(dialect, line);
      assert.throws(
        () => parseExposition(body, dialect, { escaped: true }),
        /no reserved names/,
        line,
      );
    }
    assert.throws(
      () => parseOpenMetrics2(open(line), { escaped: true }),
      /no reserved names/,
      line,
    );
  }
});

const LONG = 5_000_000;

test(
  "parseExposition() reads megabyte names without exhausting the stack",
  { timeout: 120_000 },
  () => {
    const dotted = "a.".repeat(LONG / 2);
    const escaped = "\\\\".repeat(LONG / 2);
    for (const dialect of [TEXT, OPEN]) {
      const read = (...lines: readonly string[]) =>
        parseExposition(bodyOf(dialect, ...lines), dialect);
      assert.equal(read(`# HELP "${dotted}" A.`)[0]!.name.length, LONG);
      assert.equal(read(`# HELP "${escaped}" A.`)[0]!.name.length, LONG / 2);
      assert.equal(read(`{"${dotted}"} 1`)[0]!.name.length, LONG);
      const unclosed = refusal(bodyOf(dialect, `# HELP "${dotted}`), dialect);
      assert.equal(unclosed?.rule, "a closing quote");
    }
  },
);

test(
  "parseExposition() reads megabyte numbers in linear time",
  { timeout: 120_000 },
  () => {
    const digits = "1".repeat(LONG);
    const ruleOf = (line: string) => refusal(open(line), OPEN)?.rule;
    assert.equal(ruleOf(`a 1.${digits}`), undefined);
    assert.equal(ruleOf(`a ${digits}`), "a number that does not overflow");
    assert.equal(ruleOf(`a 1 ${digits}`), "a timestamp that does not overflow");
    assert.equal(ruleOf(`a ${digits}x`), "a number that does not overflow");
    assert.equal(ruleOf(`a .${digits}e`), "the end of the line");
  },
);

test("parseExposition() and parseOpenMetrics2() refuse a misspelt option", () => {
  const options = { escape: true } as unknown as ReadOptions;
  const refused = (known: string) => ({
    name: "TypeError",
    message: 'Cannot read an exposition: there is no option "escape"; ' +
      `give any of ${known}`,
  });
  assert.throws(
    () => parseExposition("a 1\n", TEXT, options),
    refused("escaped, lenient"),
  );
  assert.throws(
    () => parseOpenMetrics2("# EOF\n", options),
    refused("escaped"),
  );
});
