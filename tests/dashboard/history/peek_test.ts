/** Sources are peeked at without a trace. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../../src/metrics/mod.ts";
import type { Sink, Source } from "../../../src/model/mod.ts";
import { collectInto, partsOf, peekInto } from "../../../src/model/internal.ts";
import { eventLoopDelay } from "../../../src/runtime/mod.ts";
import { FakeClock, FakeTimers } from "../../../src/testing/mod.ts";
import { failuresOf, rejectionsOf } from "../../metrics/fixtures.ts";
import { meters } from "../../otel/meters.ts";
import { fakeProcess } from "../../runtime/fixtures.ts";

/** Returns what one way of reading writes, as text. */
function pointsOf(
  source: Source,
  read: (part: Source, sink: Sink) => void,
): string[] {
  const points: string[] = [];
  let name = "";
  const add = (labels: Parameters<Sink["number"]>[0], value: unknown) => {
    const texts = labels.names.map((label, at) =>
      `${label}=${labels.value(at)}`
    );
    points.push(`${name} ${texts.sort().join()} ${value}`);
  };
  const sink: Sink = {
    family(desc) {
      name = desc.name;
      return true;
    },
    number: add,
    histogram: (labels, { count, sum }) => add(labels, `${count} ${sum}`),
    summary: (labels, { count, sum }) => add(labels, `${count} ${sum}`),
  };
  for (const part of partsOf(source)) read(part, sink);
  return points.sort();
}

const peeked = (source: Source) => pointsOf(source, peekInto);
const collected = (source: Source) =>
  pointsOf(source, (part, sink) => collectInto(part, sink));

test("a callback that is peeked at writes what a scrape would write", () => {
  const registry = createRegistry({ selfMetrics: false });
  const scope = registry.scope({ labels: { region: "eu" } });
  scope.callbackGauge({
    name: "g",
    help: "X.",
    labels: ["key", "kind"],
    values: { kind: ["a", "b"] },
    maxSeries: 2,
    read(report) {
      report(1, { key: "x", kind: "a" });
      report(2, { key: "x", kind: "a" });
      report(3, { key: "\ud800", kind: "b" });
      report(4, { key: "y", kind: "a" });
      report(5, { key: "z", kind: "c" as "a" });
      report("6" as unknown as number, { key: "w", kind: "a" });
    },
  });
  registry.callbackCounter({
    name: "c_total",
    help: "X.",
    read: (report) => report(-1),
  });
  const found = peeked(registry);
  assert.deepEqual(found, [
    "g key=overflow,kind=overflow,region=overflow 9",
    "g key=x,kind=a,region=eu 2",
    "g key=\ufffd,kind=b,region=eu 3",
  ]);
  assert.deepEqual(found, collected(registry));
  assert.deepEqual(found, peeked(registry));
});

test("nothing is counted of callbacks that are peeked at", () => {
  const registry = createRegistry();
  registry.callbackGauge({
    name: "g",
    help: "X.",
    read: (report) => report("6" as unknown as number),
  });
  registry.callbackGauge({
    name: "failing",
    help: "X.",
    read() {
      throw new Error("no");
    },
  });
  for (const part of partsOf(registry)) {
    if (part.descs[0]?.name !== "failing") peekInto(part, NOWHERE);
    else assert.throws(() => peekInto(part, NOWHERE), /no/);
  }
  // Each of these reads is a scrape, which counts itself.
  assert.equal(rejectionsOf(registry)["not_a_number"], 1);
  assert.deepEqual(failuresOf(registry), { failing: 2 });
});

const NOWHERE: Sink = {
  family: () => true,
  number() {},
  histogram() {},
  summary() {},
};

test("callbacks of meters are peeked at: once a batch, with new labels", () => {
  const { registry, meter } = meters();
  let calls = 0;
  const first = meter.createObservableGauge("first");
  const second = meter.createObservableCounter("second");
  meter.addBatchObservableCallback((result) => {
    calls++;
    result.observe(first, 2, { key: "a" });
    result.observe(first, 3, { key: "a" });
    result.observe(second, 7, { other: "b" });
    result.observe(second, -7);
  }, [first, second]);
  meter.createObservableGauge("failing").addCallback(() => {
    throw new Error("no");
  });
  const tolerant = (part: Source, sink: Sink) => {
    try {
      peekInto(part, sink);
    } catch (error) {
      assert.match(String(error), /no/);
    }
  };
  const found = pointsOf(registry, tolerant)
    .filter((point) => /^(first|second)/.test(point));
  assert.deepEqual(found, ["first key=a 3", "second_total other=b 7"]);
  assert.equal(calls, 1);
  // Each of these reads is a scrape, which counts itself.
  assert.deepEqual(failuresOf(registry), { failing: 1 });
  assert.equal(rejectionsOf(registry)["negative"], 2);
});

test("statistics since the last scrape are left to scrapes", () => {
  const clock = new FakeClock();
  const timers = new FakeTimers(clock);
  let taken = 0;
  using delay = eventLoopDelay({
    clock,
    timers,
    processInfo: fakeProcess({
      runtime: "nodejs",
      monitorDelays: () => ({
        take: () => void taken++,
        [Symbol.dispose]() {},
      }),
    }),
  });
  timers.advance(0.02);
  assert.deepEqual(peeked(delay), ["nodejs_eventloop_delay_seconds  2 0"]);
  assert.equal(taken, 0);
});
