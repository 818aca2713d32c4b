/** Delta temporality: intervals, resets, series that end, resolutions that fall. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { Labels, type Source } from "../../src/model/mod.ts";
import { DeltaMemory, numberGrowth } from "../../src/push/otlp/delta_memory.ts";
import { exponentialGrowth } from "../../src/push/otlp/exponential_growth.ts";
import type { ExponentialData } from "../../src/push/otlp/metric_encoding.ts";
import { PushTimers } from "./fixtures.ts";
import { exporting, type Posted } from "./metric_set_up.ts";

const timeout = 120_000;
const BEGIN = 1_700_000_000;

interface Point {
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly exemplars?: readonly unknown[];
}

/** Returns value, start and time of each point, in seconds since `BEGIN`. */
function pointsIn({ body }: Posted): (readonly [number, number, number])[] {
  const { resourceMetrics } = JSON.parse(new TextDecoder().decode(body));
  const since = (nanos: string | undefined) =>
    nanos === undefined ? -1 : Number(BigInt(nanos) / 1_000_000_000n) - BEGIN;
  return resourceMetrics[0].scopeMetrics[0].metrics.flatMap(
    ({ sum }: { readonly sum: { readonly dataPoints: readonly Point[] } }) =>
      sum.dataPoints.map((point) => [
        Number(point.asInt ?? point.asDouble),
        since(point.startTimeUnixNano),
        since(point.timeUnixNano),
      ]),
  );
}

/** A counter whose value and start a test sets. */
function counterOf(state: { value: number; start: number }): Source {
  const desc = {
    name: "a_total",
    type: "counter" as const,
    help: "A.",
    unit: "",
    labelNames: [],
    merge: "sum" as const,
  };
  return {
    descs: [desc],
    collect(sink) {
      if (sink.family(desc)) sink.number(Labels.NONE, state.value, state.start);
    },
  };
}

test("a delta begins where the last accepted one has ended", {
  timeout,
}, async () => {
  const state = { value: 3, start: BEGIN };
  const { pusher, timers, posted } = exporting(counterOf(state), {
    protocol: "json",
    temporality: "delta",
  }, (_posted, nth) => new Response(null, { status: nth === 2 ? 400 : 200 }));
  const steps = [
    [3, BEGIN], // all of it
    [5, BEGIN], // refused: it is in the next one
    [9, BEGIN],
    [9, BEGIN], // nothing new: not sent
    [10, BEGIN],
    [4, BEGIN], // it has fallen: a reset at an unknown moment
    [6, BEGIN + 55], // another series of this name
  ] as const;
  for (const [value, start] of steps) {
    Object.assign(state, { value, start });
    await timers.pass(10);
    await pusher.push();
  }
  for (const { body } of posted) {
    const text = new TextDecoder().decode(body);
    assert.match(text, /"aggregationTemporality":1,"isMonotonic":true/);
  }
  assert.deepEqual(posted.map((request) => pointsIn(request)[0]), [
    [3, 0, 10],
    [2, 10, 20],
    [6, 10, 30],
    [1, 30, 50],
    [4, 50, 60],
    [6, 55, 70],
  ]);
});

test("gauges, infos and up-down values stay as they are", {
  timeout,
}, async () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "depth", help: "D." }).set(7);
  registry.info({ name: "build_info", help: "B.", labels: ["v"] })
    .set({ v: "1" });
  const { pusher, posted } = exporting(registry, {
    protocol: "json",
    temporality: "delta",
  });
  for (let n = 0; n < 2; n++) await pusher.push();
  const texts = posted.map(({ body }) => new TextDecoder().decode(body));
  for (const text of texts) {
    assert.match(text, /"asInt":"7"/);
    assert.match(text, /"aggregationTemporality":2/);
  }
});

test("an exemplar is sent with the delta of its interval only", {
  timeout,
}, async () => {
  const timers = new PushTimers();
  const registry = createRegistry({ clock: timers.clock, selfMetrics: false });
  const counter = registry.counter({ name: "a_total", help: "A." });
  const { pusher, posted } = exporting(
    registry,
    { protocol: "json", temporality: "delta" },
    undefined,
    timers,
  );
  await timers.pass(1);
  counter.inc(1, { trace_id: "1" });
  await pusher.push();
  await timers.pass(10);
  counter.inc();
  await pusher.push();
  const texts = posted.map(({ body }) => new TextDecoder().decode(body));
  assert.match(texts[0]!, /exemplars/);
  assert.doesNotMatch(texts[1]!, /exemplars/);
});

test("series that end are forgotten; those of a part that fails are not", () => {
  const memory = new DeltaMemory();
  const write = (time: number, names: readonly string[], isWhole: boolean) => {
    memory.begin(time);
    const deltas = names.map((name) => {
      memory.mark();
      memory.family(name);
      return memory.grow("", 1, time, numberGrowth)!;
    });
    memory.end(isWhole);
    memory.accept(deltas.map(({ change }) => change));
    return deltas.map(({ data }) => data);
  };
  assert.deepEqual(write(10, ["a", "b"], true), [10, 10]);
  assert.deepEqual(write(20, ["a"], false), [10]);
  assert.equal(memory.size, 2);
  assert.deepEqual(write(30, ["a", "b"], true), [10, 20]);
  write(40, ["a"], true);
  assert.equal(memory.size, 1);
  assert.deepEqual(write(50, ["a", "b"], true), [10, 50]);
});

test("what a failing part has written before it failed is written again", () => {
  const memory = new DeltaMemory();
  memory.begin(10);
  memory.mark();
  memory.family("a");
  memory.accept([memory.grow("x", 1, 5, numberGrowth)!.change]);
  memory.end(true);
  memory.begin(20);
  memory.mark();
  memory.family("a");
  memory.grow("y", 1, 1, numberGrowth); // a part that throws before it writes x
  memory.rollback();
  memory.end(false);
  memory.begin(30);
  memory.mark();
  memory.family("a");
  assert.equal(memory.grow("x", 1, 7, numberGrowth)!.data, 2);
});

const NO_SIDE = { offset: 0, size: 0, counts: new Float64Array() };

function exponential(
  scale: number,
  offset: number,
  counts: readonly number[],
  zeroCount = 0,
  zeroThreshold = 0,
): ExponentialData {
  const sum = counts.reduce((sum, count) => sum + count, 0);
  return {
    count: zeroCount + sum,
    sum,
    scale,
    zeroCount,
    zeroThreshold,
    positive: {
      offset,
      size: counts.length,
      counts: Float64Array.from(counts),
    },
    negative: NO_SIDE,
  };
}

/** Returns the counts of the growth, or `reset`, or `none`. */
function growthOf(before: ExponentialData, now: ExponentialData) {
  const growth = exponentialGrowth(before, now);
  if (growth === now) return "reset";
  if (growth === undefined) return "none";
  return [growth.zeroCount, growth.count, ...growth.positive.counts];
}

test("growth of buckets follows a resolution that falls", () => {
  const before = exponential(1, -3, [1, 2, 3, 4]); // -3, -2, -1, 0
  assert.equal(growthOf(before, before), "none");
  assert.deepEqual(
    growthOf(before, exponential(1, -4, [5, 1, 2, 4, 4])),
    [0, 6, 5, 0, 0, 1, 0],
  );
  // Half the resolution: -3 → -2; -2 and -1 → -1; 0 → 0.
  assert.deepEqual(
    growthOf(before, exponential(0, -2, [1, 5, 6])),
    [0, 2, 0, 0, 2],
  );
  assert.equal(growthOf(before, exponential(0, -2, [1, 4, 9])), "reset");
  assert.equal(growthOf(before, exponential(2, -3, [9, 9, 9, 9])), "reset");
  assert.equal(growthOf(before, exponential(1, -2, [9, 9, 9])), "reset");
});

test("growth of buckets follows a zero bucket that widens", () => {
  const before = exponential(1, -3, [1, 2, 3, 4], 7, 2 ** -9);
  // Bucket -2 of scale 1 ends at 2^(-1/2).
  const now = exponential(1, -1, [3, 5], 11, 2 ** -0.5);
  assert.deepEqual(growthOf(before, now), [1, 2, 0, 1]);
  assert.equal(
    growthOf(before, exponential(1, -1, [3, 5], 9, 2 ** -0.5)),
    "reset",
  );
  assert.equal(
    growthOf(before, exponential(1, -3, [1, 2, 3, 9], 7, 2 ** -10)),
    "reset",
  );
});
