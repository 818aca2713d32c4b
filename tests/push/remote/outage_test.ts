/** Remote write in a long outage: bounded memory, exact counts, a clean return. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp, storing, valuesOf } from "./set_up.ts";

const HOURS = 24;
const INTERVAL = 288;
/** Series that end in each interval, as others take their place. */
const CHURN = 5;

test("an outage of a day keeps memory bounded and counts exact", {
  timeout: 120_000,
}, async () => {
  let isDown = false;
  let requests = 0;
  const world = setUp({ interval: INTERVAL, batch: 100_000 }, (sent) => {
    requests++;
    return isDown
      ? new Response(null, { status: 503, headers: { "retry-after": "290" } })
      : storing(sent);
  });
  const { registry, pusher, timers, sent } = world;
  const jobs = registry.gauge({ name: "jobs", help: "Jobs.", labels: ["id"] });
  const total = registry.counter({ name: "turns_total", help: "Turns." });
  let id = 0;
  const churn = (): void => {
    for (let i = 0; i < CHURN; i++) {
      jobs.with({ id }).set(id);
      if (id >= CHURN) jobs.remove({ id: `${id - CHURN}` });
      id++;
    }
    total.inc();
  };
  const pass = async (): Promise<void> => {
    churn();
    await timers.pass(INTERVAL);
  };
  await pass();
  await pass();
  isDown = true;
  const before = pusher.stats();
  const ends = HOURS * 3600 / INTERVAL;
  let largest = 0;
  for (let i = 0; i < ends; i++) {
    await pass();
    const { queued, points } = pusher.stats();
    assert.ok(queued <= 4);
    largest = Math.max(largest, ...sent.map(({ series }) => series.length));
    // Two intervals of ended series at most, for which a marker is due.
    assert.ok(points.queued <= queued * (CHURN + 1 + 2 * CHURN));
    sent.length = 0;
  }
  assert.ok(largest <= CHURN + 1 + 2 * CHURN, `${largest}`);
  const during = pusher.stats();
  assert.equal(during.exported, before.exported);
  assert.equal(during.rejected, 0);
  assert.equal(during.lost + during.queued, before.queued + ends);
  assert.ok(during.retries <= ends * 2, `${during.retries}`);

  isDown = false;
  await pass();
  await pass();
  const last = sent.at(-1)!;
  assert.equal(valuesOf(last)["turns_total"], ends + 4);
  assert.equal(last.series.length, CHURN + 1 + CHURN);
  const times = sent.map(({ time }) => time);
  assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b));
  assert.equal(await pusher.shutdown(), true);
  const { points, queued, exported, lost, rejected } = pusher.stats();
  assert.deepEqual([queued, points.queued, rejected, points.rejected], [
    0,
    0,
    0,
    0,
  ]);
  // Two pushes of the shutdown: the last state, and the ends of all series.
  assert.equal(exported + lost, ends + 4 + 2);
  assert.ok(requests < 4 * ends, `${requests}`);
});
