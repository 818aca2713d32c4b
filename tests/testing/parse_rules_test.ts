import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertRefused,
  type BadLines,
  COUNTERS,
  histogram,
  OPEN,
  open,
  refusal,
  summary,
  TEXT,
  text,
  TOGETHER,
} from "./fixtures.ts";

const GOOD_IN_BOTH: readonly (readonly [string, readonly string[]])[] = [
  ["a histogram", histogram()],
  [
    "a histogram with one bucket",
    histogram({ buckets: ['{le="+Inf"} 2'] }),
  ],
  [
    "bounds in their canonical spelling",
    histogram({
      buckets: [
        "1e-07",
        "0.0001",
        "0.005",
        "1.0",
        "100000.0",
        "1e+06",
        "1.1e+23",
        "+Inf",
      ].map((le) => `{le="${le}"} 2`),
    }),
  ],
  [
    "a histogram with two label sets",
    histogram({
      buckets: ['{a="1",le="+Inf"} 1'],
      rest: [
        'count{a="1"} 1',
        'sum{a="1"} 1',
        'bucket{le="+Inf",a="2"} 0',
        'count{a="2"} 0',
        'sum{a="2"} 0',
      ],
    }),
  ],
  ["a summary", summary('{quantile="0.5"} 1', "_count 2", "_sum 3")],
  ["a summary without quantiles", summary("_count 2", "_sum 3")],
  [
    "a quantile without observations",
    summary('{quantile="0.0"} NaN', "_count 0"),
  ],
  ["le on a gauge", ["# TYPE a gauge", 'a{le="x"} 1']],
];

for (const [what, lines] of GOOD_IN_BOTH) {
  test(`parseExposition() reads ${what} in both formats`, () => {
    assert.equal(refusal(text(...lines), TEXT), undefined);
    assert.equal(refusal(open(...lines), OPEN), undefined);
  });
}

const CANONICAL_LE = "le in canonical form";
const LE = "the label le on buckets, and nowhere else";
const QUANTILE = "the label quantile on quantiles, and nowhere else";
const COUNTS = "integer counts of 0 or more";
const RISES = "increasing le values";

const spelt = (le: string): readonly string[] =>
  histogram({ buckets: [`{le="${le}"} 1`, '{le="+Inf"} 2'] });

/** Families that are illegal in both formats. */
const BAD_IN_BOTH: readonly BadLines[] = [
  ...["1", "1e6", "01.0", "1.00", "+1.0", "1.0e+06", "0.00001", "1000000.0"]
    .map((le): BadLines => [`le spelt ${le}`, spelt(le), 2, CANONICAL_LE]),
  ...["-0.0", "", "NaN", "-Inf", "Inf", "+inf", "0x1", "1.0 "]
    .map((le): BadLines => [`le spelt "${le}"`, spelt(le), 2, CANONICAL_LE]),
  [
    "a quantile spelt .5",
    summary('{quantile=".5"} 1', "_count 1", "_sum 1"),
    2,
    "quantile in canonical form",
  ],
  [
    "a repeated series",
    ["# TYPE a gauge", 'a{x="1",y="2"} 1', 'a{y="2",x="1"} 2'],
    3,
    'each series once: a[["x","1"],["y","2"]]',
  ],
  [
    "a series repeated with an empty label",
    ["# TYPE a gauge", "a 1", 'a{x=""} 2'],
    3,
    "each series once: a[]",
  ],
  [
    "no +Inf bucket",
    histogram({ buckets: ['{le="1.0"} 2'] }),
    2,
    "+Inf as the last bucket",
  ],
  [
    "no bucket",
    histogram({ buckets: [] }),
    2,
    "+Inf as the last bucket",
  ],
  [
    "a bucket after +Inf",
    histogram({ buckets: ['{le="+Inf"} 2', '{le="1.0"} 2'] }),
    3,
    RISES,
  ],
  [
    "decreasing bucket counts",
    histogram({ buckets: ['{le="1.0"} 3', '{le="+Inf"} 2'] }),
    3,
    "bucket counts that never decrease",
  ],
  [
    "bounds that do not increase",
    histogram({
      buckets: ['{le="1.0"} 1', '{le="0.5"} 1', '{le="+Inf"} 2'],
    }),
    3,
    RISES,
  ],
  ["a bucket without le", histogram({ buckets: [" 2"] }), 2, LE],
  [
    "le on a count",
    histogram({ rest: ['count{le="1.0"} 2', "sum 3"] }),
    4,
    LE,
  ],
  [
    "a count that differs from the +Inf bucket",
    histogram({ rest: ["count 3", "sum 3"] }),
    4,
    "a count that equals the +Inf bucket",
  ],
  [
    "a count without a sum",
    histogram({ rest: ["count 2"] }),
    4,
    "both a count and a sum, or neither",
  ],
  [
    "a sum without a count",
    histogram({ rest: ["sum 2"] }),
    4,
    "both a count and a sum, or neither",
  ],
  [
    "a fractional bucket",
    histogram({ buckets: ['{le="+Inf"} 2.5'] }),
    2,
    COUNTS,
  ],
  ["a negative count", summary("_count -1", "_sum 1"), 2, COUNTS],
  ["a count of NaN", summary("_count NaN", "_sum 1"), 2, COUNTS],
  [
    "a quantile of 2",
    summary('{quantile="2.0"} 1', "_count 1", "_sum 1"),
    2,
    "quantiles between 0 and 1",
  ],
  [
    "decreasing quantiles",
    summary('{quantile="0.9"} 1', '{quantile="0.5"} 1'),
    3,
    "increasing quantile values",
  ],
  ["a quantile without the label quantile", summary(" 1"), 2, QUANTILE],
  ["quantile on a sum", summary('_sum{quantile="0.5"} 1'), 2, QUANTILE],
  [
    "interleaved label sets",
    summary('_count{x="1"} 1', '_count{x="2"} 1', '_sum{x="1"} 1'),
    4,
    TOGETHER,
  ],
  [
    "timestamps on some samples of a label set",
    summary("_count 2 5", "_sum 3"),
    3,
    "timestamps on all samples of a label set, or on none",
  ],
];

for (const [what, lines, line, rule] of BAD_IN_BOTH) {
  test(`parseExposition() refuses a family with ${what}`, () => {
    assertRefused([what, text(...lines), line, rule], TEXT);
    assertRefused([what, open(...lines), line, rule], OPEN);
  });
}

const BAD_TEXT: readonly BadLines[] = [
  ["a counter below zero", ["# TYPE a counter", "a -1"], 2, COUNTERS],
  [
    "a counter that is NaN, before another family",
    ["# TYPE a counter", "a NaN", "b 1"],
    2,
    COUNTERS,
  ],
  [
    "a histogram without sum and count",
    histogram({ rest: [] }),
    3,
    "a sum and a count",
  ],
  ...["info", "stateset", "gaugehistogram", "unknown"].map((type): BadLines => [
    `the type ${type}`,
    [`# TYPE a ${type}`, "a 1"],
    1,
    "a type of this format",
  ]),
];

for (const [what, lines, line, rule] of BAD_TEXT) {
  test(`parseExposition() refuses text with ${what}`, () => {
    assertRefused([what, text(...lines), line, rule], TEXT);
  });
}
