import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { bucketBound, bucketIndex } from "../../src/base/internal.ts";
import { merge, type Snapshot } from "../../src/model/mod.ts";
import {
  anyObserved,
  anySettings,
  anySnapshot,
  DESCS,
  familyOf,
  naiveNative,
  nativeView,
  normal,
  type Settings,
} from "./merge_fixtures.ts";

const RUNS = { numRuns: 500 };
const EMPTY: Snapshot = { families: [] };

function same(a: Snapshot, b: Snapshot): void {
  assert.deepEqual(normal(a), normal(b));
}

test("law: merge() is associative", () => {
  fc.assert(
    fc.property(anySnapshot, anySnapshot, anySnapshot, (a, b, c) => {
      same(merge([merge([a, b]), c]), merge([a, merge([b, c])]));
      same(merge([a, b, c]), merge([a, merge([b, c])]));
    }),
    RUNS,
  );
});

test("law: merge() is commutative", () => {
  fc.assert(
    fc.property(anySnapshot, anySnapshot, (a, b) => {
      same(merge([a, b]), merge([b, a]));
    }),
    RUNS,
  );
});

test("law: merge() with empty snapshots returns the other one", () => {
  fc.assert(
    fc.property(anySnapshot, (a) => {
      for (const list of [[a], [a, EMPTY], [EMPTY, a], [EMPTY, a, EMPTY]]) {
        same(merge(list), a);
      }
    }),
    RUNS,
  );
  assert.deepEqual(merge([]), EMPTY);
});

test("law: merge() returns a snapshot that shares no mutable value", () => {
  fc.assert(
    fc.property(anySnapshot, anySnapshot, (a, b) => {
      const before = structuredClone([a, b]);
      const merged = merge([a, b]);
      same(merge(structuredClone([a, b])), merged);
      same(structuredClone(merged), merged);
      spoil(merged);
      assert.deepEqual([a, b], before);
    }),
    { numRuns: 200 },
  );
});

/** Overwrites everything that is mutable. */
function spoil({ families }: Snapshot): void {
  for (const { numbers, starts, times, histograms, summaries } of families) {
    for (const column of [numbers, starts, times]) column.fill(-1);
    for (const { bounds, counts, native, exemplars } of histograms) {
      for (const exemplar of exemplars) {
        exemplar && ((exemplar.labels as { x: string }).x = "");
      }
      bounds.fill(-1);
      counts.fill(-1);
      native?.positive.counts.fill(-1);
      native?.negative.counts.fill(-1);
    }
    for (const { quantiles, values } of summaries) {
      quantiles.fill(-1);
      values.fill(-1);
    }
  }
}

/** Returns the zero threshold of merged histograms with these settings. */
function thresholdOf(settings: readonly Settings[], schema: number): number {
  const max = Math.max(...settings.map(({ zeroThreshold }) => zeroThreshold));
  const isUniform = settings.every((each) =>
    each.schema === schema && each.zeroThreshold === max
  );
  return isUniform || max === 0
    ? max
    : bucketBound(bucketIndex(max, schema), schema);
}

test("law: merge() of native buckets equals counting all values at the coarsest schema", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(anySettings, fc.array(anyObserved, { maxLength: 12 })),
        { minLength: 1, maxLength: 5 },
      ),
      (parts) => {
        const merged = merge(parts.map(([settings, values]) => ({
          families: [familyOf(DESCS.native, [{
            values: ["", ""],
            start: 0,
            time: 0,
            histogram: nativeView(settings, values),
          }])],
        })));
        const settings = parts.map(([each]) => each);
        const schema = Math.min(...settings.map((each) => each.schema));
        const zeroThreshold = thresholdOf(settings, schema);
        const all = parts.flatMap(([, values]) => values);
        const { native, count } = merged.families[0]!.histograms[0]!;
        assert.deepEqual(native, naiveNative({ schema, zeroThreshold }, all));
        assert.equal(count, all.length);
      },
    ),
    { numRuns: 1000 },
  );
});
