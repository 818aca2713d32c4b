import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  type Format,
  openMetrics,
  openMetricsWith,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { TextCache } from "../../../src/encode/internal.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import * as fc from "../../support/property.ts";
import { help } from "./fixtures.ts";

function cacheOf(format: Format): TextCache {
  return new TextCache(format.textEncoder!, { left: Infinity });
}

function textOf(texts: TextCache, source: Source): string {
  return [...texts.texts(source)].flat().join("");
}

function exposed(source: Source, format: Format): string {
  return new TextDecoder().decode(expose(source, format));
}

test("TextCache writes a block anew if one series gains a line and another loses one", () => {
  const registry = createRegistry({ selfMetrics: false });
  const declared = { help, labels: ["k"] } as const;
  const families = [
    registry.histogram({ ...declared, name: "h", buckets: [1, 2] }),
    registry.summary({ ...declared, name: "s" }),
  ];
  const texts = cacheOf(openMetrics);
  // OpenMetrics 1.0 leaves out sums below zero.
  for (const [a, b] of [[-5, 1], [0.5, 1], [10, -10], [-10, 20]] as const) {
    for (const family of families) {
      family.with({ k: "a" }).observe(a);
      family.with({ k: "b" }).observe(b);
    }
    assert.equal(textOf(texts, registry), exposed(registry, openMetrics));
  }
});

test("law: TextCache writes the text of expose() whatever the signs of sums", () => {
  const anyObservation = fc.record({
    family: fc.nat({ max: 1 }),
    series: fc.nat({ max: 20 }),
    value: fc.constantFrom(-100, -10, -1, 0, 1, 10, 100, NaN),
  });
  const formats = [
    openMetrics,
    openMetricsWith({ created: true }),
    prometheusText,
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.array(fc.array(anyObservation, { maxLength: 12 }), {
        maxLength: 12,
        size: "max",
      }),
      (format, rounds) => {
        const registry = createRegistry({ selfMetrics: false });
        const declared = { help, labels: ["k"] } as const;
        const families = [
          registry.histogram({ ...declared, name: "h", buckets: [1, 2] }),
          registry.summary({ ...declared, name: "s" }),
        ];
        const texts = cacheOf(format);
        for (const observations of rounds) {
          for (const { family, series, value } of observations) {
            families[family]!.with({ k: `${series}` }).observe(value);
          }
          assert.equal(textOf(texts, registry), exposed(registry, format));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("TextCache leaves out a part whose rows throw when they are looked at", () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "x", help }).set(1);
  const [part] = registry.parts;
  const broken: Source = {
    descs: [],
    parts: [{
      ...part!,
      descs: part!.descs,
      collect() {
        throw new Error("broken");
      },
      rows: {
        ...part!.rows!,
        get isComplete(): boolean {
          throw new Error("broken");
        },
      },
    }, part!],
    collect() {},
  };
  const failed: Source[] = [];
  const written = [
    ...cacheOf(prometheusText).texts(broken, {
      observer: { failed: (source) => void failed.push(source) },
    }),
  ];
  assert.equal(written.flat().join(""), exposed(registry, prometheusText));
  assert.equal(failed.length, 1);
});
