import assert from "node:assert/strict";
import { test } from "node:test";
import { systemTimers, type Timers } from "../../../src/base/mod.ts";
import { prometheusText } from "../../../src/encode/mod.ts";
import { formatHandler, metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { scrapeSmallRegistry } from "../../../src/http/metrics/first_scrape.ts";
import {
  bytesOf,
  get,
  gunzip,
  OPEN,
  registryOf,
  settled,
} from "../fixtures.ts";

/** Timers whose turns the test takes; everything else stands still. */
function turningTimers() {
  const timers = new FakeTimers();
  const turns: (() => void)[] = [];
  const turning: Timers = {
    after: (...given) => timers.after(...given),
    every: (...given) => timers.every(...given),
    turn: (work) => void turns.push(work),
  };
  /** Takes turns until nothing waits for one. */
  const settle = async (): Promise<number> => {
    let taken = 0;
    for (let idle = 0; idle < 5; idle++) {
      await settled();
      for (const work of turns.splice(0)) {
        idle = 0;
        taken++;
        work();
      }
    }
    return taken;
  };
  return { timers: turning, turns, settle, clock: timers.clock };
}

test("scrapeSmallRegistry() scrapes a counter and a histogram as Prometheus does", async () => {
  const bodies: string[] = [];
  await scrapeSmallRegistry((source) => {
    const metrics = metricsHandler(source, { prepare: false });
    return async (request) => {
      const response = await metrics(request);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-encoding"), "gzip");
      const bytes = await bytesOf(response);
      bodies.push(await gunzip(bytes));
      return new Response(bytes);
    };
  });
  assert.equal(bodies.length, 3);
  for (const body of bodies) {
    assert.match(body, /^prepared_bucket\{le="1.0"\} 0$/m);
    assert.match(body, /^barograph_rejected_observations_total\{/m);
    assert.match(body, /^# EOF$/m);
  }
});

test("metricsHandler() prepares the first scrape in one later turn", async () => {
  const { timers, turns, settle, clock } = turningTimers();
  let collected = 0;
  const failed: unknown[] = [];
  const registry = registryOf(3);
  const metrics = metricsHandler({
    descs: registry.descs,
    collect(sink) {
      collected++;
      registry.collect(sink);
    },
  }, {
    authorize() {
      throw new Error("nobody is asked");
    },
    observer: {
      failed: (part) => void failed.push(part),
      scraped: (report) => void failed.push(report),
    },
    clock,
    timers,
  });
  assert.equal(turns.length, 1, "nothing runs when the handler is made");
  assert.ok(await settle() > 0);
  assert.equal(collected, 0, "the source is left alone");
  assert.deepEqual(failed, []);
  assert.equal((await metrics(get())).status, 401);
});

test("formatHandler() prepares the first scrape, and serves while it does", async () => {
  const { timers, turns, settle, clock } = turningTimers();
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "x", help: "X." }).set(1);
  const metrics = formatHandler(registry, [prometheusText], { clock, timers });
  const pending = metrics(get({ accept: OPEN }));
  for (const work of turns.splice(0)) work();
  const expected = "# HELP x X.\n# TYPE x gauge\nx 1\n";
  assert.equal(await (await pending).text(), expected);
  await settle();
  assert.equal(await (await metrics(get())).text(), expected);
});

test("metricsHandler() prepares nothing if prepare is false or there are no turns", () => {
  const { timers, turns } = turningTimers();
  metricsHandler(registryOf(), { timers, prepare: false });
  assert.equal(turns.length, 0);
  const others = new FakeTimers();
  metricsHandler(registryOf(), { timers: others });
  assert.equal(others.pending, 0);
});

test("metricsHandler() ignores a runtime that refuses to wait", async () => {
  let isLoading = true;
  const refusing: Timers = {
    ...systemTimers,
    turn(work) {
      if (isLoading) throw new Error("not while modules are loaded");
      setImmediate(work);
    },
  };
  const metrics = metricsHandler(registryOf(), { timers: refusing });
  isLoading = false;
  assert.equal((await metrics(get())).status, 200);
});
