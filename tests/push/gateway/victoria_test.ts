/** `victoriaMetrics`: requests, retries and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../../mod.ts";
import {
  victoriaMetrics,
  type VictoriaMetricsOptions,
} from "../../../src/push/mod.ts";
import { victoriaWorld } from "./set_up.ts";

const timeout = 120_000;

const TEXT = "text/plain; version=0.0.4; charset=utf-8";

test("429 is repeated by VictoriaMetrics only", { timeout }, async () => {
  const { pusher, registry, received, timers } = victoriaWorld(
    { interval: 0 },
    (nth) => nth === 1 ? 429 : 204,
  );
  registry.gauge({ name: "a", help: "A." }).set(1);
  const pushed = pusher.push();
  await timers.pass(10);
  assert.equal(await pushed, true);
  assert.equal(received.length, 2);
});

test(
  "VictoriaMetrics gets text, and labels in the query",
  { timeout },
  async () => {
    const { pusher, registry, received, errors, timers } = victoriaWorld({
      url: "http://victoria/insert/0/prometheus?x=1",
      extraLabels: { job: "a b", instance: "x&y=z" },
    });
    assert.equal(await pusher.push(), true);
    assert.equal(received.length, 0, "nothing to send");
    registry.histogram({ name: "h", help: "H.", native: true })
      .observe(1, 1, { trace_id: "1" });
    registry.gauge({ name: "bad", help: "B.", labels: ["job"] }).at("x").set(1);
    await timers.pass(16);
    const [{ method, url, type, text }] = received as [typeof received[0]];
    assert.equal(method, "POST");
    assert.equal(type, TEXT);
    const { pathname, searchParams } = new URL(url);
    assert.equal(pathname, "/insert/0/prometheus/api/v1/import/prometheus");
    assert.deepEqual(searchParams.getAll("extra_label"), [
      "job=a b",
      "instance=x&y=z",
    ]);
    assert.equal(searchParams.get("x"), "1");
    assert.match(text, /^h_count 1$/m);
    assert.doesNotMatch(text, /bad/);
    assert.equal(errors.length, 1);
    await pusher.shutdown();
    const whole = victoriaWorld({
      url: "http://v/api/v1/import/prometheus",
      interval: 0,
    });
    whole.registry.gauge({ name: "a", help: "A." }).set(1);
    await whole.pusher.push();
    assert.equal(
      whole.received[0]!.url,
      "http://v/api/v1/import/prometheus",
    );
  },
);

test("wrong options of victoriaMetrics() throw where it is made", () => {
  const registry = createRegistry();
  for (
    const [options, message] of [
      [{}, /it is empty; give the address of VictoriaMetrics/],
      [{ url: "http://a", extraLabels: { "a=b": "c" } }, /"a=b" cannot be a l/],
      [{ url: "http://a", extraLabels: { a: 1 } }, /"a" is 1; give a string/],
    ] as const
  ) {
    assert.throws(
      () =>
        victoriaMetrics(registry, options as unknown as VictoriaMetricsOptions),
      message,
    );
  }
});

test("a day without a receiver keeps one push, and exact counts", {
  timeout,
}, async () => {
  let status = 503;
  const { pusher, registry, received, timers } = victoriaWorld(
    { interval: 1200 },
    () => status,
  );
  const ticks = registry.counter({ name: "ticks_total", help: "Ticks." });
  for (let hour = 1; hour <= 24; hour++) {
    ticks.inc();
    await timers.pass(3600);
    const { queued, exported, lost, rejected, points } = pusher.stats();
    assert.ok(queued <= 1 && points.queued <= 1);
    assert.deepEqual([exported, rejected, points.exported], [0, 0, 0]);
    assert.equal(lost + queued, 3 * hour);
  }
  status = 204;
  await timers.pass(2400);
  assert.match(received.at(-1)!.text, /^ticks_total 24$/m);
  await pusher.shutdown();
  const { queued, exported, lost, points } = pusher.stats();
  assert.equal(queued, 0);
  assert.equal(exported + lost, 3 * 24 + 2 + 1);
  assert.equal(points.exported, exported);
});
