import assert from "node:assert/strict";
import { test } from "node:test";
import { parseOpenMetrics2 } from "../../src/testing/mod.ts";
import { open } from "./fixtures.ts";
import { refusal } from "./openmetrics2_fixtures.ts";

const COUNTER = "# TYPE a_total counter";
const INFO = "# TYPE a_info info";
const HISTOGRAM = "# TYPE h histogram";
const SUMMARY = "# TYPE s summary";

test("parseOpenMetrics2() reads every element of the format", () => {
  const [info, counter, summary, both, gauges, unknown] = parseOpenMetrics2(
    open(
      "# TYPE target_info info",
      '# HELP target_info The \\"target\\".',
      'target_info{os="linux"} 1',
      "# TYPE c_seconds_total counter",
      "# UNIT c_seconds_total seconds",
      'c_seconds_total{a="b"} 3 1700000000 st@1.5 # {id="1"} 2 3 # {} 1 2.5',
      SUMMARY,
      "s {count:17,sum:3.5,quantile:[0.5:1.2,0.99:NaN]} st@1700000000",
      's{a="b"} {count:0,sum:0,quantile:[]}',
      HISTOGRAM,
      "h {count:9,sum:NaN,schema:3,zero_threshold:1e-4,zero_count:1," +
        "negative_spans:[-3:1],negative_buckets:[2]," +
        "positive_spans:[-1:3,2:1],positive_buckets:[1,0,2,1]," +
        'bucket:[0.1:8,1e+06:8,+Inf:9]} st@1 # {id="1"} 0.1 2',
      "# TYPE g gaugehistogram",
      "g {gcount:-1.5,gsum:2,bucket:[1.0:4,+Inf:-1.5]}",
      'u{a="b"} -4e-7',
    ),
  );
  assert.equal(info!.help, 'The "target".');
  assert.equal(counter!.unit, "seconds");
  const [sample] = counter!.samples;
  assert.deepEqual(sample!.value, { kind: "number", value: 3 });
  assert.equal(sample!.timestamp, 1_700_000_000);
  assert.equal(sample!.start, 1.5);
  assert.deepEqual(
    sample!.exemplars.map((
      { labels, value, timestamp },
    ) => [[...labels], value, timestamp]),
    [[[["id", "1"]], 2, 3], [[], 1, 2.5]],
  );
  assert.deepEqual(summary!.samples[0]!.value, {
    kind: "summary",
    count: 17,
    sum: 3.5,
    quantiles: [[0.5, 1.2], [0.99, NaN]],
  });
  assert.deepEqual(both!.samples[0]!.value, {
    kind: "histogram",
    gauge: false,
    count: 9,
    sum: NaN,
    buckets: [[0.1, 8], [1e6, 8], [Infinity, 9]],
    native: {
      schema: 3,
      zeroThreshold: 1e-4,
      zeroCount: 1,
      negative: new Map([[-3, 2]]),
      positive: new Map([[-1, 1], [1, 2], [4, 1]]),
    },
  });
  assert.equal(gauges!.type, "gaugehistogram");
  assert.equal(unknown!.type, "unknown");
});

const ONCE = "each family once, with its samples together";
const ORDER = "metadata in the order TYPE, UNIT, HELP";
const UNIT = "a name that ends in the unit";
const NO_UNIT = "no unit on an info or stateset";
const TYPES = "a type of this format";
const COMMENTS = "no comments except TYPE, UNIT, HELP and EOF";
const ENDS = "the end of the line";
const HELP_ESCAPES = 'only the escapes \\\\, \\n and \\"';

type Lines = readonly string[];

/** A rule, lines of which the last breaks it, and similar legal lines. */
const RULES: readonly (readonly [rule: string, bad: Lines, good: Lines])[] = [
  // Metadata.
  [
    "one TYPE per family",
    ["# TYPE a gauge", "# TYPE a gauge"],
    ["# TYPE a gauge", "# TYPE b gauge"],
  ],
  [
    "one HELP per family",
    ["# HELP a x", "# HELP a x"],
    ["# HELP a x", "# HELP b x"],
  ],
  [
    "one UNIT per family",
    ["# UNIT a_b b", "# UNIT a_b b"],
    ["# UNIT a_b b", "# UNIT b_b b"],
  ],
  [
    ORDER,
    ["# HELP a x", "# TYPE a gauge"],
    ["# TYPE a gauge", "# HELP a x"],
  ],
  [
    ORDER,
    ["# HELP a_b x", "# UNIT a_b b"],
    ["# UNIT a_b b", "# HELP a_b x"],
  ],
  [
    ORDER,
    ["# UNIT a_b b", "# TYPE a_b gauge"],
    ["# TYPE a_b gauge", "# UNIT a_b b", "# HELP a_b x"],
  ],
  ["metadata before the samples", ["a 1", "# HELP a x"], ["# HELP a x", "a 1"]],
  [ONCE, ["a 1", "b 1", "a 2"], ["a 1", "b 1", "c 2"]],
  [ONCE, ["a 1", "b 1", "# TYPE a gauge"], ["a 1", "b 1", "# TYPE c gauge"]],
  [
    ONCE,
    ["# TYPE a gauge", "# TYPE b gauge", "a 1"],
    ["# TYPE b gauge", "# TYPE a gauge", "a 1"],
  ],
  [
    "target_info before all other families",
    ["a 1", "# TYPE target_info info"],
    ["# TYPE target_info info", "a 1"],
  ],
  [
    "target_info before all other families",
    ["a 1", "target_info 1"],
    ["target_info 1", "a 1"],
  ],
  [TYPES, ["# TYPE a Gauge"], ["# TYPE a gauge"]],
  [TYPES, ["# TYPE a untyped"], ["# TYPE a unknown"]],
  [TYPES, ["# TYPE a constructor"], ["# TYPE a summary"]],
  [TYPES, ["# TYPE a gauge "], ["# TYPE a gauge"]],
  ["a name that ends in _total", ["# TYPE a counter"], [COUNTER]],
  ["a name that ends in _info", ["# TYPE a info"], [INFO]],
  [NO_UNIT, ["# TYPE x_info info", "# UNIT x_info x"], ["# TYPE x_info info"]],
  [
    NO_UNIT,
    ["# TYPE a_x stateset", "# UNIT a_x x"],
    ["# TYPE a_x gauge", "# UNIT a_x x"],
  ],
  [UNIT, ["# UNIT a seconds"], ["# UNIT a_seconds seconds"]],
  [UNIT, ["# UNIT a_kiloseconds seconds"], ["# UNIT a_seconds seconds"]],
  [
    UNIT,
    [COUNTER, "# UNIT a_total total"],
    ["# TYPE a_total_total counter", "# UNIT a_total_total total"],
  ],
  [
    UNIT,
    [COUNTER, "# UNIT a_total seconds"],
    ["# TYPE a_seconds_total counter", "# UNIT a_seconds_total seconds"],
  ],
  ["no UNIT line for an empty unit", ["# UNIT a_ "], ["# UNIT a_b b"]],
  [COMMENTS, ["# comment"], ["# HELP comment "]],
  [COMMENTS, ["#"], []],
  [COMMENTS, ["#TYPE a gauge"], ["# TYPE a gauge"]],
  [COMMENTS, ["# TYPE  a gauge"], ["# TYPE a gauge"]],
  ["a space and a text after the name", ["# HELP a"], ["# HELP a "]],
  ['quotes in HELP written as \\"', ['# HELP a "'], ['# HELP a \\"']],
  [HELP_ESCAPES, ["# HELP a \\t"], ["# HELP a \\n\\\\"]],

  // Lines.
  ["no blank lines", ["a 1", ""], ["a 1"]],
  ["single spaces", ["a  1"], ["a 1"]],
  ["single spaces", ["a 1  1"], ["a 1 1"]],
  ["a timestamp", ["a 1 "], ["a 1 -1.5"]],
  ["a timestamp", ["a 1 NaN"], ["a NaN 1"]],
  [ENDS, ["a 1 1e9"], ["a 1e9 1"]],
  [ENDS, ["a 1 2 3"], ["a 1 2"]],
  ["a line feed without a carriage return", ["a 1\r"], ['a{b="\r"} 1']],
  ["valid UTF-8", ['a{b="\ud83d"} 1'], ['a{b="\ud83d\ude80"} 1']],
  ["each series once: []", ["a 1", "a 1"], ["a 1", 'a{b="c"} 1']],
  [
    'each series once: [["b","c"]]',
    ['a{b="c"} 1', 'a{b="c",d=""} 1'],
    ['a{b="c"} 1', 'a{b="c",d="e"} 1'],
  ],
  [
    'each series once: [["b","c"],["d","e"]]',
    ['a{b="c",d="e"} 1', 'a{d="e",b="c"} 1'],
    ['a{b="c",d="e"} 1', 'a{d="c",b="e"} 1'],
  ],
];

for (const [rule, bad, good] of RULES) {
  test(`parseOpenMetrics2() expects ${rule}: ${bad.at(-1)}`, () => {
    const error = refusal(open(...bad));
    assert.deepEqual([error?.line, error?.rule], [bad.length, rule]);
    assert.equal(refusal(open(...good)), undefined, good.join("\n"));
  });
}

test("parseOpenMetrics2() requires the name of the family on its samples, quoted or not", () => {
  const families = parseOpenMetrics2(
    open(
      "# TYPE a_total counter",
      "a 1", // another family: the name has no suffix
      '# TYPE "a.b_total" counter',
      '# HELP "a.b_total" A \\"name\\".',
      '{"a.b_total","c.d"="e"} 1 st@2',
      '# TYPE "f.g" stateset',
      '{"f.g","f.g"="on"} 1',
    ),
  );
  assert.deepEqual(
    families.map(({ name, type, help, samples }) => [
      name,
      type,
      help,
      samples.map(({ labels }) => [...labels]),
    ]),
    [
      ["a_total", "counter", "", []],
      ["a", "unknown", "", [[]]],
      ["a.b_total", "counter", 'A "name".', [[["c.d", "e"]]]],
      ["f.g", "stateset", "", [[["f.g", "on"]]]],
    ],
  );
});

test("parseOpenMetrics2() expects # EOF once, at the end", () => {
  const faults: readonly (readonly [string, number, string])[] = [
    ["", 1, "# EOF as the last line"],
    ["a 1\n", 2, "# EOF as the last line"],
    ["# EOF\na 1\n", 2, "nothing after # EOF"],
    ["# EOF\n# EOF\n", 2, "nothing after # EOF"],
    ["# EOF\n\n", 2, "nothing after # EOF"],
    ["# EOF", 1, "a line feed at the end"],
    ["# EOF\r\n", 1, "a line feed without a carriage return"],
    ["\ufeff# EOF\n", 1, "no byte order mark"],
  ];
  for (const [body, line, rule] of faults) {
    const error = refusal(body);
    assert.deepEqual([error?.line, error?.rule], [line, rule], body);
  }
  assert.deepEqual(parseOpenMetrics2("# EOF\n"), []);
});
