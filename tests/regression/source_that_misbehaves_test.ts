// A source of a user that wrote a text as a value, or whose `parts` threw, spoilt
// the whole scrape; one that caught the errors of the sink was written in part.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type LabelSet,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";

const help = "Help.";
const gauge = familyDesc({
  name: "pool",
  type: "gauge",
  help,
  labelNames: ["k"],
});
const counter = familyDesc({
  name: "pool_events_total",
  type: "counter",
  help,
});
const histogram = familyDesc({ name: "pool_time", type: "histogram", help });
const summary = familyDesc({ name: "pool_wait", type: "summary", help });
const state = familyDesc({
  name: "pool_state",
  type: "stateset",
  help,
  labelNames: ["k", "pool_state"],
});
const DESCS = [gauge, counter, histogram, summary, state];
const k = (value: unknown) =>
  ({ names: ["k"], value: () => value }) as LabelSet;
const junk = <T>(value: unknown): T => value as T;
const floats = (...values: number[]) => Float64Array.from(values);

function writing(desc: FamilyDesc, write: (sink: Sink) => void): Source {
  return {
    descs: DESCS,
    collect(sink) {
      if (sink.family(desc)) write(sink);
    },
  };
}

const number = (value: unknown) =>
  writing(gauge, (sink) => sink.number(k("a"), junk(value), 0));
const view = (part: object) =>
  writing(histogram, (sink) =>
    sink.histogram(Labels.NONE, {
      count: 3,
      sum: 1,
      bounds: floats(1, 2),
      counts: floats(1, 1, 1),
      exemplars: [],
      ...part,
    }, 0));
const side = (...counts: number[]) => ({
  offset: 0,
  size: counts.length,
  counts: floats(...counts),
  overflow: 0,
});
const native = (part: object, count = 3) =>
  view({
    count,
    bounds: floats(),
    counts: floats(count),
    native: {
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: side(),
      negative: side(),
      ...part,
    },
  });
const ranks = (part: object) =>
  writing(summary, (sink) =>
    sink.summary(Labels.NONE, {
      count: 1,
      sum: 1,
      quantiles: floats(0.5),
      values: floats(1),
      ...part,
    }, 0));
const exemplar = (part: object) =>
  writing(counter, (sink) =>
    sink.number(Labels.NONE, 1, 0, {
      labels: { trace_id: "1" },
      value: 1,
      timestamp: 1,
      ...part,
    }));

const CASES: Readonly<Record<string, Source>> = {
  "a value that is undefined": number(undefined),
  "a value that is text with a line feed": number("1\nevil 2"),
  "a value that is an object": number({ valueOf: () => 1 }),
  "a value that is a BigInt": number(1n),
  "a sum that is text": view({ sum: "1" }),
  "bounds that fall": view({ bounds: floats(2, 1) }),
  "bounds that repeat": view({ bounds: floats(1, 1) }),
  "a bound that is NaN": view({ bounds: floats(NaN, 1) }),
  "an infinite bound": view({ bounds: floats(1, Infinity) }),
  "bounds that are text": view({ bounds: ["1", "2"] }),
  "a negative count": view({ counts: floats(4, -2, 1) }),
  "a fractional count": view({ counts: floats(1.5, 0.5, 1) }),
  "an infinite count": view({
    count: Infinity,
    counts: floats(1, 1, Infinity),
  }),
  "an exemplar outside of its bucket": view({
    exemplars: [{ labels: {}, value: 5, timestamp: 0 }],
  }),
  "more exemplars than buckets": view({
    exemplars: [1, 2, 3, 4].map((value) => ({
      labels: {},
      value,
      timestamp: 0,
    })),
  }),
  "a rank above 1": ranks({ quantiles: floats(1.5) }),
  "a rank that is NaN": ranks({ quantiles: floats(NaN) }),
  "ranks without values": ranks({ values: floats() }),
  "a count of a summary that is text": ranks({ count: "1" }),
  "an exemplar's label that is no text": exemplar({ labels: { a: 5 } }),
  "an exemplar's value that is no number": exemplar({ value: "1\nevil 2" }),
  "an exemplar of an infinite time": exemplar({ timestamp: Infinity }),
  "a start that is infinite": writing(
    counter,
    (sink) => sink.number(Labels.NONE, 1, Infinity),
  ),
  "a start in milliseconds": writing(
    counter,
    (sink) => sink.number(Labels.NONE, 1, 1_700_000_000_000),
  ),
  "a label value that is an object": writing(
    gauge,
    (sink) => sink.number(k({}), 1, 0),
  ),
  "a label value that is undefined": writing(
    gauge,
    (sink) => sink.number(k(undefined), 1, 0),
  ),
  "label names in another order": writing(
    state,
    (sink) => sink.number(new Labels(["pool_state", "k"], ["a", "b"]), 1, 0),
  ),
  "a label too many": writing(
    gauge,
    (sink) => sink.number(new Labels(["k", "l"], ["a", "b"]), 1, 0),
  ),
  "a label of another name": writing(
    gauge,
    (sink) => sink.number(new Labels(["l"], ["a"]), 1, 0),
  ),
  "a label in a family without labels": writing(
    counter,
    (sink) => sink.number(new Labels(["k"], ["a"]), 1, 0),
  ),
  "a zero bucket past 2^53 beside a count of 3": native({ zeroCount: 2 ** 60 }),
  "a zero bucket past 2^64 beside a count of 3": native({ zeroCount: 1e300 }),
  "a native bucket past 2^53 beside a count of 3": native({
    positive: side(1, 2 ** 60),
  }),
  "a native bucket of 2^64 beside a count of 3": native({
    negative: side(2 ** 64),
  }),
  "native buckets that add up to infinity": native({
    positive: side(1e308, 1e308),
  }),
  "native buckets far below a count past 2^53": native({
    positive: side(2 ** 54),
  }, 2 ** 60),
  "counts that add up to infinity": view({
    count: Infinity,
    counts: floats(1e308, 1e308, 1e308),
  }),
  "counts that are BigInts": view({ counts: BigInt64Array.of(1n, 1n, 1n) }),
  "two series with the same labels": writing(gauge, (sink) => {
    sink.number(k("a"), 1, 0);
    sink.number(k("a"), 2, 0);
  }),
  "label sets that only differ in lone surrogates": writing(gauge, (sink) => {
    sink.number(k("\ud800"), 1, 0);
    sink.number(k("\udfff"), 2, 0);
  }),
  "states of one stateset that are apart": writing(state, (sink) => {
    for (const [at, name] of [["1", "a"], ["2", "a"], ["1", "b"]] as const) {
      sink.number(new Labels(state.labelNames, [at, name]), 0, 0);
    }
  }),
  "an error of the sink that is caught": {
    descs: DESCS,
    collect(sink) {
      sink.family(gauge);
      sink.number(k("a"), 1, 0);
      try {
        sink.number(k("b"), junk("x"), 0);
      } catch {
        // It must not be written in part.
      }
    },
  },
  "a family of another source": {
    descs: DESCS,
    collect(sink) {
      sink.family(familyDesc({ name: "fine_total", type: "counter", help }));
      sink.number(Labels.NONE, 666, 0);
    },
  },
  "a call during a call": writing(gauge, (sink) =>
    sink.number(
      {
        names: ["k"],
        value() {
          sink.family(counter);
          return "a";
        },
      },
      1,
      0,
    )),
  "parts that throw": {
    descs: DESCS,
    get parts(): Source[] {
      throw new Error("closed");
    },
    collect() {},
  },
  "parts that throw after the first": {
    descs: DESCS,
    parts: {
      *[Symbol.iterator]() {
        yield { descs: [], collect() {} };
        throw new Error("closed");
      },
    },
    collect() {},
  },
  "a part without descs": {
    descs: DESCS,
    parts: [junk<Source>({ collect() {} })],
    collect() {},
  },
  "a part that is null": {
    descs: DESCS,
    parts: [junk<Source>(null)],
    collect() {},
  },
  "a refresh that cannot be read": {
    descs: DESCS,
    get refresh(): never {
      throw new Error("closed");
    },
    collect() {},
  },
};

for (const [what, source] of Object.entries(CASES)) {
  test(`a source with ${what} is left out and counted; the rest is served`, async () => {
    const registry = createRegistry();
    registry.add(source); // before the healthy family, which it must not hit
    registry.counter({ name: "fine_total", help }).inc();
    const response = await metricsHandler(registry)(
      new Request("http://localhost/metrics"),
    );
    const body = await response.text();
    assert.equal(response.status, 200);
    assert.match(body, /^fine_total 1$/m);
    assert.doesNotMatch(body, /evil|666|^pool/m);
    assert.match(body, /^barograph_source_missing\{source="pool"\} 1$/m);
    const failures = "barograph_source_failures_total";
    assert.equal(valueOf(registry, failures, { source: "pool" }), 1);
  });
}

test("a sink is closed after its pass", async () => {
  const registry = createRegistry();
  let kept: Sink | undefined;
  registry.add(writing(gauge, (sink) => {
    kept = sink;
    sink.number(k("a"), 1, 0);
  }));
  const handler = metricsHandler(registry);
  await (await handler(new Request("http://localhost/metrics"))).text();
  assert.throws(() => kept!.family(gauge), /after collect has returned/);
});

test("a description that was renamed frees its old name when it is removed", () => {
  const registry = createRegistry();
  const desc = { ...gauge, name: "before" };
  const added = registry.add({ descs: [desc], collect() {} });
  desc.name = "after";
  added[Symbol.dispose]();
  registry.gauge({ name: "before", help });
  registry.gauge({ name: "after", help });
});
