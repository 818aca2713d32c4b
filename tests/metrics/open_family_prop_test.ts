/** Families that get labels while they are recorded, exposed and cached. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes } from "../../src/base/internal.ts";
import {
  expose,
  ExpositionCache,
  openMetrics,
  prometheusProto,
} from "../../src/encode/mod.ts";
import { TextCache } from "../../src/encode/internal.ts";
import { prometheusText } from "../../src/encode/mod.ts";
import * as fc from "../support/property.ts";
import { read } from "../support/readers.ts";
import { meters } from "../otel/meters.ts";

const SMALL = {
  pageBytes: 200,
  pageRows: 16,
  pagesPerStep: 1,
  pagesPerBatch: 1,
};

/** An add to the counter: label values by key, most of them absent. */
const adds = fc.array(
  fc.dictionary(
    fc.nat({ max: 30 }).map((key) => `k${key}`),
    fc.nat({ max: 40 }).map(String),
    { maxKeys: 3 },
  ),
  { maxLength: 40 },
);

function totals(
  body: Uint8Array,
  format: typeof openMetrics,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, series } of read(body, format)) {
    if (name !== "x_total") continue;
    for (const { labels, value } of series) {
      const key = JSON.stringify(labels);
      assert.equal(found.has(key), false, `${key} once`);
      found.set(key, value.kind === "number" ? value.value : NaN);
    }
  }
  return found;
}

/** The totals by sorted labels. */
function counted(made: readonly Record<string, string>[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const labels of made) {
    const key = JSON.stringify(
      Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1),
    );
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

const sorted = (map: Map<string, number>) => [...map].sort();

test("law: labels may be added at any time, also within a pass", () => {
  fc.assert(fc.property(
    fc.array(adds, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(0, Infinity),
    fc.constantFrom(openMetrics, prometheusProto),
    (rounds, left, format) => {
      const { registry, meter } = meters();
      const counter = meter.createCounter("x");
      const cache = new ExpositionCache(format, { left }, SMALL);
      const texts = new TextCache(prometheusText.textEncoder!, { left });
      const made: Record<string, string>[] = [];
      const add = (labels: Record<string, string>): void => {
        counter.add(1, labels);
        made.push(labels);
      };
      for (const round of rounds) {
        const before = counted(made);
        const waiting = [...round];
        const pages: Uint8Array<ArrayBuffer>[] = [];
        for (const step of cache.owned(registry)) {
          pages.push(...step);
          const next = waiting.shift();
          if (next !== undefined) add(next);
        }
        const seen = totals(concatBytes(pages), format);
        const after = counted(made);
        for (const [labels, value] of seen) {
          assert.ok(value <= after.get(labels)!, labels);
        }
        for (const [labels, value] of before) {
          assert.ok(value <= seen.get(labels)!, labels);
        }
        for (const labels of waiting) add(labels);
        const whole = concatBytes([...cache.owned(registry)].flat());
        assert.deepEqual(sorted(totals(whole, format)), sorted(counted(made)));
        const strings = [...texts.texts(registry)].flat().join("");
        assert.equal(
          strings,
          new TextDecoder().decode(expose(registry, prometheusText)),
        );
      }
    },
  ));
});

test("a pass that pauses begins a family again that gets a label", () => {
  for (const left of [0, Infinity]) {
    const { registry, meter } = meters();
    const counter = meter.createCounter("x");
    for (let i = 0; i < 500; i++) counter.add(1, { i });
    const cache = new ExpositionCache(openMetrics, { left }, SMALL);
    for (const label of ["a", "b"]) {
      const pages: Uint8Array<ArrayBuffer>[] = [];
      let steps = 0;
      cache.clear(); // unchanged pages are read without a pause
      for (const step of cache.owned(registry)) {
        pages.push(...step);
        if (++steps === 3) counter.add(1, { [label]: "1", i: "0" });
      }
      const seen = totals(concatBytes(pages), openMetrics);
      assert.equal(seen.get(JSON.stringify([["i", "0"]])), 1);
      assert.equal(seen.get(JSON.stringify([[label, "1"], ["i", "0"]])), 1);
    }
  }
});
