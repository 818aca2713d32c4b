/** Failed scrapes as events; the exposition stays unchanged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  exposeBus,
  publishScrapes,
  type ScrapeEvents,
} from "../../src/bridge/mod.ts";
import { type BusEvent, createBus } from "../../src/bus/mod.ts";
import { expose, openMetrics, prometheusText } from "../../src/encode/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

type Failed = BusEvent<ScrapeEvents, "source.failed">;

/** Scrapes a registry with a source that throws `error`; returns the message. */
async function scrapeWith(error: unknown) {
  const registry = createRegistry();
  registry.counter({ name: "fine_total", help: "Fine." }).inc();
  registry.add({
    descs: [],
    collect() {
      throw error;
    },
  });
  const bus = createBus<ScrapeEvents>();
  using events = bus.subscribe({ topics: ["source.failed"] });
  const metrics = metricsHandler(registry, { observer: publishScrapes(bus) });
  const response = await metrics(new Request("http://localhost/metrics"));
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^fine_total 1$/m);
  const event = events.read() as Failed | undefined;
  assert.equal(events.read(), undefined);
  return event?.data.error;
}

test("publishScrapes() publishes a message for any thrown value", async () => {
  const withoutMessage = { __proto__: Error.prototype, message: undefined };
  const hostile = {
    __proto__: Error.prototype,
    get message(): string {
      throw new Error("from within");
    },
  };
  const wrong = Object.assign(new Error(), { message: { not: "a text" } });
  for (
    const [error, message] of [
      [new TypeError("no disk"), "no disk"],
      [new RangeError(), "RangeError"],
      ["no disk", "no disk"],
      [undefined, "undefined"],
      [null, "null"],
      [withoutMessage, "Error"],
      [hostile, "Error"],
      [wrong, "Error"],
      [Object.create(null), "object"],
    ]
  ) {
    assert.equal(await scrapeWith(error), message);
  }
});

test("publishScrapes() cuts messages at 4096 UTF-16 units", async () => {
  assert.equal((await scrapeWith(new Error("x".repeat(1e6))))?.length, 4096);
  const cut = await scrapeWith(new Error(`${"x".repeat(4095)}🔥`));
  assert.equal(cut, `${"x".repeat(4095)}\ufffd`);
});

test("publishScrapes() leaves the exposition unchanged", () => {
  const registry = createRegistry({ clock: new FakeClock() });
  registry.counter({ name: "a_total", help: "A.", labels: ["x"] })
    .with({ x: "1" }).inc();
  registry.histogram({ name: "took_seconds", help: "Took.", unit: "seconds" })
    .observe(0.3);
  const bus = createBus<ScrapeEvents>();
  const observer = publishScrapes(bus);
  for (const format of [openMetrics, prometheusText]) {
    const observed = expose(registry, format, { observer });
    assert.deepEqual(observed, expose(registry, format));
  }
  assert.equal(bus.newest, 0, "served scrapes are not published");
});

test("publishScrapes() works for a source that is not a registry", async () => {
  const bus = createBus<ScrapeEvents>();
  let refreshed = 0;
  const source: Source = {
    descs: [],
    refresh() {
      refreshed++;
      return Promise.reject(new Error("offline"));
    },
    collect() {},
  };
  const metrics = metricsHandler(source, { observer: publishScrapes(bus) });
  await (await metrics(new Request("http://localhost/metrics"))).text();
  assert.equal(refreshed, 1);
  using all = bus.subscribe({ after: 0 });
  const event = all.read() as Failed;
  assert.equal(event.topic, "source.failed");
  assert.equal(event.data.error, "offline");
});

test("stats() of a bus stays fast with many slow subscribers", () => {
  const registry = createRegistry();
  const bus = createBus<{ a: number; b: number }>({ capacity: 20_000 });
  using _ = exposeBus(registry, bus);
  for (let i = 0; i < 100; i++) bus.subscribe({ topics: ["b"], buffer: 1 });
  for (let i = 0; i < 20_000; i++) bus.publish(i % 2 ? "a" : "b", i);
  const before = performance.now();
  for (let i = 0; i < 2000; i++) bus.stats();
  const seconds = (performance.now() - before) / 1000;
  assert.equal(bus.stats().lost, 100 * 9999);
  // Scanning the ring for each subscriber would take 4 billion steps.
  assert.ok(seconds < 4, `${seconds} s`);
});

test("publishScrapes() publishes the outcome and the duration in milliseconds", () => {
  const bus = createBus<ScrapeEvents>();
  using events = bus.subscribe();
  const observer = publishScrapes(bus);
  for (const outcome of ["served", "abandoned"] as const) {
    observer.scraped?.({ outcome, seconds: 0.25, blocked: 0, bytes: 0 });
  }
  const event = events.read() as BusEvent<ScrapeEvents, "scrape.failed">;
  assert.deepEqual(event.data, { outcome: "abandoned", durationMs: 250 });
  assert.equal(events.read(), undefined);
});
