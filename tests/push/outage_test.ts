/** A day without a collector: memory stays bounded, counts stay exact. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { otlpMetrics } from "../../src/push/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";

const HOUR = 3600;
const STEP = 5;

/** Lets everything run that waits for no timer; requests need no more turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

async function pass(timers: FakeTimers, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += STEP) {
    timers.advance(STEP);
    await settled();
  }
}

test("24 hours without a collector cost one waiting push, and exact counts", {
  timeout: 120_000,
}, async () => {
  for (const temporality of ["cumulative", "delta"] as const) {
    let isDown = true;
    let attempts = 0;
    let last = "";
    const timers = new FakeTimers();
    const { clock } = timers;
    const registry = createRegistry({ clock, selfMetrics: false });
    const counter = registry.counter({ name: "jobs_total", help: "J." });
    const pusher = otlpMetrics(registry, {
      endpoint: "http://collector",
      protocol: "json",
      interval: 15,
      temporality,
      timers,
      clock,
      random: () => 0.5,
      signals: false,
      onError: () => {},
      fetch: (_url, { body }) => {
        attempts++;
        last = new TextDecoder().decode(body as Uint8Array);
        const status = isDown ? 503 : 200;
        return Promise.resolve(new Response(null, { status }));
      },
    });
    for (let hour = 0; hour < 24; hour++) {
      counter.inc(10);
      await pass(timers, HOUR);
      const { queued, points, ...counts } = pusher.stats();
      assert.ok(queued <= 1 && points.queued <= 1);
      assert.deepEqual([counts.exported, counts.rejected], [0, 0]);
      assert.equal(counts.retries, attempts);
      assert.equal(points.lost, counts.lost, "a push has one point");
      assert.equal(points.exported + points.rejected, 0);
      assert.ok(timers.pending <= 2, "the interval and the backoff");
      assert.equal(timers.holding, 0);
    }
    const { lost } = pusher.stats();
    assert.ok(lost > 24 * 100 && lost < 24 * HOUR / 15, `${lost} pushes`);
    isDown = false;
    await pass(timers, 60);
    assert.match(last, /"asInt":"240"/);
    const { exported } = pusher.stats();
    assert.ok(exported > 0);
    assert.equal(await pusher.shutdown(), true);
    const end = pusher.stats();
    assert.equal(end.queued + end.points.queued, 0);
    assert.equal(timers.pending, 0);
  }
});
