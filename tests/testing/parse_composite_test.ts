import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleOf, valueOf } from "./openmetrics2_fixtures.ts";

test("parseOpenMetrics2() reads summaries with and without quantiles", () => {
  assert.deepEqual(
    valueOf("{count:17,sum:3.5,quantile:[0.0:1,0.5:1.2,0.99:NaN,1.0:4]}"),
    {
      kind: "summary",
      count: 17,
      sum: 3.5,
      quantiles: [[0, 1], [0.5, 1.2], [0.99, NaN], [1, 4]],
    },
  );
  assert.deepEqual(
    valueOf("{count:0,sum:0,quantile:[]}"),
    { kind: "summary", count: 0, sum: 0, quantiles: [] },
  );
});

test("parseOpenMetrics2() reads a histogram with classic buckets", () => {
  assert.deepEqual(
    valueOf("{count:9,sum:NaN,bucket:[-2.5:0,0.0:1,1e-05:8,1e+06:8,+Inf:9]}"),
    {
      kind: "histogram",
      gauge: false,
      count: 9,
      sum: NaN,
      buckets: [[-2.5, 0], [0, 1], [1e-5, 8], [1e6, 8], [Infinity, 9]],
      native: undefined,
    },
  );
});

test("parseOpenMetrics2() reads gauge histograms with negative, fractional and decreasing counts", () => {
  assert.deepEqual(
    valueOf(
      "{gcount:-0.3,gsum:-2,schema:0,zero_threshold:0,zero_count:-0.1," +
        "positive_spans:[0:1],positive_buckets:[-0.2],bucket:[1.0:4,+Inf:-0.3]}",
    ),
    {
      kind: "histogram",
      gauge: true,
      count: -0.3,
      sum: -2,
      buckets: [[1, 4], [Infinity, -0.3]],
      native: {
        schema: 0,
        zeroThreshold: 0,
        zeroCount: -0.1,
        negative: new Map(),
        positive: new Map([[0, -0.2]]),
      },
    },
  );
});

const summary = (...quantiles: readonly string[]) =>
  `{count:1,sum:1,quantile:[${quantiles.join(",")}]}`;
const classic = (...buckets: readonly string[]) =>
  `{count:1,sum:1,bucket:[${buckets.join(",")}]}`;
const gauge = (buckets: string) => `{gcount:1,gsum:1,bucket:[${buckets}]}`;
const ZERO = "schema:0,zero_threshold:0,zero_count:0";
const native = (fields: string) => `{count:0,sum:0,${fields}}`;

const CANONICAL = "bounds and ranks in canonical form";
const RISE = "increasing bounds and ranks";
const RANK = "quantiles between 0 and 1";
const COUNT = "integer counts of 0 or more";
const SUM = "a sum of 0 or more";
const VALUE = "a quantile value of 0 or more";
const FINITE = "finite counts";
const SOME = "quantiles or buckets";
const LAST = "+Inf as the last bucket";

/** A rule, a value that breaks only this rule, and a similar legal value. */
const RULES: readonly (readonly [rule: string, bad: string, good: string])[] = [
  // Order of the fields, and separators.
  ['"count:" here', "{sum:1,count:1,bucket:[+Inf:1]}", classic("+Inf:1")],
  ['"count:" here', "{}", classic("+Inf:1")],
  ['"count:" here', "{ count:1,sum:1,bucket:[+Inf:1]}", classic("+Inf:1")],
  ['",sum:" here', "{count:1,bucket:[+Inf:1]}", classic("+Inf:1")],
  ['",sum:" here', "{count:1, sum:1,bucket:[+Inf:1]}", classic("+Inf:1")],
  ['",sum:" here', "{count:1,gsum:1,bucket:[+Inf:1]}", classic("+Inf:1")],
  ['",gsum:" here', "{gcount:1,sum:1,bucket:[+Inf:1]}", gauge("+Inf:1")],
  ["a number", "{count: 1,sum:1,bucket:[+Inf:1]}", classic("+Inf:1")],
  ["a number", classic(" +Inf:1"), classic("+Inf:1")],
  ["a number", classic("1.0:1", "+Inf:1", ""), classic("1.0:1", "+Inf:1")],
  ['":" here', classic("+Inf"), classic("+Inf:1")],
  ['"}" here', "{count:1,sum:1,bucket:[+Inf:1] }", classic("+Inf:1")],
  [
    '"}" here',
    `{count:0,sum:0,bucket:[+Inf:0],${ZERO}}`,
    `{count:0,sum:0,${ZERO},bucket:[+Inf:0]}`,
  ],
  [
    '"}" here',
    "{count:1,sum:1,quantile:[],bucket:[+Inf:1]}",
    "{count:1,sum:1,quantile:[]}",
  ],
  [SOME, "{count:1,sum:1}", "{count:1,sum:1,quantile:[]}"],
  [
    SOME,
    "{count:0,sum:0,zero_threshold:0,zero_count:0}",
    native(ZERO),
  ],
  [
    "no quantiles in a gauge histogram",
    "{gcount:1,gsum:1,quantile:[]}",
    "{count:1,sum:1,quantile:[]}",
  ],

  // Summaries.
  [RANK, summary("1.5:1"), summary("1.0:1")],
  [RANK, summary("-0.5:1"), summary("0.0:1")],
  [RANK, summary("+Inf:1"), summary("1.0:1")],
  [RISE, summary("0.5:1", "0.5:1"), summary("0.5:1", "0.9:1")],
  [RISE, summary("0.9:1", "0.5:1"), summary("0.5:1", "0.9:1")],
  [CANONICAL, summary("0.50:1"), summary("0.5:1")],
  ["a number", summary(".5:1"), summary("0.5:1")],
  [COUNT, "{count:NaN,sum:1,quantile:[]}", "{count:1,sum:1,quantile:[]}"],
  [COUNT, "{count:-1,sum:1,quantile:[]}", "{count:1,sum:1,quantile:[]}"],
  [SUM, "{count:1,sum:-1,quantile:[]}", "{count:1,sum:0,quantile:[]}"],
  [SUM, "{count:1,sum:NaN,quantile:[]}", "{count:1,sum:+Inf,quantile:[]}"],
  [SUM, "{count:1,sum:-Inf,quantile:[]}", "{count:1,sum:-0,quantile:[]}"],
  [VALUE, summary("0.5:-1"), summary("0.5:0")],
  [VALUE, summary("0.1:0", "0.5:-Inf"), summary("0.1:-0", "0.5:NaN")],

  // Classic buckets.
  [COUNT, "{count:1.5,sum:1,bucket:[+Inf:1.5]}", classic("+Inf:1")],
  [COUNT, "{count:+Inf,sum:1,bucket:[+Inf:+Inf]}", classic("+Inf:1")],
  [COUNT, classic("1.0:0.5", "+Inf:1"), classic("1.0:0", "+Inf:1")],
  [COUNT, classic("1.0:-1", "+Inf:1"), classic("1.0:0", "+Inf:1")],
  [FINITE, gauge("1.0:NaN,+Inf:1"), gauge("1.0:-7.5,+Inf:1")],
  [FINITE, "{gcount:NaN,gsum:1,bucket:[+Inf:NaN]}", gauge("+Inf:1")],
  [LAST, classic(), classic("+Inf:1")],
  [LAST, classic("1.0:1"), classic("1.0:1", "+Inf:1")],
  [RISE, classic("+Inf:1", "1.0:1"), classic("1.0:1", "+Inf:1")],
  [
    RISE,
    classic("1.0:1", "1.0:1", "+Inf:1"),
    classic("1.0:1", "2.0:1", "+Inf:1"),
  ],
  [
    RISE,
    classic("2.0:0", "1.0:1", "+Inf:1"),
    classic("1.0:0", "2.0:1", "+Inf:1"),
  ],
  ...["1", "01.0", "1.00", "-0.0", "1000000.0", "0.00001", "1.0e+06", "1e6"]
    .map(
      (bound) =>
        [
          CANONICAL,
          classic(`${bound}:1`, "+Inf:1"),
          classic("1e-05:1", "1.0:1", "1e+06:1", "+Inf:1"),
        ] as const,
    ),
  ["a number", classic("-Inf:0", "+Inf:1"), classic("-1e+99:0", "+Inf:1")],
  ["a number", classic("NaN:0", "+Inf:1"), classic("+Inf:1")],
  [
    "bucket counts that never decrease",
    classic("1.0:2", "+Inf:1"),
    classic("1.0:1", "+Inf:1"),
  ],
  [
    "a +Inf bucket that equals the count",
    classic("1.0:1", "+Inf:2"),
    classic("1.0:1", "+Inf:1"),
  ],
  [
    "a +Inf bucket that equals the count",
    gauge("1.0:1,+Inf:2"),
    gauge("1.0:2,+Inf:1"),
  ],
];

for (const [rule, bad, good] of RULES) {
  const excerpt = bad.length > 150 ? `${bad.slice(0, 150)}...` : bad;
  test(`parseOpenMetrics2() expects ${rule}: ${excerpt}`, () => {
    assert.equal(ruleOf(bad), rule);
    assert.equal(ruleOf(good), undefined, good);
  });
}
