/**
 * Whatever is received: each point is accepted or rejected, and every format can
 * write what is kept.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, expose } from "../../src/encode/mod.ts";
import { capture, type Source } from "../../src/model/mod.ts";
import type {
  AnyPoint,
  ExportRequest,
} from "../../src/receiver/wire/messages.ts";
import { decodeJson } from "../../src/receiver/wire/decode.ts";
import { needs, PROMTOOL, run } from "../oracle/programs.ts";
import * as fc from "../support/property.ts";
import { anyRequest } from "./arbitraries.ts";
import { jsonOf } from "./encodings.ts";
import { plausibleRequest } from "./plausible.ts";
import { type Answer, createWorld, textOf, type World } from "./world.ts";

/** Returns the number of points of a request. */
function pointsIn(request: object): number {
  const { resourceMetrics }: ExportRequest = decodeJson(jsonOf(request));
  let points = 0;
  for (const { scopeMetrics } of resourceMetrics) {
    for (const { metrics } of scopeMetrics) {
      for (const metric of metrics) {
        const data = metric.gauge ?? metric.sum ?? metric.histogram ??
          metric.exponentialHistogram ?? metric.summary;
        const list: readonly AnyPoint[] = data?.dataPoints ?? [];
        points += list.length;
      }
    }
  }
  return points;
}

function rejectedIn({ partialSuccess }: Answer): number {
  return Number(partialSuccess?.rejectedDataPoints ?? 0);
}

/** Asserts that all kept families are legal, and that all formats write them. */
function assertLegal({ registry }: World): void {
  for (const part of registry.parts) {
    // Not trusted: everything that it writes is checked.
    const checked: Source = {
      descs: part.descs,
      collect: (sink) => part.collect(sink),
    };
    capture(checked);
  }
  const observer = {
    failed: (_: Source, error: unknown) => assert.fail(String(error)),
  };
  for (const format of allFormats()) expose(registry, format, { observer });
}

async function receiveAll(requests: readonly object[]): Promise<World> {
  const world = createWorld();
  let [points, rejected] = [0, 0];
  for (const request of requests) {
    points += pointsIn(request);
    rejected += rejectedIn(await world.send(request));
    world.clock.advance(1);
  }
  const stats = world.receive.stats();
  assert.deepEqual(
    [stats.accepted, stats.rejected],
    [points - rejected, rejected],
  );
  return world;
}

test("any requests are taken in full, and kept as legal families", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRequest, { maxLength: 4 }),
      async (requests) => {
        assertLegal(await receiveAll(requests));
      },
    ),
    { numRuns: 150 },
  );
});

test("plausible requests are taken in full, and kept as legal families", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(plausibleRequest, { maxLength: 6 }),
      async (requests) => {
        const world = await receiveAll(requests);
        assertLegal(world);
        const kept = world.receive.stats().series;
        world.clock.advance(400);
        assert.deepEqual(world.lines(/^target_info\{/), []);
        const { senders, families, series } = world.receive.stats();
        assert.deepEqual([senders, families, series], [0, 0, 0], `of ${kept}`);
      },
    ),
    { numRuns: 300 },
  );
});

test("promtool reads the exposition of received metrics", {
  ...needs("PROMTOOL"),
  timeout: 120_000,
}, async () => {
  const samples = fc.sample(
    fc.array(plausibleRequest, { minLength: 8, maxLength: 12 }),
    { numRuns: 3, seed: 7 },
  );
  for (const requests of samples) {
    const { registry } = await receiveAll(requests);
    const args = ["check", "metrics"];
    const { code, stderr } = await run(PROMTOOL!, args, textOf(registry));
    // 3: it only has advice for names, which the senders have chosen.
    assert.ok(code === 0 || code === 3, stderr);
    assert.doesNotMatch(stderr, /error while linting/);
  }
});
