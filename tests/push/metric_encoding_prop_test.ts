/** Laws of the encodings of OTLP metrics over arbitrary families. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { infinityBucket } from "../../src/base/internal.ts";
import { poison } from "../../src/testing/mod.ts";
import { anyModel, type FamilyModel, sourceOf } from "../encode/arbitraries.ts";
import { needs } from "../oracle/programs.ts";
import {
  metricsIn,
  pointsOf,
  readMetrics,
  type Tree,
} from "./metric_reader.ts";
import { exporting } from "./metric_set_up.ts";

const timeout = 120_000;

type Settings = {
  readonly names: "exposed" | "stripped";
  readonly temporality: "cumulative" | "delta";
};

const anySettings: fc.Arbitrary<Settings> = fc.record({
  names: fc.constantFrom<"exposed" | "stripped">("exposed", "stripped"),
  temporality: fc.constantFrom<"cumulative" | "delta">("cumulative", "delta"),
}, { noNullPrototype: true });

/** Returns what a collector reads of a push; undefined if nothing is sent. */
async function treeOf(
  model: readonly FamilyModel[],
  protocol: "json" | "protobuf",
  settings: Settings,
): Promise<{ readonly tree: Tree | undefined; readonly points: number }> {
  const { pusher, posted, errors } = exporting(poison(sourceOf(model)), {
    ...settings,
    protocol,
    resource: { "service.instance.id": "1" },
  });
  assert.equal(await pusher.push(), true);
  const missing = model.filter(({ desc }) => desc.type === "gaugehistogram");
  assert.equal(errors.length, missing.length, errors.join());
  const [first, ...rest] = posted;
  assert.deepEqual(rest, []);
  const tree = first &&
    readMetrics(first.body, first.headers.get("content-type")!);
  return { tree, points: pusher.stats().points.exported };
}

test("law: both encodings say the same, and borrow nothing", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anyModel, anySettings, async (model, settings) => {
      const json = await treeOf(model, "json", settings);
      const protobuf = await treeOf(model, "protobuf", settings);
      assert.deepEqual(json.tree, protobuf.tree);
      assert.equal(json.points, protobuf.points);
      const text = JSON.stringify(json.tree ?? {});
      assert.ok(!text.includes("poisoned"), "no borrowed label");
    }),
    { numRuns: 150 },
  );
});

test("law: each series is one point, and counts add up", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anyModel, anySettings, async (model, settings) => {
      const { tree, points } = await treeOf(model, "protobuf", settings);
      const kept = model.filter(({ desc, points }) =>
        desc.type !== "gaugehistogram" && points.length > 0
      );
      const seen = tree === undefined ? [] : metricsIn(tree);
      let total = 0;
      for (const { points } of kept) total += points.length;
      assert.equal(points, total);
      const read = seen.flatMap((metric) => pointsOf(metric));
      assert.equal(read.length, total);
      for (const point of read) {
        const { positive, negative, bucketCounts } = point;
        if (bucketCounts !== undefined) {
          assert.equal(
            sumOf(bucketCounts),
            BigInt((point["count"] ?? "0") as string),
          );
        }
        if (positive !== undefined || negative !== undefined) {
          const sum = sumOf((positive as Tree)?.["bucketCounts"]) +
            sumOf((negative as Tree)?.["bucketCounts"]) +
            BigInt((point["zeroCount"] ?? "0") as string);
          assert.equal(sum, BigInt((point["count"] ?? "0") as string));
          const { scale = 0 } = point as { readonly scale?: number };
          for (const side of [positive, negative] as (Tree | undefined)[]) {
            const counts = (side?.["bucketCounts"] ?? []) as string[];
            const last = Number(side?.["offset"] ?? 0) + counts.length;
            if (counts.length > 0) assert.ok(last < infinityBucket(scale));
          }
        }
      }
    }),
    { numRuns: 100 },
  );
});

function sumOf(counts: unknown): bigint {
  return ((counts ?? []) as string[]).reduce(
    (sum, count) => sum + BigInt(count),
    0n,
  );
}
