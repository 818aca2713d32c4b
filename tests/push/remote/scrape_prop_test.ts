/** The law of remote write: a push sends what a scrape would have stored. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  prometheusProto,
  prometheusText1,
} from "../../../src/encode/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import { anyModel, sourceOf } from "../../encode/arbitraries.ts";
import { readProto } from "../../support/proto_reader.ts";
import type { SeenHistogram } from "../../support/remote_write_reader.ts";
import * as fc from "../../support/property.ts";
import { unsigned } from "../../support/seen.ts";
import { pushed } from "./fixtures.ts";

const observer = { failed: () => {} };
const TARGET = { job: "shop", instance: "a:1" };

function keyOf(
  labels: Readonly<Record<string, string>>,
  name = labels["__name__"],
): string {
  const pairs = Object.entries(labels)
    .filter(([label, value]) =>
      value !== "" && label !== "__name__" && !Object.hasOwn(TARGET, label)
    );
  return JSON.stringify([name, pairs.sort()]);
}

/** Returns the values of the text format by series. */
function scraped(source: Source): Map<string, unknown> {
  const format = prometheusText1.escapedBy("allow-utf-8");
  const body = expose(source, format, { observer });
  const values = new Map<string, unknown>();
  for (const { samples } of parseExposition(body, "text-1.0.0")) {
    for (const { name, labels, value } of samples) {
      const seen = Number.isNaN(value) ? "NaN" : value === 0 ? 0 : value;
      values.set(keyOf(Object.fromEntries(labels), name), seen);
    }
  }
  return values;
}

test("law: with classic buckets, a push sends the series of the text format", () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      const source = sourceOf(model);
      const { series } = pushed(source, { histograms: "classic" });
      const values = new Map(
        series.map(({ labels, value }) => [
          keyOf(labels),
          value === 0 ? 0 : value, // the text has no -0
        ]),
      );
      assert.equal(values.size, series.length, "no series is sent twice");
      assert.deepEqual(values, scraped(source));
    }),
    { numRuns: 1000 },
  );
});

/** Returns index and count of the buckets that are not empty. */
function bucketsOf(
  spans: SeenHistogram["positive_spans"] = [],
  counts: readonly number[],
): [number, number][] {
  const buckets: [number, number][] = [];
  let index = 0;
  let at = 0;
  for (const { offset = 0, length = 0 } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      const count = counts[at++]!;
      if (count > 0) buckets.push([index, count]);
    }
  }
  assert.equal(at, counts.length, "spans and counts agree");
  return buckets;
}

function countsOf(
  deltas: readonly number[] | undefined,
  counts: readonly number[] | undefined,
): readonly number[] {
  let count = 0;
  return counts ?? (deltas ?? []).map((delta) => count += delta);
}

test("law: native buckets are those of the protobuf format", () => {
  fc.assert(
    fc.property(anyModel, (model) => {
      const source = sourceOf(model);
      const expected = new Map<string, unknown>();
      const format = prometheusProto.escapedBy("allow-utf-8");
      for (const family of readProto(expose(source, format, { observer }))) {
        for (const { labels, value } of family.series) {
          if (value.kind !== "histogram" || value.native === undefined) {
            continue;
          }
          const { count, sum, native } = value;
          expected.set(keyOf(Object.fromEntries(labels), family.name), {
            count,
            sum: Number.isNaN(sum) ? "NaN" : sum,
            ...native,
          });
        }
      }
      const seen = new Map<string, unknown>();
      for (const { labels, histogram } of pushed(source).series) {
        if (histogram === undefined) continue;
        seen.set(keyOf(labels), {
          count: histogram.count_float ?? histogram.count_int ?? 0,
          sum: typeof histogram.sum === "number"
            ? unsigned(histogram.sum)
            : histogram.sum,
          schema: histogram.schema ?? 0,
          zeroThreshold: histogram.zero_threshold ?? 0,
          zeroCount: histogram.zero_count_float ?? histogram.zero_count_int ??
            0,
          negative: bucketsOf(
            histogram.negative_spans,
            countsOf(histogram.negative_deltas, histogram.negative_counts),
          ),
          positive: bucketsOf(
            histogram.positive_spans,
            countsOf(histogram.positive_deltas, histogram.positive_counts),
          ),
        });
      }
      assert.deepEqual(seen, expected);
    }),
    { numRuns: 1000 },
  );
});
