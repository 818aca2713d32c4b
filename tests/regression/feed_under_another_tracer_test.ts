// With Deno's telemetry (OTEL_DENO=true), or a server span of any other tracer,
// the live feed had no requests at all: they are events of spans, and no second
// span is started. The feed now gets copies with the ids of the other spans.
import assert from "node:assert/strict";
import { test } from "node:test";
import { context, trace } from "@opentelemetry/api";
import { createRegistry, createTelemetry } from "../../mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";
import { foreignContexts, unregister } from "../otel/api.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

/** Calls `work` within a span of another tracer. */
async function withinSpan(
  traceFlags: number,
  work: () => Promise<unknown>,
): Promise<void> {
  context.setGlobalContextManager(foreignContexts());
  try {
    const other = { traceId: TRACE, spanId: SPAN, traceFlags };
    const active = trace.setSpan(
      context.active(),
      trace.wrapSpanContext(other),
    );
    await context.with(active, work);
  } finally {
    unregister();
  }
}

function setUp() {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const records: SpanRecord[] = [];
  telemetry.tracer.onEnd((record) => records.push(record));
  const app = telemetry.observe((request: Request) => {
    if (request.url.endsWith("/fail")) throw new Error("no such table");
    telemetry.tracer.run("query", () => {});
    return new Response("hi");
  }, { route: "/items/:id" });
  const events = () => {
    using subscription = telemetry.bus.subscribe({ after: 0 });
    const list: [string, Readonly<Record<string, unknown>>][] = [];
    for (let e = subscription.read(); e; e = subscription.read()) {
      if (e.gap === undefined) list.push([e.topic, { ...e.data }]);
    }
    return list;
  };
  return { telemetry, records, app, events };
}

test("the feed gets a request whose span another tracer has started", async () => {
  const { telemetry, records, app, events } = setUp();
  const headers = { traceparent: `00-${TRACE}-00f067aa0ba902ff-01` };
  await withinSpan(1, async () => {
    await app(new Request("http://localhost/items/7", { headers }));
  });
  const list = events();
  assert.deepEqual(list.map(([topic]) => topic), [
    "request.start",
    "span",
    "request.end",
  ]);
  const { durationMs: _, ...end } = list[2]![1];
  assert.deepEqual(end, {
    traceId: TRACE,
    spanId: SPAN,
    parentId: "00f067aa0ba902ff",
    endpoint: "GET /items/:id",
    transport: "rest",
    method: "GET",
    path: "/items/7",
    status: 200,
  });
  assert.equal(list[1]![1]["parentId"], SPAN);
  assert.deepEqual(records.map(({ name }) => name), ["query"], "not exported");
  await telemetry.close();
});

test("the feed gets the error of a request that another tracer traces", async () => {
  const { telemetry, app, events } = setUp();
  await withinSpan(1, async () => {
    await assert.rejects(
      async () => await app(new Request("http://localhost/fail")),
    );
  });
  const [topic, data] = events().at(-1)!;
  assert.equal(topic, "request.end");
  assert.equal(data["error"], "no such table");
  assert.equal(data["status"], 500);
  await telemetry.close();
});

test("the feed gets no request of an unsampled trace of another tracer", async () => {
  const { telemetry, records, app, events } = setUp();
  await withinSpan(0, async () => {
    await app(new Request("http://localhost/items/7"));
  });
  assert.deepEqual(events().filter(([topic]) => topic !== "span"), []);
  assert.deepEqual(records.filter(({ kind }) => kind === "server"), []);
  await telemetry.close();
});
