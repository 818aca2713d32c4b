/** Instrumentation that libraries publish for OpenTelemetry, into Barograph. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import { httpInstrumentationMiddleware } from "@hono/otel";
import { HostMetrics } from "@opentelemetry/host-metrics";
import { RuntimeNodeInstrumentation } from "@opentelemetry/instrumentation-runtime-node";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { PrismaInstrumentation } from "@prisma/instrumentation";
import { Hono } from "hono";
import { metricsHandler } from "../../src/http/mod.ts";
import { asOtelProvider } from "../../src/otel/mod.ts";
import { rejectionsOf } from "../metrics/fixtures.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";
import { traced } from "../trace/fixtures.ts";
import { ourContexts, register, unregister } from "./api.ts";
import { linesOf, meters, refreshed, warnings } from "./meters.ts";

const warned = warnings();

afterEach(unregister);

/** Returns the names of the families of some lines. */
function namesOf(lines: readonly string[]): Set<string> {
  return new Set(lines.map((line) => line.split(/[ {]/)[0]!));
}

function setUp() {
  const { registry, provider } = meters();
  const { tracer, spans } = traced();
  return {
    registry,
    spans,
    tracer,
    meterProvider: provider as MeterProvider,
    tracerProvider: asOtelProvider(tracer) as TracerProvider,
  };
}

test("host-metrics reports processor, memory and network", async () => {
  const { registry, meterProvider } = setUp();
  new HostMetrics({ meterProvider }).start();
  const handler = metricsHandler(registry, { timeout: 30 });
  for (let pass = 0; pass < 2; pass++) {
    const response = await handler(new Request("http://a.test/metrics"));
    await response.text();
  }
  const names = namesOf(await refreshed(registry));
  for (
    const name of [
      "system_cpu_time_seconds_total",
      "system_cpu_utilization",
      "system_memory_usage",
      "process_cpu_time_seconds_total",
      "process_memory_usage",
    ]
  ) assert.ok(names.has(name), `${name} is among ${[...names]}`);
  assert.deepEqual(warned, []);
});

test("instrumentation-runtime-node reports the event loop and the heap", async () => {
  const { registry, meterProvider } = setUp();
  const instrumentation = new RuntimeNodeInstrumentation({
    enabled: false,
    monitoringPrecision: 10,
  });
  instrumentation.setMeterProvider(meterProvider);
  instrumentation.enable();
  const lines = await refreshed(registry);
  instrumentation.disable();
  const names = namesOf(lines);
  for (
    const name of [
      "nodejs_eventloop_utilization_ratio",
      "nodejs_eventloop_time_seconds_total",
      "v8js_memory_heap_used_bytes",
    ]
  ) assert.ok(names.has(name), `${name} is among ${[...names]}`);
  assert.deepEqual(warned, []);
  assert.equal(Object.values(rejectionsOf(registry)).some(Boolean), false);
});

test(
  "instrumentation-undici measures and traces fetch",
  skippedUnless(RUNTIME === "node", "only Node publishes what undici does"),
  async () => {
    const { registry, meterProvider, tracerProvider, spans } = setUp();
    const instrumentation = new UndiciInstrumentation();
    instrumentation.setMeterProvider(meterProvider);
    instrumentation.setTracerProvider(tracerProvider);
    instrumentation.enable();
    const server = createServer((_, response) => void response.end("hello"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    try {
      const { port } = server.address() as AddressInfo;
      await (await fetch(`http://127.0.0.1:${port}/path`)).text();
    } finally {
      server.close();
      instrumentation.disable();
    }
    const count = linesOf(registry).find((line) =>
      line.startsWith("http_client_request_duration_seconds_count")
    );
    assert.match(count!, /http_request_method="GET".*\} 1$/);
    assert.deepEqual(spans.map(({ name, kind }) => [name, kind]), [
      ["GET", "client"],
    ]);
  },
);

test("@hono/otel measures and traces requests", async () => {
  const { registry, meterProvider, tracerProvider, spans } = setUp();
  const app = new Hono();
  app.use(httpInstrumentationMiddleware({ meterProvider, tracerProvider }));
  app.get("/users/:id", (c) => c.text("hello"));
  await (await app.request("/users/7")).text();
  const lines = linesOf(registry);
  assert.ok(
    lines.includes('http_server_active_requests{http_request_method="GET"} 0'),
  );
  assert.ok(
    lines.includes(
      "http_server_request_duration_seconds_count" +
        '{http_request_method="GET",http_response_status_code="200",' +
        'http_route="/users/:id"} 1',
    ),
    lines.join("\n"),
  );
  assert.deepEqual(spans.map(({ name }) => name), ["GET /users/:id"]);
});

test("@prisma/instrumentation traces queries through its helper", () => {
  const { tracer, tracerProvider, spans } = setUp();
  register(tracer, ourContexts());
  const instrumentation = new PrismaInstrumentation();
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.enable();
  const { PRISMA_INSTRUMENTATION } = globalThis as unknown as {
    PRISMA_INSTRUMENTATION: {
      helper: {
        isEnabled(): boolean;
        getTraceParent(): string;
        runInChildSpan<R>(options: object, work: () => R): R;
      };
    };
  };
  const { helper } = PRISMA_INSTRUMENTATION;
  assert.equal(helper.isEnabled(), true);
  const parent = tracer.run("request", () =>
    helper.runInChildSpan(
      { name: "operation", attributes: { model: "User" } },
      () => helper.getTraceParent(),
    ));
  instrumentation.disable();
  const [query, request] = spans;
  assert.equal(query?.name, "prisma:client:operation");
  assert.equal(query?.attributes["model"], "User");
  assert.equal(query?.parentSpanId, request?.context.spanId);
  assert.equal(
    parent,
    `00-${query?.context.traceId}-${query?.context.spanId}-01`,
  );
});
