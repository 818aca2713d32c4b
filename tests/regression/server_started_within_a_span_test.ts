// On Bun, requests run in the context in which their server was started. If that
// was within a span of another tracer, no request got a span.
import assert from "node:assert/strict";
import { test } from "node:test";
import { context, trace } from "@opentelemetry/api";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTracer, type SpanRecord } from "../../src/trace/mod.ts";
import { foreignContexts, unregister } from "../otel/api.ts";

test("instrumentHandler() creates a span within an ended span of another tracer", async () => {
  const tracer = createTracer({ name: "shop" });
  const spans: SpanRecord[] = [];
  tracer.onEnd((record) => spans.push(record));
  const options = { registry: createRegistry(), tracer };
  const handler = instrumentHandler(() => new Response(), options);
  context.setGlobalContextManager(foreignContexts());
  try {
    const boot = Object.assign(
      trace.wrapSpanContext({
        traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        spanId: "00f067aa0ba902b7",
        traceFlags: 1,
      }),
      { ended: false }, // as spans of OpenTelemetry's SDK have it
    );
    await context.with(trace.setSpan(context.active(), boot), async () => {
      await handler(new Request("http://localhost/"));
      assert.deepEqual(spans, []);
      boot.ended = true;
      await handler(new Request("http://localhost/"));
    });
  } finally {
    unregister();
  }
  assert.deepEqual(spans.map(({ kind }) => kind), ["server"]);
});
