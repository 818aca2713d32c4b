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

test("law: merge() of an empty or a single snapshot changes nothing", () => {
  fc.assert(
    fc.property(anySnapshot, (a) => {
      for (const all of [[a], [a, EMPTY], [EMPTY, a], [EMPTY, a, EMPTY]]) {
        same(merge(all), a);
      }
    }),
    RUNS,
  );
  assert.deepEqual(merge([]), EMPTY);
});

test("law: merge() returns a snapshot that shares nothing mutable", () => {
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
      for (const one of exemplars) {
        one && ((one.labels as { x: string }).x = "");
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

/** The zero threshold of several merged histograms. */
function thresholdOf(all: readonly Settings[], schema: number): number {
  const most = Math.max(...all.map(({ zeroThreshold }) => zeroThreshold));
  const alike = all.every((one) =>
    one.schema === schema && one.zeroThreshold === most
  );
  return alike || most === 0
    ? most
    : bucketBound(bucketIndex(most, schema), schema);
}

test("law: merged native buckets equal those of all values at the coarsest schema", () => {
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
        const settings = parts.map(([one]) => one);
        const schema = Math.min(...settings.map((one) => one.schema));
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
