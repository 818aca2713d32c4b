import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleOf, valueOf } from "./openmetrics2_fixtures.ts";

test("parseOpenMetrics2() resolves spans to indexes, with and without classic buckets", () => {
  const native = "schema:3,zero_threshold:1e-4,zero_count:1," +
    "negative_spans:[-3:1],negative_buckets:[2]," +
    "positive_spans:[-1:3,2:1,0:1],positive_buckets:[1,0,2,1,3]";
  const read = {
    schema: 3,
    zeroThreshold: 1e-4,
    zeroCount: 1,
    negative: new Map([[-3, 2]]),
    positive: new Map([[-1, 1], [1, 2], [4, 1], [5, 3]]),
  };
  const both = valueOf(`{count:10,sum:1,${native},bucket:[0.1:8,+Inf:10]}`);
  assert.ok(both.kind === "histogram");
  assert.deepEqual(both.native, read);
  assert.deepEqual(both.buckets, [[0.1, 8], [Infinity, 10]]);
  const alone = valueOf(`{count:10,sum:1,${native}}`);
  assert.ok(alone.kind === "histogram");
  assert.deepEqual(alone.native, read);
  assert.equal(alone.buckets, undefined);
});

const ZERO = "schema:0,zero_threshold:0,zero_count:0";
const native = (fields: string) => `{count:0,sum:0,${fields}}`;
/** Returns a histogram of two observations with the given native buckets. */
const positive = (spans: string, buckets: string) =>
  `{count:2,sum:1,${ZERO},positive_spans:[${spans}],positive_buckets:[${buckets}]}`;

const COUNT = "integer counts of 0 or more";
const FINITE = "finite counts";
const SUMS = "native buckets that add up to the count";
const SCHEMA = "a schema from -4 to 8";
const THRESHOLD = "a finite zero threshold of 0 or more";
const LENGTHS = "as many buckets as the spans hold";
const EMPTY = "empty buckets only in gaps of one";
const BEYOND = "no bucket beyond +Inf";

/** A rule, a value that breaks only this rule, and a similar legal value. */
const RULES: readonly (readonly [rule: string, bad: string, good: string])[] = [
  // Native buckets: the fields before the sides.
  ...["-5", "9", "-53"].map((schema) =>
    [
      SCHEMA,
      native(`schema:${schema},zero_threshold:0,zero_count:0`),
      native(
        `schema:${schema === "9" ? 8 : -4},zero_threshold:0,zero_count:0`,
      ),
    ] as const
  ),
  ...["-0", "+1", "x"].map((schema) =>
    [
      "an integer",
      native(`schema:${schema},zero_threshold:0,zero_count:0`),
      native(ZERO),
    ] as const
  ),
  ...["01", "1.0", "1e0"].map((schema) =>
    [
      '",zero_threshold:" here',
      native(`schema:${schema},zero_threshold:0,zero_count:0`),
      native("schema:1,zero_threshold:0,zero_count:0"),
    ] as const
  ),
  [
    '",zero_threshold:" here',
    native("schema:0,zero_count:0,zero_threshold:0"),
    native(ZERO),
  ],
  ...["-1", "NaN", "+Inf"].map((threshold) =>
    [
      THRESHOLD,
      native(`schema:0,zero_threshold:${threshold},zero_count:0`),
      native("schema:0,zero_threshold:2.938735877055719e-39,zero_count:0"),
    ] as const
  ),
  [
    COUNT,
    "{count:1,sum:1,schema:0,zero_threshold:0,zero_count:-1," +
    "positive_spans:[0:1],positive_buckets:[2]}",
    "{count:1,sum:1,schema:0,zero_threshold:0,zero_count:0," +
    "positive_spans:[0:1],positive_buckets:[1]}",
  ],
  [
    FINITE,
    "{gcount:1,gsum:1,schema:0,zero_threshold:0,zero_count:NaN}",
    "{gcount:1,gsum:1,schema:0,zero_threshold:0,zero_count:1}",
  ],

  // Native buckets: the sides.
  ["no spans without buckets", positive("", ""), `{count:0,sum:1,${ZERO}}`],
  ["an integer", positive("0:1,", "2"), positive("0:1", "2")],
  ["an integer", positive("-0:1", "2"), positive("0:1", "2")],
  [
    "an integer that fits 32 bits",
    positive("2147483648:1", "2"),
    positive("-2147483647:1", "2"),
  ],
  [
    "an integer that fits 32 bits",
    positive(`${"9".repeat(400)}:1`, "2"),
    positive("0:1", "2"),
  ],
  ['":" here', positive("0", "2"), positive("0:1", "2")],
  ['"," here', positive("0:1.0", "2"), positive("0:1", "2")],
  ["a number", positive("0:1", "2,"), positive("0:1", "2")],
  [LENGTHS, positive("0:2", "2"), positive("0:2", "1,1")],
  [LENGTHS, positive("0:1", "1,1"), positive("0:1,1:1", "1,1")],
  [LENGTHS, positive("0:999999999", "2"), positive("0:1", "2")],
  [LENGTHS, positive("", "2"), positive("0:1", "2")],
  [
    "spans of at least one bucket",
    positive("0:0,0:1", "2"),
    positive("0:1", "2"),
  ],
  [
    "a gap of 0 or more between spans",
    positive("0:1,-1:1", "1,1"),
    positive("-1:1,0:1", "1,1"),
  ],
  [COUNT, positive("0:2", "-1,3"), positive("0:2", "1,1")],
  [COUNT, positive("0:2", "0.5,1.5"), positive("0:2", "1,1")],
  [EMPTY, positive("0:2", "2,0"), positive("0:1", "2")],
  [EMPTY, positive("0:2", "0,2"), positive("1:1", "2")],
  [EMPTY, positive("0:4", "1,0,0,1"), positive("0:3", "1,0,1")],
  [EMPTY, positive("0:1,3:2", "1,0,1"), positive("0:1,4:1", "1,1")],
  [BEYOND, positive("1026:1", "2"), positive("1025:1", "2")],
  [
    BEYOND,
    positive("66:1", "2").replace("schema:0", "schema:-4"),
    positive("65:1", "2").replace("schema:0", "schema:-4"),
  ],
  [
    BEYOND,
    positive("0:1,262145:1", "1,1").replace("schema:0", "schema:8"),
    positive("0:1,262144:1", "1,1").replace("schema:0", "schema:8"),
  ],
  [SUMS, positive("0:1", "3"), positive("0:1", "2")],
  [
    SUMS,
    positive("0:1", "1"),
    positive("0:1", "1").replace("sum:1", "sum:NaN"),
  ],
  [
    SUMS,
    positive("0:1", "3").replace("sum:1", "sum:NaN"),
    positive("0:1", "2").replace("sum:1", "sum:NaN"),
  ],
  [
    SUMS,
    "{gcount:0.3,gsum:1,schema:0,zero_threshold:0,zero_count:0.1," +
    "positive_spans:[0:1],positive_buckets:[0.2001]}",
    "{gcount:0.3,gsum:1,schema:0,zero_threshold:0,zero_count:0.1," +
    "positive_spans:[0:1],positive_buckets:[0.2]}",
  ],
  [
    '"}" here',
    `{count:2,sum:1,${ZERO},positive_spans:[0:1],positive_buckets:[1],` +
    "negative_spans:[0:1],negative_buckets:[1]}",
    `{count:2,sum:1,${ZERO},negative_spans:[0:1],negative_buckets:[1],` +
    "positive_spans:[0:1],positive_buckets:[1]}",
  ],
  [
    '",positive_buckets:[" here',
    `{count:2,sum:1,${ZERO},positive_spans:[0:1]}`,
    positive("0:1", "2"),
  ],
  [
    '"}" here',
    `{count:2,sum:1,${ZERO},positive_buckets:[2]}`,
    positive("0:1", "2"),
  ],
];

for (const [rule, bad, good] of RULES) {
  const excerpt = bad.length > 150 ? `${bad.slice(0, 150)}...` : bad;
  test(`parseOpenMetrics2() expects ${rule}: ${excerpt}`, () => {
    assert.equal(ruleOf(bad), rule);
    assert.equal(ruleOf(good), undefined, good);
  });
}
