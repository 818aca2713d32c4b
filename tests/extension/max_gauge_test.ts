/** A custom kind is served, negotiated, cached and merged like built-in ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  expose,
  openMetrics,
  prometheusText,
} from "../../src/encode/mod.ts";
import { formatHandler } from "../../src/http/mod.ts";
import {
  createBareRegistry,
  createRegistry,
  FamilyConflictError,
  noopRegistry,
} from "../../src/metrics/mod.ts";
import { capture, merge, replay } from "../../src/model/mod.ts";
import { FakeClock, kindLaws, valueOf } from "../../src/testing/mod.ts";
import { maxGauge, maxGauges } from "./max_gauge.ts";

const PEAK = { name: "queue_peak", help: "The longest queue." } as const;

test("kindLaws() hold for maxGauges", () => {
  kindLaws(maxGauges, { record: (series, value) => series.record(value) });
});

test("a max-gauge is served and negotiated by formatHandler()", async () => {
  const registry = createBareRegistry({ selfMetrics: false });
  const peak = maxGauge({ ...PEAK, labels: ["queue"] }, registry);
  peak.with({ queue: "mail" }).record(7);
  peak.with({ queue: "mail" }).record(3);
  const handler = formatHandler(registry, [prometheusText, openMetrics]);
  for (const isOpenMetrics of [false, true]) {
    const accept = isOpenMetrics ? openMetrics.contentType : "text/plain";
    const headers = { accept };
    const request = new Request("http://localhost/metrics", { headers });
    const lines = (await (await handler(request)).text()).split("\n");
    assert.ok(lines.includes("# TYPE queue_peak gauge"));
    assert.ok(lines.includes('queue_peak{queue="mail"} 7'));
    assert.equal(lines.includes("# EOF"), isOpenMetrics);
  }
});

test("a cached scrape of a max-gauge sees each new maximum", async () => {
  const registry = createRegistry({ selfMetrics: false });
  const peak = maxGauge({ ...PEAK, labels: ["queue"] }, registry);
  for (let i = 0; i < 100; i++) peak.at(`${i}`).record(-i);
  const handler = formatHandler(registry, [prometheusText]);
  for (const [queue, value] of [["0", 5], ["99", -1], ["50", -60]] as const) {
    peak.at(queue).record(value);
    const response = await handler(new Request("http://localhost/metrics"));
    assert.deepEqual(
      new Uint8Array(await response.arrayBuffer()),
      new Uint8Array(expose(registry, prometheusText)),
    );
  }
  assert.equal(valueOf(registry, "queue_peak", { queue: "50" }), -50);
});

test("max-gauges of several workers merge to the largest value", () => {
  const worker = (value: number) => {
    const registry = createRegistry({ clock: new FakeClock() });
    maxGauge(PEAK, registry).record(value);
    return capture(registry);
  };
  const merged = replay(merge([worker(7), worker(42), worker(-1)]));
  assert.equal(valueOf(merged, "queue_peak"), 42);
});

test("maxGauge() declares on a scope and on noopRegistry", () => {
  const registry = createRegistry();
  const scope = registry.scope({ prefix: "shop_", labels: { region: "eu" } });
  maxGauge(PEAK, scope).record(1);
  assert.equal(valueOf(registry, "shop_queue_peak", { region: "eu" }), 1);
  maxGauge(PEAK, noopRegistry).record(1);
  maxGauge({ ...PEAK, labels: ["a"] }, noopRegistry).at("x").record(1);
  for (const format of allFormats()) expose(registry, format);
});

test("maxGauge() conflicts with a gauge of the same name, in either order", () => {
  const registry = createRegistry();
  maxGauge(PEAK, registry);
  registry.gauge({ name: "depth", help: "Depth." });
  assert.throws(
    () => registry.gauge({ ...PEAK, merge: "max" }),
    (error: Error) =>
      error instanceof FamilyConflictError &&
      /with kind extension\/max_gauge and not gauge/.test(error.message),
  );
  assert.throws(
    () => maxGauge({ name: "depth", help: "Depth." }, registry),
    FamilyConflictError,
  );
});

test("maxGauge() refuses a misspelt option with an error that has its title", () => {
  const options = { ...PEAK, lables: ["a"] };
  assert.throws(() => maxGauge(options, createRegistry()), {
    name: "TypeError",
    message:
      'Cannot declare max-gauge "queue_peak": there is no option "lables"; ' +
      "give any of name, help, unit, namespace, subsystem, labels, values, " +
      "maxSeries, merge, known, expireAfter",
  });
});
