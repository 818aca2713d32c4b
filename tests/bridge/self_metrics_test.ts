/** Metrics of bus, tracer and exporter; failed scrapes as events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  exposeBus,
  exposeExporter,
  exposePusher,
  exposeTracer,
  publishScrapes,
  type ScrapeEvents,
} from "../../src/bridge/mod.ts";
import { type BusEvent, createBus } from "../../src/bus/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { lint, valueOf } from "../../src/testing/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";

function hasFamily(registry: Registry, name: string): boolean {
  return registry.descs.some((desc) => desc.name === name);
}

test("exposeBus() exposes the counts of a bus until disposed", () => {
  const registry = createRegistry();
  const bus = createBus<{ a: number; b: number }>({ capacity: 3 });
  const exposed = exposeBus(registry, bus);
  using _ = bus.subscribe({ buffer: 1 });
  for (let i = 0; i < 4; i++) bus.publish("a", i);
  bus.publish("b", 1);
  const value = (name: string, labels = {}) =>
    valueOf(registry, `barograph_${name}`, labels);
  assert.equal(value("events_published_total", { topic: "a" }), 4);
  assert.equal(value("events_published_total", { topic: "b" }), 1);
  assert.equal(value("events_evicted_total"), 2);
  assert.equal(value("events_missed_total"), 4);
  assert.equal(value("event_subscribers"), 1);
  assert.equal(value("events_kept"), 3);
  assert.equal(value("events_capacity"), 3);
  bus.publish("a", 1);
  assert.equal(value("events_published_total", { topic: "a" }), 5);
  assert.deepEqual([...lint(registry)], []);
  exposed[Symbol.dispose]();
  assert.ok(!hasFamily(registry, "barograph_events_kept"));
});

test("exposeBus() sums the buses of equal scopes", () => {
  const registry = createRegistry();
  const scope = () =>
    registry.scope({ prefix: "p_", labels: { region: "eu" } });
  const buses = [createBus<{ a: number }>(), createBus<{ a: number }>()];
  const exposed = buses.map((bus) => {
    bus.publish("a", 1);
    return exposeBus(scope(), bus);
  });
  const published = () =>
    valueOf(registry, "p_barograph_events_published_total", {
      region: "eu",
      topic: "a",
    });
  assert.equal(published(), 2);
  exposed[1]![Symbol.dispose]();
  buses[0]!.publish("a", 1);
  assert.equal(published(), 3);
  exposed[0]![Symbol.dispose]();
  assert.ok(!hasFamily(registry, "p_barograph_events_kept"));
});

test("exposeTracer() exposes the counts of a tracer until disposed", () => {
  const registry = createRegistry();
  let sampled = true;
  const tracer = createTracer({ sampler: () => sampled });
  const exposed = exposeTracer(registry, tracer);
  tracer.onEnd(() => {
    throw new Error("listener");
  });
  tracer.start("a").end();
  tracer.start("open");
  sampled = false;
  tracer.start("b").end();
  const value = (name: string, labels = {}) =>
    valueOf(registry, `barograph_${name}`, labels);
  assert.equal(value("spans_started_total", { sampled: "true" }), 2);
  assert.equal(value("spans_started_total", { sampled: "false" }), 1);
  assert.equal(value("spans_ended_total"), 1);
  assert.equal(value("trace_failures_total"), 1);
  assert.deepEqual([...lint(registry)], []);
  exposed[Symbol.dispose]();
  assert.ok(!hasFamily(registry, "barograph_spans_ended_total"));
});

test("exposeExporter() exposes the counts of an exporter until disposed", () => {
  const registry = createRegistry();
  const exposed = exposeExporter(registry, {
    stats: () => ({
      queued: 1,
      exported: 2,
      lost: 3,
      rejected: 4,
      retries: 5,
    }),
  });
  const value = (name: string) => valueOf(registry, `barograph_${name}`);
  assert.equal(value("spans_queued"), 1);
  assert.equal(value("spans_exported_total"), 2);
  assert.equal(value("spans_lost_total"), 3);
  assert.equal(value("spans_rejected_total"), 4);
  assert.equal(value("span_export_retries_total"), 5);
  assert.deepEqual([...lint(registry)], []);
  exposed[Symbol.dispose]();
  assert.ok(!hasFamily(registry, "barograph_spans_queued"));
});

test("exposeExporter() and exposePusher() have other names for other items", () => {
  const registry = createRegistry();
  const counts = { queued: 1, exported: 2, lost: 3, rejected: 4 };
  const pushes = { queued: 9, exported: 9, lost: 9, rejected: 9, retries: 5 };
  using _logs = exposeExporter(registry, {
    stats: () => ({ ...counts, retries: 5 }),
  }, "logs");
  using _points = exposePusher(registry, {
    stats: () => ({ ...pushes, points: counts }),
  });
  const value = (name: string) => valueOf(registry, `barograph_${name}`);
  for (const items of ["logs", "points"]) {
    assert.equal(value(`${items}_queued`), 1);
    assert.equal(value(`${items}_exported_total`), 2);
    assert.equal(value(`${items}_lost_total`), 3);
    assert.equal(value(`${items}_rejected_total`), 4);
    assert.equal(value(`${items.slice(0, -1)}_export_retries_total`), 5);
  }
  assert.deepEqual([...lint(registry)], []);
});

test("exposeBus() called twice exposes the last bus", () => {
  const registry = createRegistry();
  const [first, second] = [createBus(), createBus()];
  const exposed = exposeBus(registry, first);
  using _ = exposeBus(registry, second);
  exposed[Symbol.dispose]();
  second.publish("a", 1);
  assert.equal(valueOf(registry, "barograph_events_kept"), 1);
});

test("publishScrapes() publishes a source that failed", async () => {
  const registry = createRegistry();
  const bus = createBus<ScrapeEvents>();
  registry.add({
    descs: [],
    name: "disks",
    collect() {
      throw new Error("gone");
    },
  } as never);
  const metrics = metricsHandler(registry, { observer: publishScrapes(bus) });
  const scrape = () => metrics(new Request("http://localhost/metrics"));
  assert.equal((await scrape()).status, 200);
  using all = bus.subscribe({ after: 0 });
  const event = all.read() as BusEvent<ScrapeEvents, "source.failed">;
  assert.equal(event.topic, "source.failed");
  assert.equal(event.data.error, "gone");
  assert.equal(all.read(), undefined);
});

test("publishScrapes() publishes a scrape that was refused", async () => {
  const registry = createRegistry();
  const bus = createBus<ScrapeEvents>();
  let release!: () => void;
  const gate = new Promise<void>((resolve) => release = resolve);
  registry.callbackGauge({
    name: "late",
    help: "Late.",
    refresh: () => gate,
  });
  const metrics = metricsHandler(registry, {
    observer: publishScrapes(bus),
    maxInFlight: 1,
  });
  const scrape = (query: string) =>
    metrics(new Request(`http://localhost/metrics${query}`));
  const waiting = Array.from(
    { length: 100 },
    (_, i) => scrape(`?name[]=late&name[]=${i}`),
  );
  const refused = await scrape("");
  assert.equal(refused.status, 503);
  release();
  for (const { status } of await Promise.all(waiting)) {
    assert.equal(status, 200);
  }
  using all = bus.subscribe({ after: 0 });
  const event = all.read() as BusEvent<ScrapeEvents, "scrape.failed">;
  assert.equal(event.topic, "scrape.failed");
  assert.equal(event.data.outcome, "refused");
  assert.ok(event.data.durationMs >= 0);
});
