/**
 * The laws of exported metrics over arbitrary collectors: each point is queued,
 * exported, rejected or lost; deltas conserve what was counted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import * as fc from "../support/property.ts";
import { partialSuccess } from "./metric_answers.ts";
import { hanging, PushTimers } from "./fixtures.ts";
import { exporting, type Posted } from "./metric_set_up.ts";

type Step =
  | { readonly inc: readonly [label: "a" | "b", by: number] }
  | { readonly observe: number }
  | { readonly pass: number }
  | { readonly push: true }
  | { readonly fail: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    inc: fc.tuple(fc.constantFrom<"a" | "b">("a", "b"), fc.nat(5)),
  }),
  fc.record({
    observe: fc.oneof(
      fc.constantFrom(-3, 0, 0.1, 1, 7, 1e9, 1e-9),
      fc.integer({ min: -30, max: 30 }).map((power) => 1.5 ** power),
    ),
  }),
  fc.record({ pass: fc.constantFrom(0, 0.5, 1, 5, 15, 90) }),
  fc.record({ push: fc.constant(true as const) }),
  fc.record({ fail: fc.boolean() }),
);

/** An answer of a collector: a status, a partial success, a failure. */
const answer = fc.oneof(
  fc.constantFrom(200, 200, 200, 400, 429, 500, 503),
  fc.constantFrom<"throws" | "hangs">("throws", "hangs"),
  fc.record({ rejects: fc.integer({ min: -3, max: 9 }) }),
);

/** A point as JSON has it. */
interface Point {
  readonly attributes?: readonly { readonly value: { stringValue: string } }[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asInt?: string;
  readonly count?: string;
  readonly bucketCounts?: readonly string[];
}

interface Seen {
  readonly key: string;
  readonly start: bigint;
  readonly time: bigint;
  readonly value: number;
}

/** Returns the points of a request by series. */
function seenIn({ body }: Posted): Seen[] {
  const { resourceMetrics } = JSON.parse(new TextDecoder().decode(body));
  return resourceMetrics[0].scopeMetrics[0].metrics.flatMap(
    (metric: Record<string, { readonly dataPoints: Point[] }>) => {
      const { name } = metric as unknown as { readonly name: string };
      const data = metric["sum"] ?? metric["histogram"] ??
        metric["exponentialHistogram"] ?? metric["gauge"];
      return data!.dataPoints.map((point) => ({
        key: `${name} ${
          (point.attributes ?? []).map(({ value }) => value.stringValue)
        }`,
        start: BigInt(point.startTimeUnixNano ?? "0"),
        time: BigInt(point.timeUnixNano),
        value: Number(point.asInt ?? point.count),
      }));
    },
  );
}

/** A registry whose values are known, and a part that can fail. */
function world(timers: PushTimers) {
  const registry = createRegistry({ clock: timers.clock, selfMetrics: false });
  const jobs = registry.counter({
    name: "jobs_total",
    help: "J.",
    labels: ["kind"],
  });
  const classic = registry.histogram({
    name: "classic",
    help: "C.",
    buckets: [0, 1],
  });
  const native = registry.histogram({
    name: "native",
    help: "N.",
    // Small: the zero bucket widens, and the resolution falls.
    native: { schema: 3, maxBuckets: 8, maxZeroThreshold: 0.01 },
  });
  let fails = false;
  registry.callbackCounter({
    name: "failing_total",
    help: "F.",
    read: (report) => {
      if (fails) throw new Error("out of order");
      report(42);
    },
  });
  const truth = new Map<string, number>([["failing_total ", 42]]);
  const add = (key: string, by: number) =>
    truth.set(key, (truth.get(key) ?? 0) + by);
  return {
    registry,
    truth,
    apply(step: Step): void {
      if ("inc" in step) {
        const [kind, by] = step.inc;
        jobs.with({ kind }).inc(by);
        add(`jobs_total ${kind}`, by);
      } else if ("observe" in step) {
        for (const metric of [classic, native]) metric.observe(step.observe);
        add("classic ", 1);
        add("native ", 1);
      } else if ("fail" in step) fails = step.fail;
    },
    mend: () => void (fails = false),
  };
}

test("law: points are exported, rejected or lost; deltas conserve", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 14, size: "max" }),
      fc.array(answer, { maxLength: 10, size: "max" }),
      fc.constantFrom<"cumulative" | "delta">("cumulative", "delta"),
      fc.constantFrom(0, 15),
      async (steps, answers, temporality, interval) => {
        const timers = new PushTimers(2.5);
        const never = hanging(timers);
        const { registry, truth, apply, mend } = world(timers);
        let calls = 0;
        let partly = 0;
        let refused = 0;
        const accepted: Seen[] = [];
        const { pusher } = exporting(
          registry,
          {
            protocol: "json",
            temporality,
            interval,
            timeout: 2.5,
            onError: () => check(),
          },
          (posted) => {
            const how = answers[calls - 1] ?? 200;
            const seen = seenIn(posted);
            if (how === 400 || how === 500) refused += seen.length;
            if (how === 200 || typeof how === "object") accepted.push(...seen);
            if (typeof how !== "object") {
              return new Response(null, { status: how as number });
            }
            partly += Math.min(Math.max(0, how.rejects), seen.length);
            return partialSuccess(how.rejects);
          },
          timers,
          (fetch) => (url, init) => {
            const how = answers[calls++];
            if (how === "hangs") return never(url, init);
            if (how === "throws") throw new TypeError("connection refused");
            return fetch(url, init);
          },
        );
        let before = pusher.stats();
        const check = () => {
          const now = pusher.stats();
          for (const name of ["exported", "lost", "rejected"] as const) {
            assert.ok(now[name] >= before[name], `${name} only grows`);
            assert.ok(now.points[name] >= before.points[name]);
          }
          assert.ok(now.queued <= 3 && now.points.queued >= 0);
          before = now;
        };
        const pushes: Promise<boolean>[] = [];
        for (const next of steps) {
          apply(next);
          if ("pass" in next) await timers.pass(next.pass);
          else if ("push" in next) pushes.push(pusher.push());
          check();
        }
        mend();
        answers.length = Math.min(answers.length, calls); // from now on: 200
        let isExported: boolean | undefined;
        void pusher.push().then((value) => isExported = value);
        // A request that hangs may come first, with the wait after it.
        for (let i = 0; i < 60 && isExported === undefined; i++) {
          await timers.pass(1);
        }
        assert.equal(isExported, true);
        const ended = pusher.shutdown(4.9);
        await timers.pass(4.9);
        assert.equal(await ended, true);
        const results = await Promise.all(pushes); // all have ended
        const { queued, exported, lost, rejected, points } = pusher.stats();
        assert.equal(queued, 0);
        assert.ok(exported + lost + rejected >= Math.min(1, results.length));
        assert.deepEqual(
          [points.queued, points.exported, points.rejected],
          [0, accepted.length - partly, refused + partly],
        );
        assert.deepEqual(timers.waits, [], "no timer is left");
        checkSeries(accepted, truth, temporality);
      },
    ),
    { numRuns: 150 },
  );
});

/** Checks the accepted points of all series against what was counted. */
function checkSeries(
  accepted: readonly Seen[],
  truth: ReadonlyMap<string, number>,
  temporality: "cumulative" | "delta",
): void {
  const bySeries = Map.groupBy(accepted, ({ key }) => key);
  for (const [key, value] of truth) {
    const points = bySeries.get(key) ?? [];
    assert.ok(points.length > 0, key);
    const total = temporality === "delta"
      ? points.reduce((sum, point) => sum + point.value, 0)
      : points.at(-1)!.value;
    assert.equal(total, value, key);
    points.forEach((point, i) => {
      const previous = points[i - 1];
      if (previous === undefined) return;
      assert.ok(point.time >= previous.time, "times rise");
      if (temporality === "cumulative") {
        assert.equal(point.start, previous.start, "the start is constant");
        assert.ok(point.value >= previous.value);
      } else assert.equal(point.start, previous.time, "no gap, no overlap");
    });
  }
}
