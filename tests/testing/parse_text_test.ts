import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpositionError, parseExposition } from "../../src/testing/mod.ts";

const TEXT = "text-0.0.4";
const OPEN = "openmetrics-1.0.0";

/** An OpenMetrics body of these lines. */
function open(...lines: readonly string[]): string {
  return [...lines, "# EOF", ""].join("\n");
}

function text(...lines: readonly string[]): string {
  return [...lines, ""].join("\n");
}

function refused(
  body: string | Uint8Array,
  dialect: typeof TEXT | typeof OPEN,
) {
  try {
    parseExposition(body, dialect);
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    return error.rule;
  }
  return undefined;
}

test("a good text is read, whatever is in its labels", () => {
  const families = parseExposition(
    text(
      '# HELP a Help with \\\\ and\\nmore "quotes".',
      "# TYPE a counter",
      'a{x="\\\\ \\n \\" é 🚀 } , =",y=""} 1.5e3',
      "b 1 1700000000000",
      "# an ordinary comment",
      "c +Inf",
    ),
    TEXT,
  );
  assert.equal(families.length, 3);
  const [a, b, c] = families;
  assert.equal(a!.help, 'Help with \\ and\nmore "quotes".');
  assert.equal(a!.samples[0]!.labels.get("x"), '\\ \n " é 🚀 } , =');
  assert.equal(a!.samples[0]!.value, 1500);
  assert.equal(b!.type, "untyped");
  assert.equal(b!.samples[0]!.timestamp, 1_700_000_000);
  assert.equal(c!.samples[0]!.value, Infinity);
});

test("a good OpenMetrics body is read, exemplars and all", () => {
  const [a] = parseExposition(
    open(
      "# TYPE a_seconds counter",
      "# UNIT a_seconds seconds",
      "# HELP a_seconds Help.",
      'a_seconds_total 3 1700000000.5 # {trace_id="x"} 2 1700000000.25',
    ),
    OPEN,
  );
  assert.equal(a!.unit, "seconds");
  const [sample] = a!.samples;
  assert.equal(sample!.timestamp, 1_700_000_000.5);
  assert.equal(sample!.exemplar?.labels.get("trace_id"), "x");
  assert.equal(sample!.exemplar?.timestamp, 1_700_000_000.25);
});

test("an error names the line, and what should stand there", () => {
  const body = text("a 1", "b x");
  assert.throws(() => parseExposition(body, TEXT), {
    name: "ExpositionError",
    line: 2,
    message: 'Cannot read line 2 ("b x"): wants a number',
  });
});

const BAD_TEXT: readonly (readonly [string, string, RegExp])[] = [
  ["no line feed at the end", "a 1", /line feed at the end/],
  ["a byte order mark", "\ufeffa 1\n", /byte order mark/],
  ["carriage returns", "a 1\r\n", /nothing more on the line/],
  ["two blanks", "a  1\n", /single blanks/],
  ["a trailing blank", "a 1 \n", /timestamp/],
  ["a name that begins with a digit", "1a 1\n", /legal metric name/],
  ["a dotted name", "a.b 1\n", /" " here/],
  ["a hexadecimal number", "a 0x10\n", /nothing more|timestamp/],
  ["a number with underscores", "a 1_0\n", /nothing more/],
  ["an overflowing number", "a 1e400\n", /overflow/],
  ["infinity spelt out", "a Infinity\n", /a number/],
  ["an exemplar", 'a 1 # {x="y"} 1\n', /no exemplars/],
  ["a fractional timestamp", "a 1 1.5\n", /nothing more/],
  ["a negative timestamp", "a 1 -5\n", /timestamp/],
  ["a label twice", 'a{x="1",x="2"} 1\n', /label name twice/],
  ["a reserved label", 'a{__name__="x"} 1\n', /reserved label/],
  ["an unknown escape", 'a{x="\\t"} 1\n', /escapes/],
  ["an open quote", 'a{x="} 1\n', /closing quote/],
  ["a trailing comma", 'a{x="1",} 1\n', /legal label name/],
  ["a series twice", "# TYPE a gauge\na 1\na 2\n", /series twice/],
  [
    "a series twice by an empty label",
    '# TYPE a gauge\na 1\na{x=""} 2\n',
    /twice/,
  ],
  ["a family twice", "a 1\nb 1\na 2\n", /each family once/],
  ["a type of another format", "# TYPE a info\na 1\n", /type of this format/],
  ["a type twice", "# TYPE a gauge\n# TYPE a gauge\na 1\n", /one TYPE/],
  ["a type after samples", "a 1\n# TYPE a gauge\n", /metadata before/],
  [
    "metadata of a family that has none",
    "# TYPE a gauge\nb 1\n",
    /sample of family "a"/,
  ],
  ["a counter below zero", "# TYPE a counter\na -1\n", /from 0 on/],
  ["a counter that is NaN", "# TYPE a counter\na NaN\n", /from 0 on/],
];

for (const [what, body, rule] of BAD_TEXT) {
  test(`text with ${what} is refused`, () => {
    assert.match(refused(body, TEXT) ?? "accepted", rule);
  });
}

/** A histogram of one bucket at 1.0, with some lines replaced. */
function histogram(
  buckets: readonly string[] = [
    'h_bucket{le="1.0"} 1',
    'h_bucket{le="+Inf"} 2',
  ],
  rest: readonly string[] = ["h_count 2", "h_sum 3"],
): string {
  return open("# TYPE h histogram", ...buckets, ...rest);
}

test("the histogram that the bad ones are made of is good", () => {
  assert.equal(refused(histogram(), OPEN), undefined);
});

const long = "x".repeat(129);
const BAD_OPEN: readonly (readonly [string, string, RegExp])[] = [
  ["no EOF", "a 1\n", /# EOF as the last line/],
  ["text after EOF", "# EOF\na 1\n", /nothing after/],
  ["a blank line", "\n# EOF\n", /blank lines/],
  ["a comment", open("# hello"), /no comments/],
  ["the type untyped", open("# TYPE a untyped", "a 1"), /type of this format/],
  ["a bare quote in HELP", open('# HELP a "x"', "a 1"), /quote in HELP/],
  ["help without its blank", open("# HELP a", "a 1"), /blank and a text/],
  [
    "a counter without _total",
    open("# TYPE a counter", "a 1"),
    /sample of family/,
  ],
  [
    "_total in the metadata",
    open("# TYPE a_total counter", "a_total_total 1"),
    /no _total/,
  ],
  [
    "_info in the metadata",
    open("# TYPE a_info info", "a_info_info 1"),
    /no _info/,
  ],
  [
    "a unit that is not the name's",
    open("# TYPE a gauge", "# UNIT a bytes", "a 1"),
    /ends in the unit/,
  ],
  ["an info of 2", open("# TYPE a info", "a_info 2"), /value 1/],
  ["a state of 2", open("# TYPE a stateset", 'a{a="x"} 2'), /value 0 or 1/],
  [
    "a stateset without its label",
    open("# TYPE a stateset", 'a{b="x"} 1'),
    /called as the stateset/,
  ],
  [
    "an exemplar on a gauge",
    open("# TYPE a gauge", 'a 1 # {x="y"} 1'),
    /exemplars on/,
  ],
  [
    "an exemplar that is too long",
    open("# TYPE a counter", `a_total 1 # {x="${long}"} 1`),
    /128/,
  ],
  [
    "an exemplar without braces",
    open("# TYPE a counter", "a_total 1 # 1"),
    /braces/,
  ],
  [
    "an exemplar outside of its bucket",
    histogram(['h_bucket{le="1.0"} 1 # {} 2', 'h_bucket{le="+Inf"} 2']),
    /within its bucket/,
  ],
  ["no +Inf bucket", histogram(['h_bucket{le="1.0"} 2']), /\+Inf/],
  [
    "buckets that fall",
    histogram(['h_bucket{le="1.0"} 3', 'h_bucket{le="+Inf"} 2']),
    /never fall/,
  ],
  [
    "bounds that do not rise",
    histogram([
      'h_bucket{le="1.0"} 1',
      'h_bucket{le="0.5"} 1',
      'h_bucket{le="+Inf"} 2',
    ]),
    /le that rises/,
  ],
  [
    "le spelt as 1",
    histogram(['h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2']),
    /canonical/,
  ],
  [
    "le spelt as 1e6",
    histogram(['h_bucket{le="1e6"} 1', 'h_bucket{le="+Inf"} 2']),
    /canonical/,
  ],
  [
    "le on a count",
    histogram(undefined, ['h_count{le="1.0"} 2', "h_sum 3"]),
    /le on buckets/,
  ],
  [
    "a count that is not the +Inf bucket",
    histogram(undefined, ["h_count 3", "h_sum 3"]),
    /equals the \+Inf/,
  ],
  [
    "a count without a sum",
    histogram(undefined, ["h_count 2"]),
    /exactly where/,
  ],
  [
    "a fractional count",
    histogram(['h_bucket{le="+Inf"} 2.5'], ["h_count 2.5", "h_sum 3"]),
    /whole counts/,
  ],
  [
    "a sum of NaN",
    histogram(undefined, ["h_count 2", "h_sum NaN"]),
    /sums from 0/,
  ],
  [
    "a sum beside a bound below zero",
    histogram(['h_bucket{le="-1.0"} 1', 'h_bucket{le="+Inf"} 2']),
    /no sum/,
  ],
  [
    "_created before the samples",
    open("# TYPE a counter", "a_created 1", "a_total 1"),
    /_created after/,
  ],
  [
    "label sets that are mixed",
    open(
      "# TYPE a counter",
      'a_total{x="1"} 1',
      'a_total{x="2"} 1',
      'a_created{x="1"} 1',
    ),
    /together/,
  ],
  [
    "a quantile of 2",
    open("# TYPE s summary", 's{quantile="2.0"} 1'),
    /quantiles from 0 to 1/,
  ],
  [
    "a quantile below zero",
    open("# TYPE s summary", 's{quantile="0.5"} -1'),
    /quantiles from 0 on/,
  ],
  [
    "a summary's sample without quantile",
    open("# TYPE s summary", "s 1"),
    /quantile on/,
  ],
  [
    "two families of one sample name",
    open(
      "# TYPE a histogram",
      'a_bucket{le="+Inf"} 0',
      "# TYPE a_count gauge",
      "a_count 1",
    ),
    /two families/,
  ],
  [
    "timestamps on some samples only",
    histogram(['h_bucket{le="1.0"} 1 5', 'h_bucket{le="+Inf"} 2']),
    /on all samples/,
  ],
];

for (const [what, body, rule] of BAD_OPEN) {
  test(`OpenMetrics with ${what} is refused`, () => {
    assert.match(refused(body, OPEN) ?? "accepted", rule);
  });
}

test("bytes that are no UTF-8 are refused", () => {
  assert.equal(refused(Uint8Array.of(0x61, 0xff, 0x0a), TEXT), "valid UTF-8");
});

test("a long body is read in linear time", () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `a{x="${i}"} ${i}`);
  const [family] = parseExposition(text("# TYPE a gauge", ...lines), TEXT);
  assert.equal(family!.samples.length, 20_000);
});
