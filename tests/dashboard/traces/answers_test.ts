/** JSON of traces: summaries, causes, histograms, filters, redaction. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  traceAnswer,
  traceList,
  traceQuery,
  type TraceView,
} from "../../../src/dashboard/traces/answers.ts";
import { causeOf } from "../../../src/dashboard/traces/cause_of.ts";
import { TraceKeeper } from "../../../src/dashboard/traces/keeper.ts";
import { durationText } from "../../../src/dashboard/traces/words.ts";
import type { SpanRecord } from "../../../src/trace/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { createTracer } from "../../../src/trace/mod.ts";
import { idOf, recordOf, requestOf, type SpanInit } from "./records.ts";

const VIEW: TraceView = {
  requests: {
    name: "http_request_duration_seconds",
    labels: ["method", "route", "status_class"],
  },
  calls: {
    name: "http_client_request_duration_seconds",
    labels: ["method", "peer", "outcome"],
  },
};

function keeperOf(...records: SpanRecord[]): TraceKeeper {
  const keeper = new TraceKeeper();
  const timers = new FakeTimers();
  keeper.attach({ tracer: createTracer({ name: "silent" }), timers });
  for (const record of records) keeper.add(record, "shop");
  timers.advance(61);
  return keeper;
}

function callOf(init: SpanInit): SpanRecord {
  return recordOf({
    name: "POST payments",
    kind: "client",
    ...init,
    attributes: { "http.request.method": "POST", ...init.attributes },
  });
}

/** An order of 1.53 s that calls payments twice in vain. */
function failedOrder(trace = 0): SpanRecord[] {
  const error = "No answer within 500 ms";
  return [
    recordOf({ trace, span: 1, parent: 0, name: "db.load", end: 1000.005 }),
    callOf({ trace, span: 3, parent: 2, start: 1000.1, end: 1000.6, error }),
    callOf({ trace, span: 4, parent: 2, start: 1000.7, end: 1001.2, error }),
    recordOf({
      trace,
      span: 2,
      parent: 0,
      name: "payment",
      start: 1000.1,
      end: 1001.5,
      error: "gave up",
    }),
    requestOf("POST", "/orders", 502, { trace, end: 1001.53, error: "502" }),
  ];
}

function listOf(keeper: TraceKeeper, search: string, view = VIEW) {
  return traceList(
    keeper,
    traceQuery(new URLSearchParams(search)),
    view,
    "epoch",
  );
}

test("traceList() summarizes a failed trace by the error that ended last", () => {
  const { traces, ...rest } = listOf(
    keeperOf(...failedOrder()),
    "list=failed",
  );
  assert.deepEqual(traces, [{
    id: idOf(0, 32),
    root: "POST /orders",
    service: "shop",
    method: "POST",
    route: "/orders",
    status: 502,
    start: 1000,
    ms: 1530,
    failed: true,
    cause: "payments: No answer within 500 ms",
    spans: 5,
  }]);
  assert.deepEqual(rest.counts, { latest: 1, slowest: 1, failed: 1 });
  assert.equal(rest.list, "failed");
  assert.equal(rest.lost, 0);
});

test("traceList() names the span with most own time of other traces", () => {
  const keeper = keeperOf(
    requestOf("GET", "/search", 200, { end: 1003 }),
    recordOf({
      span: 1,
      parent: 0,
      name: "db.search",
      start: 1000.02,
      end: 1002.98,
    }),
    requestOf("GET", "/", 200, { trace: 1, end: 1000.0466 }),
  );
  assert.deepEqual(
    listOf(keeper, "list=slowest").traces.map(({ cause }) => cause),
    ["db.search 2.96 s", "own time 46.6 ms"],
  );
});

test("traceList() filters by route and by text, whatever is asked for", () => {
  const keeper = keeperOf(
    ...failedOrder(),
    requestOf("GET", "/search", 200, { trace: 1 }),
  );
  const count = (search: string) => listOf(keeper, search).traces.length;
  assert.equal(count(""), 2);
  assert.equal(count("list=nonsense"), 2);
  assert.equal(count("route=GET /search"), 1);
  assert.equal(count("route=GET /searc"), 0);
  assert.equal(count("text=NO ANSWER"), 1);
  assert.equal(count("text=/SEARCH"), 1);
  assert.equal(count(`text=${idOf(1, 32)}`), 1);
  assert.equal(count(`text=${"x".repeat(100_000)}`), 0);
  assert.equal(
    traceQuery(new URLSearchParams({ text: "x".repeat(1e5) }))
      .text.length,
    256,
  );
});

test("traceAnswer() has own times, and times since the start of the trace", () => {
  const answer = traceAnswer(keeperOf(...failedOrder()), idOf(0, 32), VIEW)!;
  assert.deepEqual(
    answer.all.map(({ name, startMs, ms, ownMs, failed }) => [
      name,
      startMs,
      ms,
      ownMs,
      failed,
    ]),
    [
      ["db.load", 0, 5, 5, false],
      ["POST payments", 100, 500, 500, true],
      ["POST payments", 700, 500, 500, true],
      ["payment", 100, 1400, 400, true],
      ["POST /orders", 0, 1530, 125, true],
    ],
  );
  assert.equal(answer.lost, 0);
  assert.equal(traceAnswer(keeperOf(), idOf(0, 32), VIEW), undefined);
});

test("traceAnswer() names the histogram of requests and calls by their labels", () => {
  const keeper = keeperOf(...failedOrder());
  const counted = (view: TraceView) =>
    traceAnswer(keeper, idOf(0, 32), view)!.all.map((span) => span.countedIn);
  assert.deepEqual(counted(VIEW), [
    null,
    {
      family: "http_client_request_duration_seconds",
      labels: { method: "POST", peer: "payments" },
    },
    {
      family: "http_client_request_duration_seconds",
      labels: { method: "POST", peer: "payments" },
    },
    null,
    {
      family: "http_request_duration_seconds",
      labels: { method: "POST", route: "/orders", status_class: "5xx" },
    },
  ]);
  const dotted = ["http.request.method", "http.route", "unheard.of"];
  assert.deepEqual(
    counted({ requests: { name: "d", labels: dotted }, calls: null })[4],
    {
      family: "d",
      labels: { "http.request.method": "POST", "http.route": "/orders" },
    },
  );
  assert.deepEqual(
    counted({ ...VIEW, service: "stock" }),
    [null, null, null, null, null],
    "another registry counts the spans of another service",
  );
  assert.deepEqual(counted({ ...VIEW, service: "shop" }), counted(VIEW));
  assert.deepEqual(
    counted({ requests: null, calls: null }),
    [null, null, null, null, null],
  );
});

test("methods and routes outside of the closed sets are those of the metrics", () => {
  const { method, route } = listOf(
    keeperOf(
      recordOf({
        kind: "server",
        attributes: { "http.request.method": "_OTHER" },
      }),
    ),
    "",
  ).traces[0]!;
  assert.deepEqual([method, route], ["OTHER", "unknown"]);
});

test("nothing that redact() hides is shown, or decides what a filter finds", () => {
  const keeper = keeperOf(
    ...failedOrder(),
    requestOf("GET", "/secret", 200, { trace: 1 }),
  );
  const view: TraceView = {
    ...VIEW,
    redact: (span) => {
      if (span.name === "GET /secret") throw new Error("fails closed");
      if (span.name === "db.load") return undefined;
      return { ...span, status: { ...span.status, message: "hidden" } };
    },
  };
  assert.equal(traceAnswer(keeper, idOf(1, 32), view), undefined);
  const json = JSON.stringify([
    listOf(keeper, "", view),
    traceAnswer(keeper, idOf(0, 32), view),
  ]);
  assert.ok(!/secret|db\.load|No answer/.test(json));
  assert.equal(listOf(keeper, "text=No answer", view).traces.length, 0);
  assert.equal(
    causeOf(keeper, "POST /orders", "failing", view),
    "payments: hidden",
  );
});

test("causeOf() knows the most frequent error, and the span with most time", () => {
  const alike = keeperOf(...[0, 1, 2].flatMap(failedOrder));
  assert.equal(
    causeOf(alike, "POST /orders", "failing", VIEW),
    "payments: No answer within 500 ms, in all 3 failed traces",
  );
  const keeper = keeperOf(
    ...[0, 1, 2].flatMap(failedOrder),
    requestOf("POST", "/orders", 500, { trace: 3, error: "out of stock" }),
    ...[4, 5].flatMap((trace) => [
      requestOf("GET", "/search", 200, { trace, end: 1010 }),
      recordOf({ trace, span: 1, parent: 0, name: "db.search", end: 1009 }),
    ]),
    // Failures are no part of what is slow.
    requestOf("GET", "/search", 500, { trace: 6, end: 9000, error: "timeout" }),
    requestOf("GET", "/one", 200, { trace: 7, end: 1010 }),
    recordOf({ trace: 7, span: 1, parent: 0, name: "db.one", end: 1010 }),
  );
  assert.equal(
    causeOf(keeper, "POST /orders", "failing", VIEW),
    "payments: No answer within 500 ms, in 3 of 4 failed traces",
  );
  assert.equal(
    causeOf(keeper, "GET /search", "slow", VIEW),
    "90 % of the time of its 2 slowest traces is in db.search",
  );
  assert.equal(
    causeOf(keeper, "GET /one", "slow", VIEW),
    "Nearly all of the time of its slowest trace is in db.one",
  );
  assert.equal(
    causeOf(keeper, "GET /search", "failing", VIEW),
    "timeout",
  );
  assert.equal(causeOf(keeper, "GET /one", "failing", VIEW), "");
  assert.equal(causeOf(keeper, "GET /other", "slow", VIEW), "");
  assert.equal(causeOf(keeper, "GET /search", "loop", VIEW), "");
});

test("a trace of parents in a circle has a cause", () => {
  const { cause } = listOf(
    keeperOf(
      recordOf({ span: 0, parent: 1, error: "a" }),
      recordOf({ span: 1, parent: 0, error: "b" }),
    ),
    "",
  ).traces[0]!;
  assert.match(cause, /work: [ab]|^[ab]$/);
});

test("durationText() has three digits", () => {
  assert.deepEqual(
    [2.96, 0.0466, 0.5, 0.00024, 61.5, 0, 312].map(durationText),
    ["2.96 s", "46.6 ms", "500 ms", "240 µs", "61.5 s", "0.00 µs", "312 s"],
  );
});
