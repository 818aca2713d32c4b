import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expose, openMetrics2 } from "../../src/encode/mod.ts";
import { ExpositionError, parseOpenMetrics2 } from "../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../encode/arbitraries.ts";
import { open } from "./fixtures.ts";

const HISTOGRAM = "# TYPE h histogram";
const GAUGE_HISTOGRAM = "# TYPE h gaugehistogram";
const SUMMARY = "# TYPE s summary";
const NATIVE = "schema:0,zero_threshold:0,zero_count:0";

/** Why the reader refuses these lines; undefined if it does not. */
function refusal(body: string): ExpositionError | undefined {
  try {
    parseOpenMetrics2(body);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ExpositionError, String(error));
    return error;
  }
}

test("a body of all that there is is read", () => {
  const [info, counter, summary, both, gauges, unknown] = parseOpenMetrics2(
    open(
      "# TYPE target_info info",
      '# HELP target_info The \\"target\\".',
      'target_info{os="linux"} 1',
      "# TYPE c_seconds_total counter",
      "# UNIT c_seconds_total seconds",
      'c_seconds_total{a="b"} 3 1700000000 st@1.5 # {id="1"} 2 3 # {} 1 2.5',
      SUMMARY,
      "s {count:17,sum:-3.5,quantile:[0.5:1.2,0.99:NaN]} st@1700000000",
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
    sum: -3.5,
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

test("names that are not classic stand in quotes", () => {
  const [family] = parseOpenMetrics2(
    open('# TYPE "a.b" gauge', '{"a.b","c.d"="e"} 1'),
  );
  assert.equal(family!.name, "a.b");
  assert.deepEqual([...family!.samples[0]!.labels], [["c.d", "e"]]);
  assert.throws(() => parseOpenMetrics2(open("_a 1")), /no reserved names/);
  assert.equal(parseOpenMetrics2(open("_a 1"), { escaped: true }).length, 1);
});

/** Lines, the one at fault counted from 1, and the rule that it breaks. */
const BAD: readonly (readonly [lines: readonly string[], rule: string])[] = [
  [["# TYPE a gauge", "# TYPE a gauge"], "one TYPE a family"],
  [["# HELP a x", "# TYPE a gauge"], "metadata in the order TYPE, UNIT, HELP"],
  [["# HELP a_b x", "# UNIT a_b b"], "metadata in the order TYPE, UNIT, HELP"],
  [["a 1", "# HELP a x"], "metadata before the samples"],
  [["a 1", "b 1", "a 2"], "each family once, and its samples together"],
  [["a 1", "target_info 1"], "target_info before all others"],
  [["# TYPE a Gauge"], "a type of this format"],
  [["# TYPE a untyped"], "a type of this format"],
  [["# TYPE a counter"], "a name of a counter that ends in _total"],
  [["# TYPE a info"], "a name of a info that ends in _info"],
  [
    ["# TYPE a_x_info info", "# UNIT a_x_info x"],
    "no unit on info and stateset",
  ],
  [["# TYPE a gauge", "# UNIT a seconds"], "a name with the unit in it"],
  [["# comment"], "no comments but TYPE, UNIT, HELP and EOF"],
  [["a 1", ""], "no blank lines"],
  [["a 1 "], "a timestamp"],
  [["a  1"], "single blanks"],
  [["a 1\r"], "a line feed alone at the end of a line"],
  [["a 1", "a 1"], "no series twice: []"],
  [['a{b="c"} 1', 'a{b="c",d=""} 1'], 'no series twice: [["b","c"]]'],
  [["# TYPE a_total counter", "a_total -1"], "counters from 0 on"],
  [["# TYPE a_total counter", "a_total NaN"], "counters from 0 on"],
  [["# TYPE a_info info", "a_info 2"], "an info of value 1"],
  [["# TYPE a stateset", 'a{a="x"} 2'], "a state of value 0 or 1"],
  [["# TYPE a stateset", "a 1"], "a label called as the stateset"],
  [
    ["# TYPE a stateset", 'a{a="x"} 1', 'a{a="x",b="c"} 1', 'a{a="y"} 1'],
    "states of one label set together",
  ],
  [
    ["# TYPE a gauge", "a 1 st@1"],
    "st@ on counters, histograms and summaries only",
  ],
  [
    [GAUGE_HISTOGRAM, "h {gcount:1,gsum:1,bucket:[+Inf:1]} st@1"],
    "st@ on counters, histograms and summaries only",
  ],
  [["a 1 # {} 1 1"], "exemplars on counters and histograms only"],
  [
    ["# TYPE a_total counter", "a_total 1 # {} 1"],
    "a timestamp on each exemplar",
  ],
  [
    ["# TYPE a_total counter", "a_total 1 # {} 1 1 st@1"],
    "nothing more on the line",
  ],
  [[HISTOGRAM, "h 1"], "a histogram as the value of a histogram"],
  [[SUMMARY, "s 1"], "a summary as the value of a summary"],
  [
    ["# TYPE a gauge", "a {count:1,sum:1,bucket:[+Inf:1]}"],
    "a number as the value of a gauge",
  ],
  [
    [SUMMARY, "s {count:1,sum:1,bucket:[+Inf:1]}"],
    "a summary as the value of a summary",
  ],
  [
    [HISTOGRAM, "h {gcount:1,gsum:1,bucket:[+Inf:1]}"],
    "gcount and gsum in gauge histograms, and only there",
  ],
  [
    [GAUGE_HISTOGRAM, "h {count:1,sum:1,bucket:[+Inf:1]}"],
    "gcount and gsum in gauge histograms, and only there",
  ],
  [[HISTOGRAM, "h {count:1,gsum:1,bucket:[+Inf:1]}"], '",sum:" here'],
  [[HISTOGRAM, "h {sum:1,count:1,bucket:[+Inf:1]}"], '"count:" here'],
  [[HISTOGRAM, "h {count:1, sum:1,bucket:[+Inf:1]}"], '",sum:" here'],
  [[HISTOGRAM, "h {count:1,sum:1}"], "quantiles, or buckets of some kind"],
  [
    [HISTOGRAM, "h {count:1.5,sum:1,bucket:[+Inf:1.5]}"],
    "whole counts from 0 on",
  ],
  [[HISTOGRAM, "h {count:1,sum:1,bucket:[]}"], "a last bucket +Inf"],
  [[HISTOGRAM, "h {count:1,sum:1,bucket:[1.0:1]}"], "a last bucket +Inf"],
  [
    [HISTOGRAM, "h {count:1,sum:1,bucket:[+Inf:2]}"],
    "a +Inf bucket that equals the count",
  ],
  [
    [HISTOGRAM, "h {count:1,sum:1,bucket:[1.0:2,+Inf:1]}"],
    "buckets that never fall",
  ],
  [
    [HISTOGRAM, "h {count:1,sum:1,bucket:[2.0:0,1.0:1,+Inf:1]}"],
    "bounds and ranks that rise",
  ],
  [
    [HISTOGRAM, "h {count:1,sum:1,bucket:[1:1,+Inf:1]}"],
    "bounds and ranks in their canonical spelling",
  ],
  [
    [HISTOGRAM, 'h{le="x"} {count:1,sum:1,bucket:[+Inf:1]}'],
    "no label le beside classic buckets",
  ],
  [[SUMMARY, "s {count:1,sum:1}"], "quantiles, or buckets of some kind"],
  [[SUMMARY, "s {count:1,sum:1,quantile:[1.5:1]}"], "quantiles from 0 to 1"],
  [
    [SUMMARY, "s {count:1,sum:1,quantile:[0.5:1,0.5:1]}"],
    "bounds and ranks that rise",
  ],
  [
    [SUMMARY, 's{quantile="x"} {count:1,sum:1,quantile:[]}'],
    "no label quantile on a summary",
  ],
  [
    [SUMMARY, "s {gcount:1,gsum:1,quantile:[]}"],
    "no quantiles in a gauge histogram",
  ],
  [
    [HISTOGRAM, "h {count:0,sum:0,schema:9,zero_threshold:0,zero_count:0}"],
    "a schema from -4 to 8",
  ],
  [
    [HISTOGRAM, "h {count:0,sum:0,schema:0,zero_threshold:-1,zero_count:0}"],
    "a zero threshold from 0 on",
  ],
  [
    [HISTOGRAM, "h {count:0,sum:0,schema:0,zero_count:0,zero_threshold:0}"],
    '",zero_threshold:" here',
  ],
  ...([
    ["positive_spans:[],positive_buckets:[]", "no empty sides"],
    [
      "positive_spans:[0:2],positive_buckets:[1]",
      "as many buckets as there are in the spans",
    ],
    [
      "positive_spans:[0:999999999],positive_buckets:[1]",
      "as many buckets as there are in the spans",
    ],
    [
      "positive_spans:[0:0],positive_buckets:[1]",
      "spans of one bucket at least",
    ],
    [
      "positive_spans:[0:1,-1:1],positive_buckets:[1,1]",
      "gaps from 0 on between spans",
    ],
    [
      "positive_spans:[0:2],positive_buckets:[1,0]",
      "empty buckets in gaps of one only",
    ],
    [
      "positive_spans:[0:2],positive_buckets:[0,1]",
      "empty buckets in gaps of one only",
    ],
    [
      "positive_spans:[0:4],positive_buckets:[1,0,0,1]",
      "empty buckets in gaps of one only",
    ],
    [
      "positive_spans:[0:1],positive_buckets:[1],negative_spans:[0:1],negative_buckets:[1]",
      '"}" here',
    ],
    [
      "positive_spans:[0:1],positive_buckets:[2]",
      "native buckets that add up to the count",
    ],
    ["positive_spans:[0:1.5],positive_buckets:[1]", '"," here'],
  ] as const).map(([side, rule]) =>
    [[HISTOGRAM, `h {count:1,sum:1,${NATIVE},${side}}`], rule] as const
  ),
  [
    [HISTOGRAM, `h {count:1,sum:1,bucket:[+Inf:1],${NATIVE}}`],
    '"}" here',
  ],
];

for (const [lines, rule] of BAD) {
  test(`OpenMetrics 2.0 wants ${rule}: ${lines.at(-1)}`, () => {
    const error = refusal(open(...lines));
    assert.equal(error?.rule, rule);
    assert.equal(error?.line, lines.length);
  });
}

test("the end is # EOF, once, and nothing after it", () => {
  assert.match(String(refusal("a 1\n")), /# EOF as the last line/);
  assert.match(String(refusal("")), /# EOF as the last line/);
  assert.match(String(refusal("# EOF\na 1\n")), /nothing after # EOF/);
  assert.match(String(refusal("# EOF\n# EOF\n")), /nothing after # EOF/);
  assert.match(String(refusal("# EOF")), /a line feed at the end/);
  assert.equal(refusal("# EOF\n"), undefined);
});

const anyBody = anyModel.map((model) =>
  new TextDecoder().decode(
    expose(sourceOf(model), openMetrics2.escapedBy("allow-utf-8")),
  )
);

test("law: a legal body with anything changed is read or refused in words", () => {
  const change = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 3 }),
    text: fc.oneof(
      fc.constantFrom(
        "",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "9",
        "-",
        "#",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    ),
  });
  fc.assert(
    fc.property(
      anyBody,
      fc.array(change, { maxLength: 3 }),
      (body, changes) => {
        let text = body;
        for (const { at, length, text: inserted } of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + inserted + text.slice(from + length);
        }
        refusal(text);
      },
    ),
    { numRuns: 2000 },
  );
});

test("law: any line written twice is refused", () => {
  fc.assert(
    fc.property(anyBody, fc.nat(), (body, at) => {
      const lines = body.split("\n").slice(0, -1);
      const twice = lines.toSpliced(
        at % lines.length,
        0,
        lines[at % lines.length]!,
      );
      assert.notEqual(refusal(`${twice.join("\n")}\n`), undefined);
    }),
    { numRuns: 300 },
  );
});

test("a body of a megabyte is read in linear time", { timeout: 20_000 }, () => {
  const buckets = Array.from({ length: 100_000 }, (_, i) => `${i}.0:0`);
  const line = `h {count:0,sum:0,bucket:[${buckets.join(",")},+Inf:0]}`;
  assert.equal(refusal(open(HISTOGRAM, line)), undefined);
  const quotes = '"\\"'.repeat(300_000);
  assert.notEqual(refusal(open(`{${quotes}`)), undefined);
  assert.notEqual(refusal(open(`# TYPE ${quotes}`)), undefined);
  assert.notEqual(refusal(open(`a{b="${quotes}`)), undefined);
});
