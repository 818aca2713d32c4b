/** Differences are added up; totals are taken as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  capture,
  type DenseBuckets,
  type HistogramView,
} from "../../src/model/mod.ts";
import { mergeHistograms } from "../../src/model/internal.ts";
import { nativeOf } from "../../src/receiver/points.ts";
import { Rejection } from "../../src/receiver/rejection.ts";
import { addHistograms } from "../../src/receiver/sums.ts";
import * as fc from "../support/property.ts";
import {
  createWorld,
  CUMULATIVE,
  DELTA,
  nanos,
  point,
  requestOf,
  sumOf,
  type World,
} from "./world.ts";

/** Returns the first series of a family: its value and its start. */
function seriesIn({ registry }: World, name: string) {
  const { families } = capture(registry);
  const family = families.find(({ desc }) => desc.name === name);
  if (family === undefined) return undefined;
  const { numbers, histograms, starts } = family;
  return { value: numbers[0] ?? histograms[0], start: starts[0]! };
}

function faultsIn({ lines }: World): string[] {
  return lines(/^barograph_receiver_delta_faults_total/)
    .map((line) => line.replace(/^.*fault="(\w+)"\} /, "$1 "))
    .filter((line) => / [1-9]/.test(line));
}

test("differences are added up from the start of the first one", async () => {
  const world = createWorld();
  for (const [at, value] of [[1, 5], [2, 0.5], [3, 7]] as const) {
    await world.send(
      requestOf([sumOf("jobs", [point(value, at, at - 1)], DELTA)]),
    );
  }
  assert.deepEqual(seriesIn(world, "jobs_total"), {
    value: 12.5,
    start: nanos(0) / 1e9,
  });
  assert.deepEqual(faultsIn(world), []);
});

test("a difference that is sent again counts once, a gap and an overlap do too", async () => {
  const world = createWorld();
  const send = (value: number, time: number, start: number) =>
    world.send(requestOf([sumOf("jobs", [point(value, time, start)], DELTA)]));
  await send(1, 1, 0);
  assert.deepEqual(await send(1, 1, 0), {}); // the answer was lost
  await send(2, 4, 3); // nobody knows what was between 1 and 3
  await send(4, 6, 3.5);
  assert.equal(seriesIn(world, "jobs_total")!.value, 7);
  assert.deepEqual(faultsIn(world), ["gap 1", "overlap 1", "duplicate 1"]);
  const { partialSuccess } = await send(8, 5, 4);
  assert.match(partialSuccess!.errorMessage, /newer point was received before/);
  assert.equal(seriesIn(world, "jobs_total")!.value, 7);
});

test("a difference whose start is its end is a new one", async () => {
  const world = createWorld();
  for (const start of [0, 1, 1]) {
    const points = [point(1, 1, start)];
    await world.send(requestOf([sumOf("jobs", points, DELTA)]));
  }
  assert.equal(seriesIn(world, "jobs_total")!.value, 3);
});

test("differences that go down are a gauge", async () => {
  const world = createWorld();
  for (const [at, value] of [[1, 5], [2, -7]] as const) {
    const points = [point(value, at, at - 1)];
    await world.send(requestOf([sumOf("jobs", points, DELTA, false)]));
  }
  assert.equal(seriesIn(world, "jobs")!.value, -2);
});

test("a total replaces the one before, also after a reset and a restart as delta", async () => {
  const world = createWorld();
  const send = (
    value: number,
    time: number,
    start: number,
    temporality = CUMULATIVE,
  ) =>
    world.send(
      requestOf([sumOf("jobs", [point(value, time, start)], temporality)]),
    );
  await send(5, 1, 0);
  await send(9, 2, 0);
  assert.deepEqual(seriesIn(world, "jobs_total"), {
    value: 9,
    start: nanos(0) / 1e9,
  });
  await send(1, 5, 4);
  assert.deepEqual(seriesIn(world, "jobs_total"), {
    value: 1,
    start: nanos(4) / 1e9,
  });
  const { partialSuccess } = await send(3, 3, 0);
  assert.match(partialSuccess!.errorMessage, /newer point/);
  await send(2, 7, 6, DELTA);
  await send(2, 8, 7, DELTA);
  assert.deepEqual(seriesIn(world, "jobs_total"), {
    value: 4,
    start: nanos(6) / 1e9,
  });
});

/** Returns a metric of a histogram from its counts per bucket. */
function histogramOf(counts: readonly number[], time: number): object {
  const dataPoints = [{
    startTimeUnixNano: nanos(time - 1),
    timeUnixNano: nanos(time),
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: counts.length,
    bucketCounts: counts,
    explicitBounds: counts.slice(1).map((_, i) => i),
  }];
  return {
    name: "wait",
    histogram: { dataPoints, aggregationTemporality: DELTA },
  };
}

test("histograms are added up by bucket, and begin again with other bounds", async () => {
  const world = createWorld();
  await world.send(requestOf([histogramOf([1, 2, 3], 1)]));
  await world.send(requestOf([histogramOf([0, 1, 5], 2)]));
  const { value } = seriesIn(world, "wait")!;
  const { counts, count, sum } = value as never as Record<string, unknown>;
  assert.deepEqual([count, sum], [12, 6]);
  assert.deepEqual(counts, Float64Array.of(1, 3, 8));
  await world.send(requestOf([histogramOf([1, 2], 3)]));
  const { value: other, start } = seriesIn(world, "wait")!;
  assert.equal((other as { count: number }).count, 3);
  assert.equal(start, nanos(2) / 1e9);
});

const side = fc.record({
  offset: fc.integer({ min: -40, max: 40 }),
  bucketCounts: fc.array(fc.nat(9), { maxLength: 8 }),
});

test("exponential histograms of any scales are added up without a loss", async () => {
  const difference = fc.record({
    scale: fc.integer({ min: -2, max: 20 }),
    zeroCount: fc.nat(5),
    positive: side,
    negative: side,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(difference, { minLength: 1, maxLength: 5 }),
      async (all) => {
        const world = createWorld();
        let total = 0;
        for (const [i, given] of all.entries()) {
          const { positive, negative, zeroCount } = given;
          const count = [...positive.bucketCounts, ...negative.bucketCounts]
            .reduce((sum, each) => sum + each, zeroCount);
          total += count;
          const dataPoints = [{
            ...given,
            count,
            sum: 1,
            startTimeUnixNano: nanos(i),
            timeUnixNano: nanos(i + 1),
          }];
          const exponentialHistogram = {
            dataPoints,
            aggregationTemporality: DELTA,
          };
          const metric = { name: "wait", exponentialHistogram };
          assert.deepEqual(await world.send(requestOf([metric])), {});
        }
        const { value } = seriesIn(world, "wait")!;
        const { count, sum, native } = value as never as {
          count: number;
          sum: number;
          native: { schema: number };
        };
        assert.equal(count, total);
        assert.equal(sum, all.length);
        assert.ok(native.schema <= Math.min(...all.map(({ scale }) => scale)));
      },
    ),
    { numRuns: 100 },
  );
});

test("a sum of buckets that are far apart is made coarser", async () => {
  const world = createWorld();
  for (const [i, offset] of [-4000, 4000].entries()) {
    const dataPoints = [{
      startTimeUnixNano: nanos(i),
      timeUnixNano: nanos(i + 1),
      count: 3,
      sum: 1,
      scale: 8,
      positive: { offset, bucketCounts: [3] },
      exemplars: i === 0 ? [{ asDouble: 1, timeUnixNano: nanos(1) }] : [],
    }];
    const exponentialHistogram = { dataPoints, aggregationTemporality: DELTA };
    await world.send(requestOf([{ name: "wait", exponentialHistogram }]));
  }
  const { value } = seriesIn(world, "wait")!;
  const { count, native, exemplars } = value as HistogramView;
  assert.equal(count, 6);
  assert.equal(exemplars.length, 1);
  const { schema, positive } = native!;
  assert.equal(schema, 6); // 8001 buckets become 2001
  assert.deepEqual(
    [positive.counts.at(0), positive.counts.at(positive.size - 1)],
    [3, 3],
  );
});

test("the sum of differences is kept, whatever is lost, late or sent twice", async () => {
  const step = fc.record({
    value: fc.nat(100),
    isLost: fc.boolean(),
    sends: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const world = createWorld();
      let sum = 0;
      let carried = 0;
      let last = 0;
      for (const [i, { value, isLost, sends }] of steps.entries()) {
        carried += value; // a sender keeps what did not arrive
        if (isLost) continue;
        const points = [point(carried, i + 1, last)];
        for (let n = 0; n < sends; n++) {
          await world.send(requestOf([sumOf("jobs", points, DELTA)]));
        }
        sum += carried;
        [carried, last] = [0, i + 1];
      }
      assert.equal(seriesIn(world, "jobs_total")?.value ?? 0, sum);
      const again = steps.reduce(
        (more, { isLost, sends }) => more + (isLost ? 0 : sends - 1),
        0,
      );
      assert.deepEqual(
        faultsIn(world),
        again === 0 ? [] : [`duplicate ${again}`],
      );
    }),
    { numRuns: 100 },
  );
});

/** Native buckets that are legal, and have no empty end. */
const natives = fc.record({
  scale: fc.integer({ min: -4, max: 8 }),
  zeroCount: fc.nat(3),
  zeroThreshold: fc.constantFrom(0, 0, 1e-9, 0.5, 3),
  positive: sides(),
  negative: sides(),
}).map(({ scale, zeroCount, zeroThreshold, positive, negative }) => {
  const all = [...positive.bucketCounts, ...negative.bucketCounts];
  const count = all.reduce((sum, one) => sum + one, zeroCount);
  const read = nativeOf({
    attributes: [],
    exemplars: [],
    count,
    sum: count,
    scale,
    zeroCount,
    zeroThreshold,
    positive,
    negative,
  });
  assert.ok(!(read instanceof Rejection));
  return read;
});

function sides() {
  return fc.record({
    offset: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(-6)),
    bucketCounts: fc.array(fc.nat(3), { maxLength: 9 }),
  });
}

/** A copy: sums are made in place. */
function copyOf(view: HistogramView): HistogramView {
  return structuredClone(view);
}

/** Returns native buckets by index, and what else is the same in equal ones. */
function plainOf({ native, count }: HistogramView) {
  const { schema, zeroCount, zeroThreshold } = native!;
  const side = (buckets: DenseBuckets) =>
    [...buckets.counts.subarray(0, buckets.size)]
      .map((count, at) => [buckets.offset + at, count])
      .filter(([, count]) => count !== 0);
  return {
    count,
    schema,
    zeroCount,
    zeroThreshold,
    positive: side(native!.positive),
    negative: side(native!.negative),
  };
}

test("sums of native buckets are those of merged histograms", () => {
  fc.assert(
    fc.property(fc.array(natives, { minLength: 2, maxLength: 5 }), (views) => {
      const [first, ...others] = views.map(copyOf);
      const sum = others.reduce((a, b) => addHistograms(a, b)!, first!);
      const merged = views.reduce((a, b) => mergeHistograms(a, b));
      assert.deepEqual(plainOf(sum), plainOf(merged));
    }),
    { numRuns: 500 },
  );
});

test("native buckets far from each other are added at a coarse resolution", () => {
  const view = (offset: number) => {
    const positive = { offset, bucketCounts: [1] };
    const point = { attributes: [], exemplars: [], count: 1, scale: 8 };
    return nativeOf({ ...point, positive }) as HistogramView;
  };
  const sum = addHistograms(view(-270_000), view(250_000))!;
  const { schema, positive } = sum.native!;
  assert.equal(schema, 0);
  assert.equal(positive.size, 2032);
  assert.deepEqual([sum.count, positive.counts[0], positive.counts.at(-1)], [
    2,
    1,
    1,
  ]);
});

test("a sender whose clock was set back is received again after the expiry", async () => {
  const world = createWorld({ expiry: 60 });
  const send = (time: number) =>
    world.send(requestOf([sumOf("jobs", [point(1, time, time - 1)], DELTA)]));
  await send(10_000);
  for (let at = 1; at <= 3; at++) {
    world.clock.advance(20);
    assert.match((await send(at)).partialSuccess!.errorMessage, /newer point/);
  }
  world.clock.advance(20);
  assert.deepEqual(await send(4), {});
  assert.deepEqual(await send(5), {});
  assert.equal(seriesIn(world, "jobs_total")!.value, 3);
});
