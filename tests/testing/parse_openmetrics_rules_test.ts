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
  TOGETHER,
} from "./fixtures.ts";

const GOOD_OPEN: readonly (readonly [string, readonly string[]])[] = [
  ["a gauge histogram", histogram({ type: "gaugehistogram" })],
  [
    "a gauge histogram with a negative sum and bound",
    histogram({
      type: "gaugehistogram",
      buckets: ['{le="-1.0"} 1', '{le="+Inf"} 2'],
      rest: ["gcount 2", "gsum -3"],
    }),
  ],
  [
    "a histogram with a negative bound, without a sum",
    histogram({ buckets: ['{le="-1.0"} 1', '{le="+Inf"} 2'], rest: [] }),
  ],
  [
    "exemplars at the limits of their buckets",
    histogram({
      buckets: [
        '{le="1.0"} 1 # {} -Inf',
        '{le="2.0"} 1 # {} 2',
        '{le="+Inf"} 2 # {} NaN',
      ],
    }),
  ],
  ["a counter of +Inf", ["# TYPE a counter", "a_total +Inf"]],
  ["an info without labels", ["# TYPE a info", "a_info 1"]],
  [
    "a stateset with two label sets",
    [
      "# TYPE a stateset",
      'a{x="1",a="on"} 1',
      'a{x="1",a="off"} 0',
      'a{x="2",a="on"} 0',
    ],
  ],
  [
    "a counter with a unit and a start",
    [
      "# TYPE a_seconds counter",
      "# UNIT a_seconds seconds",
      "a_seconds_total 1",
      "a_seconds_created 1700000000.5",
    ],
  ],
  ["an empty unit", ["# TYPE a gauge", "# UNIT a ", "a 1"]],
];

for (const [what, lines] of GOOD_OPEN) {
  test(`parseExposition() reads ${what} in OpenMetrics`, () => {
    assert.equal(refusal(open(...lines), OPEN), undefined);
  });
}

const ON = "exemplars on _total and _bucket only";
const WITHIN = "an exemplar within its bucket";
const LAST = "_created after the other samples";
const STATE_LABEL = "a label with the name of the stateset";

const BAD_OPEN: readonly BadLines[] = [
  [
    "the type untyped",
    ["# TYPE a untyped", "a 1"],
    1,
    "a type of this format",
  ],
  [
    "a counter without _total",
    ["# TYPE a counter", "a 1"],
    2,
    'a sample of family "a"',
  ],
  ["a negative counter", ["# TYPE a counter", "a_total -1"], 2, COUNTERS],
  ["a counter value of NaN", ["# TYPE a counter", "a_total NaN"], 2, COUNTERS],
  [
    "_total in the metadata",
    ["# TYPE a_total counter", "a_total_total 1"],
    1,
    "no _total in the metadata of a counter",
  ],
  [
    "_info in the metadata",
    ["# TYPE a_info info"],
    1,
    "no _info in the metadata of an info",
  ],
  [
    "a unit that the name does not end in",
    ["# UNIT a_kilobytes bytes", "# TYPE a_kilobytes gauge", "a_kilobytes 1"],
    1,
    "a family name that ends in the unit",
  ],
  [
    "a unit on an info",
    ["# TYPE a_b info", "# UNIT a_b b"],
    2,
    "no unit on an info or stateset",
  ],
  [
    "a unit on a stateset",
    ["# TYPE a_b stateset", "# UNIT a_b b", 'a_b{a_b="x"} 1'],
    2,
    "no unit on an info or stateset",
  ],
  [
    "an info value of 2",
    ["# TYPE a info", "a_info 2"],
    2,
    "an info value of 1",
  ],
  [
    "a state value of 2",
    ["# TYPE a stateset", 'a{a="x"} 2'],
    2,
    "a state value of 0 or 1",
  ],
  [
    "a state without the label of the stateset",
    ["# TYPE a stateset", 'a{b="x"} 1'],
    2,
    STATE_LABEL,
  ],
  [
    "an empty state",
    ["# TYPE a stateset", 'a{a=""} 1'],
    2,
    STATE_LABEL,
  ],
  [
    "interleaved states",
    [
      "# TYPE a stateset",
      'a{a="x",b="1"} 1',
      'a{a="x",b="2"} 1',
      'a{a="y",b="1"} 1',
    ],
    4,
    TOGETHER,
  ],
  ["an exemplar on a gauge", ["# TYPE a gauge", "a 1 # {} 1"], 2, ON],
  ["an exemplar on a count", summary("_count 1 # {} 1"), 2, ON],
  [
    "an exemplar on _created",
    ["# TYPE a counter", "a_total 1", "a_created 1 # {} 1"],
    3,
    ON,
  ],
  [
    "an exemplar above its bucket",
    histogram({ buckets: ['{le="1.0"} 1 # {} 1.5', '{le="+Inf"} 2'] }),
    2,
    WITHIN,
  ],
  [
    "an exemplar below its bucket",
    histogram({ buckets: ['{le="1.0"} 1', '{le="+Inf"} 2 # {} 1'] }),
    3,
    WITHIN,
  ],
  [
    "an exemplar of NaN in a first bucket",
    histogram({ buckets: ['{le="1.0"} 1 # {} NaN', '{le="+Inf"} 2'] }),
    2,
    WITHIN,
  ],
  [
    "a sum of NaN",
    histogram({ rest: ["count 2", "sum NaN"] }),
    5,
    "a sum of 0 or more",
  ],
  ["a negative sum", summary("_count 1", "_sum -1"), 3, "a sum of 0 or more"],
  [
    "a sum and a negative bound",
    histogram({ buckets: ['{le="-1.0"} 1', '{le="+Inf"} 2'] }),
    5,
    "no sum if a bound is negative",
  ],
  [
    "a gauge histogram with a sum of NaN",
    histogram({ type: "gaugehistogram", rest: ["gcount 2", "gsum NaN"] }),
    5,
    "a sum that is not NaN",
  ],
  [
    "a gauge histogram with a negative sum only",
    histogram({ type: "gaugehistogram", rest: ["gcount 2", "gsum -1"] }),
    5,
    "a negative sum only if a bound is negative",
  ],
  [
    "a negative quantile value",
    summary('{quantile="0.5"} -1'),
    2,
    "a quantile value of 0 or more",
  ],
  [
    "a quantile without observations",
    summary('{quantile="0.5"} 0', "_count 0", "_sum 0"),
    2,
    "NaN as a quantile of no observations",
  ],
  [
    "_created before the samples",
    ["# TYPE a counter", "a_created 1", "a_total 1"],
    2,
    LAST,
  ],
  [
    "_created without other samples",
    ["# TYPE a counter", "a_created 1"],
    2,
    LAST,
  ],
  [
    "_created between the samples",
    summary("_count 1", "_created 1", "_sum 1"),
    3,
    LAST,
  ],
  [
    "_created apart from its samples",
    [
      "# TYPE a counter",
      'a_total{x="1"} 1',
      'a_total{x="2"} 1',
      'a_created{x="1"} 1',
    ],
    4,
    TOGETHER,
  ],
  [
    "a _created of NaN",
    ["# TYPE a counter", "a_total 1", "a_created NaN"],
    3,
    "a timestamp as the value of _created",
  ],
];

for (const [what, lines, line, rule] of BAD_OPEN) {
  test(`parseExposition() refuses OpenMetrics with ${what}`, () => {
    assertRefused([what, open(...lines), line, rule], OPEN);
  });
}
