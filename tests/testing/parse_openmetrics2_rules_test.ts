import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./fixtures.ts";
import { refusal } from "./openmetrics2_fixtures.ts";

const COUNTER = "# TYPE a_total counter";
const INFO = "# TYPE a_info info";
const STATESET = "# TYPE a stateset";
const HISTOGRAM = "# TYPE h histogram";
const GAUGE_HISTOGRAM = "# TYPE h gaugehistogram";
const SUMMARY = "# TYPE s summary";
const ONE = "{count:1,sum:1,bucket:[+Inf:1]}";
const ONE_NOW = "{gcount:1,gsum:1,bucket:[+Inf:1]}";
const NATIVE = "{count:0,sum:0,schema:0,zero_threshold:0,zero_count:0}";
const QUANTILES = "{count:1,sum:1,quantile:[]}";
const STARTS = "st@ on counters, histograms and summaries only";
const EXEMPLARS = "exemplars on counters and histograms only";
const GAUGES = "gcount and gsum in gauge histograms, and nowhere else";
const ENDS = "the end of the line";

type Lines = readonly string[];

/** A rule, lines of which the last breaks it, and similar legal lines. */
const RULES: readonly (readonly [rule: string, bad: Lines, good: Lines])[] = [
  // Start times.
  [STARTS, ["# TYPE a gauge", "a 1 st@1"], [COUNTER, "a_total 1 st@1"]],
  [STARTS, ["a 1 st@1"], [COUNTER, "a_total 1 2 st@1"]],
  [STARTS, [INFO, "a_info 1 st@1"], [SUMMARY, `s ${QUANTILES} st@1`]],
  [
    STARTS,
    [GAUGE_HISTOGRAM, `h ${ONE_NOW} st@1`],
    [HISTOGRAM, `h ${ONE} st@1`],
  ],
  [STARTS, [`h ${ONE} st@1`], [HISTOGRAM, `h ${ONE} 3 st@1`]],
  [
    ENDS,
    [COUNTER, "a_total 1 st@1 2"],
    [COUNTER, "a_total 1 2 st@1"],
  ],
  ["a timestamp", [COUNTER, "a_total 1 st@"], [COUNTER, "a_total 1 st@-1"]],
  ["a timestamp", [COUNTER, "a_total 1 st@ 1"], [COUNTER, "a_total 1 st@1"]],
  ["a timestamp", [COUNTER, "a_total 1 ST@1"], [COUNTER, "a_total 1 st@1"]],

  // Exemplars.
  [EXEMPLARS, ["a 1 # {} 1 1"], [COUNTER, "a_total 1 # {} 1 1"]],
  [
    EXEMPLARS,
    [SUMMARY, `s ${QUANTILES} # {} 1 1`],
    [GAUGE_HISTOGRAM, `h ${ONE_NOW} # {} 1 1`],
  ],
  [
    "a timestamp on each exemplar",
    [COUNTER, "a_total 1 # {} 1"],
    [COUNTER, "a_total 1 # {} 1 1"],
  ],
  [
    "a timestamp on each exemplar",
    [HISTOGRAM, `h ${ONE} # {} 1 1 # {} 1`],
    [HISTOGRAM, `h ${ONE} # {} 1 1 # {} 1 1`],
  ],
  [
    "no label of the series in an exemplar",
    [COUNTER, 'a_total{b="c"} 1 # {b="c"} 1 1'],
    [COUNTER, 'a_total{b="c"} 1 # {d="c"} 1 1'],
  ],
  [
    ENDS,
    [COUNTER, "a_total 1 # {} 1 1 st@1"],
    [COUNTER, "a_total 1 st@1 # {} 1 1"],
  ],
  [ENDS, [COUNTER, "a_total 1 # 1 1"], [COUNTER, "a_total 1 # {} 1 1"]],
  [ENDS, [COUNTER, "a_total 1 #{} 1 1"], [COUNTER, "a_total 1 # {} 1 1"]],
  [
    "single spaces",
    [COUNTER, "a_total 1 # {}  1 1"],
    [COUNTER, `a_total 1 # {b="${"c".repeat(200)}"} 1 1`],
  ],

  // Values by type.
  ["a counter value of 0 or more", [COUNTER, "a_total -1"], [
    COUNTER,
    "a_total 0",
  ]],
  ["a counter value of 0 or more", [COUNTER, "a_total NaN"], [
    COUNTER,
    "a_total 0.5",
  ]],
  ["an info value of 1", [INFO, "a_info 2"], [INFO, "a_info 1.0"]],
  ["a state value of 0 or 1", [STATESET, 'a{a="x"} 2'], [
    STATESET,
    'a{a="x"} 1',
    'a{a="y"} 0',
  ]],
  ["a label with the name of the stateset", [STATESET, "a 1"], [
    STATESET,
    'a{a="x"} 1',
  ]],
  ["a label with the name of the stateset", [STATESET, 'a{a=""} 1'], [
    "# TYPE a gauge",
    'a{a=""} 1',
  ]],
  [
    "states of one label set together",
    [STATESET, 'a{a="x"} 1', 'a{a="x",b="c"} 1', 'a{a="y"} 1'],
    [STATESET, 'a{a="x"} 1', 'a{a="y"} 1', 'a{a="x",b="c"} 1'],
  ],
  ["a number as the value", [COUNTER, `a_total ${ONE}`], [`a_total ${ONE}`]],
  ["a number as the value", ["# TYPE a gauge", `a ${ONE}`], [
    "# TYPE a unknown",
    `a ${ONE_NOW}`,
    `a{b="c"} ${QUANTILES}`,
    'a{b="d"} 1',
  ]],
  ["a number as the value", [INFO, `a_info ${QUANTILES}`], [INFO, "a_info 1"]],
  ["a number as the value", [STATESET, `a{a="x"} ${ONE}`], [
    STATESET,
    'a{a="x"} 1',
  ]],
  ["a histogram as the value", [HISTOGRAM, "h 1"], [HISTOGRAM, `h ${ONE}`]],
  ["a histogram as the value", [HISTOGRAM, `h ${QUANTILES}`], [
    HISTOGRAM,
    `h ${NATIVE}`,
  ]],
  ["a histogram as the value", [GAUGE_HISTOGRAM, "h 1"], [
    GAUGE_HISTOGRAM,
    `h ${ONE_NOW}`,
  ]],
  ["a summary as the value", [SUMMARY, "s 1"], [SUMMARY, `s ${QUANTILES}`]],
  ["a summary as the value", [SUMMARY, `s ${ONE}`], [
    SUMMARY,
    `s ${QUANTILES}`,
  ]],
  [GAUGES, [HISTOGRAM, `h ${ONE_NOW}`], [HISTOGRAM, `h ${ONE}`]],
  [GAUGES, [GAUGE_HISTOGRAM, `h ${ONE}`], [GAUGE_HISTOGRAM, `h ${ONE_NOW}`]],
  [
    "no label le beside classic buckets",
    [HISTOGRAM, `h{le="x"} ${ONE}`],
    [HISTOGRAM, `h{le="x"} ${NATIVE}`],
  ],
  [
    "no label quantile on a summary",
    [SUMMARY, `s{quantile="x"} ${QUANTILES}`],
    [HISTOGRAM, `h{quantile="x"} ${ONE}`],
  ],
];

for (const [rule, bad, good] of RULES) {
  test(`parseOpenMetrics2() expects ${rule}: ${bad.at(-1)}`, () => {
    const error = refusal(open(...bad));
    assert.deepEqual([error?.line, error?.rule], [bad.length, rule]);
    assert.equal(refusal(open(...good)), undefined, good.join("\n"));
  });
}
