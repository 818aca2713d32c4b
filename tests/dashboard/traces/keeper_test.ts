/** The keeper: assembling, lists, bounds, and who is listened to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { publishSpans, type RequestEvents } from "../../../src/bridge/mod.ts";
import { createBus } from "../../../src/bus/mod.ts";
import {
  TraceKeeper,
  traceKeeper,
} from "../../../src/dashboard/traces/keeper.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { createTracer } from "../../../src/trace/mod.ts";
import { idOf, recordOf, requestOf, type SpanInit } from "./records.ts";

const SERVICE = "shop";

/** A keeper with a page that shows a tracer without spans. */
function keeperOf(bytes?: number) {
  const keeper = new TraceKeeper();
  const timers = new FakeTimers();
  const page = keeper.attach({
    tracer: createTracer({ name: "silent" }),
    timers,
    bytes,
  });
  const add = (init: SpanInit) => keeper.add(recordOf(init), SERVICE);
  const idsOf = (list: "latest" | "slowest" | "failed") =>
    keeper.traces(list).map(({ id }) => parseInt(id, 16) - 1);
  return { keeper, timers, page, add, idsOf };
}

test("a trace closes two seconds after its last span", () => {
  const { keeper, timers, add } = keeperOf();
  const closed: string[] = [];
  using _ = keeper.onTrace(({ id }) => closed.push(id));
  add({ span: 1, parent: 0 });
  timers.advance(1.5);
  add({ span: 0 });
  timers.advance(2);
  assert.deepEqual(closed, []);
  timers.advance(0.5);
  assert.deepEqual(closed, [idOf(0, 32)]);
  assert.equal(keeper.traces("latest")[0]!.records.length, 2);
});

test("a trace without a root closes after a minute", () => {
  const { keeper, timers, add } = keeperOf();
  add({ span: 1, parent: 0 });
  timers.advance(59);
  assert.equal(keeper.counts.latest, 0);
  timers.advance(1);
  assert.equal(keeper.counts.latest, 1);
});

test("a span after the closing opens the trace again, and moves it", () => {
  const { keeper, timers, add, idsOf } = keeperOf();
  add({ trace: 0 });
  add({ trace: 1 });
  timers.advance(3);
  assert.deepEqual(idsOf("latest"), [1, 0]);
  add({ trace: 0, span: 1, parent: 0, error: "late" });
  assert.deepEqual(idsOf("failed"), []);
  timers.advance(3);
  assert.deepEqual(idsOf("latest"), [0, 1]);
  assert.deepEqual(idsOf("failed"), [0]);
  assert.equal(keeper.stats.spans, 3);
});

test("the root is the earliest span without a parent in the process", () => {
  const { keeper, add } = keeperOf();
  add({ span: 3, parent: 2, start: 5, end: 6 });
  add({ span: 2, parent: 1, parentIsRemote: true, start: 4, end: 7 });
  const trace = keeper.trace(idOf(0, 32))!;
  assert.equal(trace.root.context.spanId, idOf(2, 16));
  add({ span: 0, start: 1, end: 9 });
  assert.equal(trace.root.context.spanId, idOf(0, 16));
  assert.equal(trace.seconds, 8);
});

test("a failed span anywhere makes the trace a failed one", () => {
  const { timers, add, idsOf } = keeperOf();
  add({ trace: 0 });
  add({ trace: 1, span: 1, parent: 0, error: "timeout" });
  add({ trace: 1 });
  timers.advance(3);
  assert.deepEqual(idsOf("failed"), [1]);
});

test("the lists of latest and failed traces hold a hundred", () => {
  const { keeper, timers, add, idsOf } = keeperOf();
  for (let trace = 0; trace < 150; trace++) add({ trace, error: "x" });
  timers.advance(3);
  assert.equal(idsOf("latest").length, 100);
  assert.equal(idsOf("failed")[0], 149);
  // The slowest of the first ones are still kept.
  assert.equal(keeper.stats.spans + keeper.stats.evicted, 150);
});

test("the slowest traces are kept by route and by five minutes", () => {
  const { keeper, timers, idsOf } = keeperOf();
  const request = (trace: number, route: string, seconds: number) =>
    keeper.add(
      requestOf("GET", route, 200, { trace, start: 0, end: seconds }),
      SERVICE,
    );
  // A slow start must not push out everything that follows.
  for (let i = 0; i < 10; i++) request(i, "/a", 100 + i);
  request(10, "/b", 1);
  timers.advance(310);
  for (let i = 20; i < 24; i++) request(i, "/a", i / 10);
  timers.advance(3);
  assert.deepEqual(idsOf("slowest"), [9, 8, 7, 23, 22, 21, 10]);
});

test("beyond 2000 open traces, the oldest one closes early", () => {
  const { keeper, add, idsOf } = keeperOf(64 * 2 ** 20);
  for (let trace = 0; trace <= 2000; trace++) add({ trace });
  assert.equal(keeper.stats.open, 2000);
  assert.deepEqual(idsOf("latest"), [0]);
  assert.equal(keeper.stats.lost, 0);
});

test("spans beyond 500 of a trace are counted as lost", () => {
  const { keeper, add } = keeperOf();
  for (let span = 0; span < 510; span++) add({ span });
  const trace = keeper.trace(idOf(0, 32))!;
  assert.equal(trace.records.length, 500);
  assert.equal(trace.lost, 10);
  assert.equal(keeper.stats.lost, 10);
});

test("failed traces outlast a flood of others, within the bytes", () => {
  const { keeper, timers, add } = keeperOf(64 * 1024);
  add({ trace: 0, error: "x" });
  timers.advance(3);
  for (let trace = 1; trace < 2000; trace++) {
    add({ trace });
    if (trace % 20 === 0) timers.advance(3);
    assert.ok(keeper.stats.bytes <= 64 * 1024);
  }
  assert.equal(keeper.counts.failed, 1);
  assert.ok(keeper.counts.latest > 20);
});

test("the newest page keeps the time, and an older one when it is gone", () => {
  const { keeper, timers, add, idsOf } = keeperOf();
  const newest = new FakeTimers();
  const page = keeper.attach({
    tracer: createTracer({ name: "newest" }),
    timers: newest,
  });
  add({ trace: 1 });
  timers.advance(3);
  assert.deepEqual(idsOf("latest"), []);
  newest.advance(3);
  assert.deepEqual(idsOf("latest"), [1]);
  page[Symbol.dispose]();
  add({ trace: 2 });
  timers.advance(3);
  assert.deepEqual(idsOf("latest"), [2, 1]);
});

test("attach() follows published tracers, and forgets all after the last page", () => {
  const keeper = new TraceKeeper();
  const timers = new FakeTimers();
  const shop = createTracer({ name: "shop" });
  const stock = createTracer({ name: "stock" });
  const bus = createBus<RequestEvents>();
  const publishing = publishSpans(stock, bus);
  const first = keeper.attach({ tracer: shop, service: "the shop", timers });
  const second = keeper.attach({ tracer: shop.named("pg"), timers });
  shop.named("pg").start("query").end();
  stock.start("count").end();
  timers.advance(3);
  assert.deepEqual(
    keeper.traces("latest").map(({ services, records }) => [
      services[0],
      records[0]!.name,
    ]),
    [["stock", "count"], ["the shop", "query"]],
  );

  publishing[Symbol.dispose]();
  timers.advance(1);
  stock.start("count").end();
  assert.equal(keeper.stats.ended, 2);

  first[Symbol.dispose]();
  first[Symbol.dispose]();
  shop.start("order").end();
  assert.equal(keeper.stats.ended, 3);

  second[Symbol.dispose]();
  assert.equal(timers.pending, 0);
  assert.equal(shop.start("order").recording, false);
  const { spans, bytes, open } = keeper.stats;
  assert.deepEqual([spans, bytes, open], [0, 0, 0]);
});

test("traceKeeper() is one for all copies of the module in a process", () => {
  assert.equal(traceKeeper(), traceKeeper());
});
