// record() in a streamed body, or in work that outlives the response, was silently
// lost: the span of the request had ended. So were events and attributes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exposeTracer } from "../../src/bridge/mod.ts";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import {
  alwaysOff,
  createTracer,
  NO_BAGGAGE,
  record,
  withSpan,
} from "../../src/trace/mod.ts";
import { SPAN_ID, TRACE_ID, traced } from "../trace/fixtures.ts";

test("record() below an ended span makes a child of it", async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const names: string[] = [];
  const parents = new Set<string>();
  telemetry.tracer.onEnd(({ name, parentSpanId }) => {
    names.push(name);
    parents.add(parentSpanId);
  });
  const app = telemetry.observe(() => {
    setTimeout(() => record("background", 0), 0);
    let chunks = 0;
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        record("stream", 0);
        controller.enqueue(new Uint8Array(1));
        if (++chunks === 3) controller.close();
      },
    });
    return new Response(body);
  }, { route: "/" });
  await (await app(new Request("http://localhost/"))).text();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(names.sort(), [
    "GET /",
    "background",
    ...Array(3).fill("stream"),
  ]);
  assert.equal(parents.size, 2, "none, and the request");
  await telemetry.close();
});

test("record() below an unsampled span does nothing", () => {
  const tracer = createTracer({ sampler: alwaysOff });
  tracer.onEnd(() => {});
  const span = tracer.start("work");
  span.end();
  withSpan(span, NO_BAGGAGE, () => record("child", 0));
  assert.equal(tracer.stats().unsampled, 1);
});

test("changes to an ended span are counted", () => {
  const { tracer, spans } = traced();
  const registry = createRegistry({ selfMetrics: false });
  using _ = exposeTracer(registry, tracer);
  const span = tracer.start("work");
  span.end();
  const context = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    sampled: true,
    traceState: "",
  };
  span.setAttribute("a", 1).setAttributes({ a: 1, b: 2 }).addEvent("e")
    .addLink(context).recordException(new Error()).setStatus("ok")
    .updateName("late").end();
  assert.deepEqual(tracer.stats().dropped, { invalid: 0, limit: 0, late: 8 });
  const text = new TextDecoder().decode(expose(registry, prometheusText));
  assert.match(
    text,
    /^barograph_span_changes_dropped_total\{reason="late"\} 8$/m,
  );
  assert.equal(spans[0]!.dropped.attributes, 0);
});

test("exemplars of work after the response are no changes to its span", () => {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry });
  const { tracer } = telemetry;
  const counter = registry.counter({ name: "late_total", help: "Late." });
  tracer.run("work", (span) => {
    span.end();
    counter.inc();
  });
  assert.equal(tracer.stats().dropped.late, 0);
});
