// globalThis.fetch = telemetry.fetch() called itself for ever. With the original
// given, the exporter traced its own posts, and each post caused the next one.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Fetch, instrumentFetch } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { spanExporter } from "../../src/push/mod.ts";
import { FakeTimers, valueOf } from "../../src/testing/mod.ts";
import { createTracer, type SpanRecord } from "../../src/trace/mod.ts";

const original = globalThis.fetch;
afterEach(() => void (globalThis.fetch = original));

/** Replaces the global `fetch` by one that answers; returns its calls. */
function stubFetch(): string[] {
  const called: string[] = [];
  globalThis.fetch = (input) => {
    called.push(String(input));
    return Promise.resolve(new Response("{}"));
  };
  return called;
}

const AT = { method: "GET", peer: "unknown", outcome: "2xx" };
const REQUESTS = "http_client_requests_total";

test("an instrumented fetch can replace the global one", async () => {
  const called = stubFetch();
  const registry = createRegistry();
  globalThis.fetch = createTelemetry({ registry }).fetch();
  const response: Response = await fetch("http://a.example/");
  assert.equal(await response.text(), "{}");
  assert.deepEqual(called, ["http://a.example/"]);
  assert.equal(valueOf(registry, REQUESTS, AT), 1);
});

test("an instrumented fetch that another library wraps does not call itself", async () => {
  const called = stubFetch();
  globalThis.fetch = instrumentFetch({ registry: createRegistry() });
  const inner = globalThis.fetch;
  globalThis.fetch = (...args) => inner(...args);
  await fetch("http://a.example/");
  assert.equal(called.length, 1);
});

test("of instrumented fetches that wrap each other, the outermost counts a call", async () => {
  stubFetch();
  const inner = createRegistry();
  globalThis.fetch = instrumentFetch({ registry: inner });
  for (const fetch of [undefined, globalThis.fetch]) {
    const registry = createRegistry();
    await instrumentFetch({ registry, fetch })("http://a.example/");
    assert.equal(valueOf(registry, REQUESTS, AT), 1);
  }
  assert.equal(valueOf(inner, REQUESTS, AT), undefined);
});

test("a function that inherits from an instrumented fetch is not one itself", async () => {
  stubFetch();
  const inner = createRegistry();
  const wrapped = instrumentFetch({ registry: inner });
  const foreign: Fetch = (...args) => wrapped(...args);
  Object.setPrototypeOf(foreign, wrapped);
  const registry = createRegistry();
  await instrumentFetch({ registry, fetch: foreign })("http://a.example/");
  assert.equal(valueOf(inner, REQUESTS, AT), 1);
});

test("an instrumented fetch has the further properties of the bare one", () => {
  const preconnect = (): void => {};
  const bare: Fetch = () => Promise.resolve(new Response());
  const registry = createRegistry();
  const fetch = instrumentFetch({
    registry,
    fetch: Object.assign(bare, { preconnect }),
  });
  assert.equal((fetch as { preconnect?: unknown }).preconnect, preconnect);
  assert.ok(fetch instanceof Function);
});

test("posts of the exporter are neither traced nor counted", async () => {
  for (const isForeign of [false, true]) {
    const called = stubFetch();
    const registry = createRegistry();
    const telemetry = createTelemetry({
      registry,
      timers: new FakeTimers(),
      collector: "http://collector.example/",
    });
    globalThis.fetch = telemetry.fetch();
    if (isForeign) {
      const inner = globalThis.fetch;
      globalThis.fetch = (...args) => inner(...args);
    }
    await telemetry.tracer.run("work", () => fetch("http://a.example/"));
    assert.equal(await telemetry.close(), true);
    assert.deepEqual(called, [
      "http://a.example/",
      "http://collector.example/v1/traces",
    ]);
    assert.equal(telemetry.tracer.stats().recorded, 2);
    const posts = { ...AT, method: "POST" };
    assert.equal(valueOf(registry, REQUESTS, posts), undefined);
    globalThis.fetch = original;
  }
});

test("a listener of spans may call an instrumented fetch", async () => {
  const called = stubFetch();
  const tracer = createTracer({ name: "t" });
  const call = instrumentFetch({ registry: createRegistry(), tracer });
  const ended: SpanRecord[] = [];
  const started: string[] = [];
  let sent = Promise.resolve();
  const post = async (when: string): Promise<void> => {
    await call(`http://collector.example/${when}`);
  };
  tracer.onStart(() => void started.push("start"));
  tracer.onEnd((record) => {
    ended.push(record);
    sent = (async () => {
      await post("at-once");
      await Promise.resolve();
      await tracer.run("nested", () => post("later"));
    })();
  });
  tracer.run("work", () => {});
  await sent;
  assert.deepEqual(ended.map(({ name }) => name), ["work"]);
  assert.equal(started.length, 1);
  assert.equal(called.length, 2);
});

test("an exporter does not trace its posts, whoever flushes and wraps fetch", async () => {
  const called = stubFetch();
  const tracer = createTracer({ name: "shop" });
  const inner = instrumentFetch({ registry: createRegistry(), tracer });
  globalThis.fetch = (...args) => inner(...args); // another library's wrapper
  const timers = new FakeTimers();
  const exporter = spanExporter({
    endpoint: "http://collector:4318",
    timers,
    signals: false,
  });
  const names: string[] = [];
  tracer.onEnd((record: SpanRecord) => {
    names.push(record.name);
    exporter.export(record);
  });
  await tracer.run("checkout", () => fetch("http://a.example/"));
  assert.equal(await exporter.flush(), true);
  assert.equal(called.length, 2);
  assert.deepEqual(names.sort(), ["GET", "checkout"]);
  await exporter.shutdown();
});
