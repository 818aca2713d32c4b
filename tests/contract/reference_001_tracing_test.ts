/** The tracing checks of reference 001: requests of a platform. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import { initTracing } from "../../src/telemetry/mod.ts";
import {
  createTracer,
  inject,
  spanFromContext,
  type SpanRecord,
} from "../../src/trace/mod.ts";
import { needsSockets, serve } from "../runtimes/server.ts";

const CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("001.6 a streaming response is counted before its body ends", async () => {
  const registry = createRegistry();
  let end!: () => void;
  const handler = instrumentHandler(
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("first"));
            end = () => controller.close();
          },
        }),
      ),
    { registry, route: "/stream" },
  );
  const server = serve(handler);
  try {
    const response = await fetch(server.url);
    const reader = response.body!.getReader();
    await reader.read();
    const at = { method: "GET", route: "/stream", status_class: "2xx" };
    assert.equal(valueOf(registry, "http_requests_total", at), 1);
    end();
    assert.equal((await reader.read()).done, true);
  } finally {
    await server.stop();
  }
});

test("001.10 without an endpoint no span is recorded, and contexts are propagated", async () => {
  const tracing = initTracing("", { service: "blockyard" });
  assert.equal(tracing.exporter, undefined);
  const headers = new Headers();
  let recording: boolean | undefined;
  const handler = instrumentHandler(() => {
    recording = spanFromContext()?.recording;
    inject(headers);
    return new Response();
  }, { registry: createRegistry(), tracer: tracing.tracer });
  handler(
    new Request("http://localhost/", {
      headers: { traceparent: CALLER, baggage: "tenant=blue" },
    }),
  );
  assert.equal(recording, false);
  assert.equal(headers.get("traceparent"), CALLER);
  assert.equal(headers.get("baggage"), "tenant=blue");
  assert.deepEqual(tracing.tracer.stats(), {
    recorded: 0,
    unsampled: 0,
    ended: 0,
    failures: 0,
    dropped: { invalid: 0, limit: 0, late: 0 },
  });
  assert.equal(await tracing.shutdown(), true);
});

test("001.13 a span has method, route and status", async () => {
  const tracer = createTracer({ name: "blockyard" });
  const spans: SpanRecord[] = [];
  tracer.onEnd((span) => void spans.push(span));
  const registry = createRegistry();
  const answer = (request: Request) =>
    new Response(null, { status: request.url.endsWith("/500") ? 500 : 200 });
  const routed = instrumentHandler(answer, {
    registry,
    tracer,
    route: "/test/{id}",
  });
  const bare = instrumentHandler(answer, { registry, tracer });
  const server = serve((request) =>
    request.url.endsWith("/bare") ? bare(request) : routed(request)
  );
  try {
    for (const path of ["/test/123", "/test/500", "/bare"]) {
      await (await fetch(server.url + path)).text();
    }
  } finally {
    await server.stop();
  }
  const ended = spans.map(({ name, attributes, status }) => [
    name,
    attributes["http.request.method"],
    attributes["http.route"],
    attributes["http.response.status_code"],
    status.code,
  ]);
  assert.deepEqual(ended, [
    ["GET /test/{id}", "GET", "/test/{id}", 200, "unset"],
    ["GET /test/{id}", "GET", "/test/{id}", 500, "error"],
    // The reference has an empty route; OpenTelemetry forbids the attribute.
    ["GET", "GET", undefined, 200, "unset"],
  ]);
});

test(
  "001.14 a WebSocket upgrade passes through and counts as 1xx",
  needsSockets(),
  async () => {
    const registry = createRegistry();
    const tracer = createTracer();
    const spans: SpanRecord[] = [];
    tracer.onEnd((span) => void spans.push(span));
    const server = serve(
      instrumentHandler(
        (request: Request, extra?: unknown) => server.upgrade(request, extra),
        { registry, tracer, route: "/ws" },
      ),
    );
    try {
      const socket = new WebSocket(server.url.replace("http", "ws"));
      const echo = await new Promise((resolve, reject) => {
        socket.onopen = () => socket.send("hello");
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = reject;
      });
      assert.equal(echo, "hello");
      await new Promise((resolve) => {
        socket.onclose = resolve;
        socket.close();
      });
    } finally {
      await server.stop();
    }
    const at = { method: "GET", route: "/ws", status_class: "1xx" };
    assert.equal(valueOf(registry, "http_requests_total", at), 1);
    assert.equal(spans[0]?.attributes["http.response.status_code"], 101);
  },
);
