import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, expose, openMetrics } from "../../../src/encode/mod.ts";
import { ExpositionCache, type PageSizes } from "../../../src/encode/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import { SMALL } from "./fixtures.ts";
import { joined } from "./world.ts";

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

/** How it is kept: in pages, or not at all, in slices of some 2000 rows. */
const WAYS: readonly (readonly [left: number, series: number, PageSizes?])[] = [
  [Infinity, 500, SMALL],
  [0, 10_000],
];

function labelsOf(pieces: readonly Uint8Array<ArrayBuffer>[]): string[] {
  const [family] = parseExposition(joined(pieces), "openmetrics-1.0.0");
  return family!.samples.map(({ labels }) => labels.get("a")!).sort();
}

test("a series that leaves its row and comes back is there once", () => {
  for (const [left, series, sizes] of WAYS) {
    const { registry, gauge } = setUp(series);
    const cache = new ExpositionCache(openMetrics, { left }, sizes);
    for (let round = 0; round < 2; round++) {
      const batches = cache.owned(registry);
      const pieces = [...batches.next().value ?? []];
      // It was looked at already; its row goes to another one.
      gauge.remove({ a: "0" });
      gauge.at(`new ${round}`).set(1);
      gauge.at("0").set(2); // behind all others
      for (const batch of batches) pieces.push(...batch);
      const labels = labelsOf(pieces);
      assert.equal(new Set(labels).size, labels.length, "none twice");
      assert.equal(labels.length, series + 1 + round);
    }
  }
});

test("a series that moves to a row that was looked at is not missing", () => {
  for (const [left, series, sizes] of WAYS) {
    const { registry, gauge } = setUp(series);
    const last = `${series - 1}`;
    const cache = new ExpositionCache(openMetrics, { left }, sizes);
    const batches = cache.owned(registry);
    const pieces = [...batches.next().value ?? []];
    gauge.remove({ a: last });
    gauge.remove({ a: "3" });
    gauge.at(last).set(2); // in the row that was that of 3
    for (const batch of batches) pieces.push(...batch);
    const labels = labelsOf(pieces);
    assert.ok(labels.includes(last));
    assert.equal(labels.length, series - 1);
  }
});

test("while series move all the time an exposition ends, each there once", () => {
  for (const [left, series, sizes] of WAYS) {
    for (const format of allFormats()) {
      const { registry, gauge } = setUp(series);
      const cache = new ExpositionCache(format, { left }, sizes);
      let turns = 0;
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for (const batch of cache.owned(registry)) {
        pieces.push(...batch);
        assert.ok(turns++ < 4000, "it goes on for ever");
        for (let i = 0; i < series; i += 50) {
          gauge.remove({ a: `${(i + turns) % series}` });
        }
        for (let i = series; i > 0; i -= 50) {
          gauge.at((i + turns) % series).set(turns);
        }
      }
      if (format.id === "openmetrics-1.0.0") {
        const labels = labelsOf(pieces);
        assert.equal(new Set(labels).size, labels.length);
      }
      const whole = joined([...cache.owned(registry)].flat());
      assert.equal(Buffer.compare(whole, expose(registry, format)), 0);
    }
  }
});
