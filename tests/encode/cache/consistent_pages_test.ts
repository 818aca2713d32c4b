import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, expose, openMetrics } from "../../../src/encode/mod.ts";
import { ExpositionCache, type PageSizes } from "../../../src/encode/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import { SMALL } from "./fixtures.ts";
import { concatBytes } from "../../../src/base/internal.ts";

const help = "Help.";

function setUp(series: number) {
  const registry = createRegistry({ selfMetrics: false });
  const gauge = registry.gauge({
    name: "g",
    help,
    labels: ["a"],
    maxSeries: 1e6,
  });
  for (let i = 0; i < series; i++) gauge.at(i).set(i);
  return { registry, gauge };
}

/** A family cached in small pages, and one that is not cached. */
const SETUPS: readonly (readonly [left: number, series: number, PageSizes?])[] =
  [
    [Infinity, 500, SMALL],
    [0, 10_000],
  ];

function labelsOf(pages: readonly Uint8Array<ArrayBuffer>[]): string[] {
  const [family] = parseExposition(concatBytes(pages), "openmetrics-1.0.0");
  return family!.samples.map(({ labels }) => labels.get("a")!).sort();
}

test("ExpositionCache.owned() writes a series once that is removed and added again", () => {
  for (const [left, series, sizes] of SETUPS) {
    const { registry, gauge } = setUp(series);
    const cache = new ExpositionCache(openMetrics, { left }, sizes);
    for (let round = 0; round < 2; round++) {
      const steps = cache.owned(registry);
      const pages = [...steps.next().value ?? []];
      // Series 0 was read already. Another series takes its row.
      gauge.remove({ a: "0" });
      gauge.at(`new ${round}`).set(1);
      gauge.at("0").set(2); // in the last row
      for (const step of steps) pages.push(...step);
      const labels = labelsOf(pages);
      assert.equal(new Set(labels).size, labels.length, "none twice");
      assert.equal(labels.length, series + 1 + round);
    }
  }
});

test("ExpositionCache.owned() writes a series that moves to a row already read", () => {
  for (const [left, series, sizes] of SETUPS) {
    const { registry, gauge } = setUp(series);
    const last = `${series - 1}`;
    const cache = new ExpositionCache(openMetrics, { left }, sizes);
    const steps = cache.owned(registry);
    const pages = [...steps.next().value ?? []];
    gauge.remove({ a: last });
    gauge.remove({ a: "3" });
    gauge.at(last).set(2); // in the former row of 3
    for (const step of steps) pages.push(...step);
    const labels = labelsOf(pages);
    assert.ok(labels.includes(last));
    assert.equal(labels.length, series - 1);
  }
});

test("ExpositionCache.owned() ends and writes each series once while series keep moving", () => {
  for (const [left, series, sizes] of SETUPS) {
    for (const format of allFormats()) {
      const { registry, gauge } = setUp(series);
      const cache = new ExpositionCache(format, { left }, sizes);
      let turns = 0;
      const pages: Uint8Array<ArrayBuffer>[] = [];
      for (const step of cache.owned(registry)) {
        pages.push(...step);
        assert.ok(turns++ < 4000, "the exposition does not end");
        for (let i = 0; i < series; i += 50) {
          gauge.remove({ a: `${(i + turns) % series}` });
        }
        for (let i = series; i > 0; i -= 50) {
          gauge.at((i + turns) % series).set(turns);
        }
      }
      if (format.id === "openmetrics-1.0.0") {
        const labels = labelsOf(pages);
        assert.equal(new Set(labels).size, labels.length);
      }
      const whole = concatBytes([...cache.owned(registry)].flat());
      assert.equal(Buffer.compare(whole, expose(registry, format)), 0);
    }
  }
});
