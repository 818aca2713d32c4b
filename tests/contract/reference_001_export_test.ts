/** The export checks of reference 001: spans to a collector, or to none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { otlpUrl } from "../../src/push/otlp/endpoint.ts";
import { initTracing } from "../../src/telemetry/mod.ts";
import { type Sent, sentBy } from "../push/fixtures.ts";
import { serve } from "../runtimes/server.ts";

const timeout = 120_000;

test("001.11 an unreachable collector neither fails nor delays the work", {
  timeout,
}, async () => {
  // Nothing listens on the port of a stopped server.
  const stopped = serve(() => new Response());
  await stopped.stop();
  const tracing = initTracing(`localhost:${stopped.port}`, {
    service: "blockyard",
  });
  tracing.tracer.run("work", () => {});
  const start = performance.now();
  assert.equal(await tracing.shutdown(0.2), false);
  assert.ok(performance.now() - start < 5000);
  assert.equal(tracing.exporter?.stats().lost, 1);
  assert.equal(await tracing.shutdown(), false);
});

test("001.11 shutdown exports the pending spans", {
  timeout,
}, async () => {
  const sent: Sent[] = [];
  const server = serve(async (request) => {
    const { url, headers } = request;
    sent.push(await sentBy(url, { headers, body: await request.blob() }));
    return new Response();
  });
  try {
    const tracing = initTracing(`127.0.0.1:${server.port}`, {
      service: "blockyard",
      version: "0.3",
    });
    tracing.tracer.run("first", () => {});
    tracing.tracer.run("second", () => {});
    assert.equal(await tracing.shutdown(), true);
  } finally {
    await server.stop();
  }
  assert.equal(new URL(sent[0]!.url).pathname, "/v1/traces");
  const { resource, spans } = sent[0]!.export;
  assert.equal(resource["service.name"], "blockyard");
  assert.equal(resource["service.version"], "0.3");
  assert.deepEqual(spans.map(({ name }) => name), ["first", "second"]);
});

test("001.12 the default scheme is http for private hosts, https for others", () => {
  const table = {
    "http://x:4318": "http://x:4318/v1/traces",
    "localhost:4318": "http://localhost:4318/v1/traces",
    "127.0.0.1:4318": "http://127.0.0.1:4318/v1/traces",
    "[::1]:4318": "http://[::1]:4318/v1/traces",
    "LOCALHOST": "http://localhost/v1/traces",
    "collector:4318": "http://collector:4318/v1/traces",
    "localhost.example": "https://localhost.example/v1/traces",
    "127.0.0.1.example:1": "https://127.0.0.1.example:1/v1/traces",
    "http:/localhost:4318": "http://localhost:4318/v1/traces",
    "HTTP://X:4318": "http://x:4318/v1/traces",
    "[::1]": "http://[::1]/v1/traces",
    "localhost/otlp": "http://localhost/otlp/v1/traces",
    "http://x:4318/v1/traces": "http://x:4318/v1/traces",
    "https://x": "https://x/v1/traces",
    "https://x/": "https://x/v1/traces",
    "https://x/otlp?k=v": "https://x/otlp/v1/traces?k=v",
    " http://x#part ": "http://x/v1/traces",
  };
  for (const [endpoint, url] of Object.entries(table)) {
    assert.equal(otlpUrl(endpoint, "traces").url.href, url);
  }
});
