import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { FakeClock, valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

test("a gauge starts at 0, is set, and goes up and down", () => {
  const gauge = createRegistry().gauge({ name: "x", help });
  assert.equal(gauge.value, 0);
  gauge.set(5);
  gauge.inc();
  gauge.inc(2);
  gauge.dec();
  gauge.dec(0.5);
  assert.equal(gauge.value, 6.5);
  gauge.set(-Infinity);
  assert.equal(gauge.value, -Infinity);
  gauge.set(NaN);
  assert.equal(gauge.value, NaN);
});

test("what is no number is dropped and counted", () => {
  const registry = createRegistry();
  const gauge = registry.gauge({ name: "x", help });
  gauge.set(1);
  for (const bad of ["5", 5n, null, {}, undefined, Symbol("s")]) {
    gauge.set(bad as number);
  }
  gauge.inc("1" as never);
  gauge.dec(1n as never);
  assert.equal(gauge.value, 1);
  const reason = "not_a_number";
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(registry, name, { reason }), 8);
});

test("setToCurrentTime() sets unix seconds", () => {
  const registry = createRegistry({ clock: new FakeClock(1234.5) });
  const gauge = registry.gauge({ name: "x", help });
  gauge.setToCurrentTime();
  assert.equal(gauge.value, 1234.5);
});

test("trackInFlight() counts work from its start until it has settled", async () => {
  const gauge = createRegistry().gauge({ name: "x", help });
  const error = new Error("broken");
  assert.equal(gauge.trackInFlight(() => gauge.value), 1);
  assert.equal(gauge.value, 0);
  assert.throws(() =>
    gauge.trackInFlight(() => {
      throw error;
    }), error);
  assert.equal(gauge.value, 0);
  const pending = Promise.withResolvers<string>();
  const one = gauge.trackInFlight(() => pending.promise);
  const two = gauge.trackInFlight(() => pending.promise);
  assert.equal(gauge.value, 2);
  pending.resolve("done");
  assert.equal(await one, "done");
  await two;
  assert.equal(gauge.value, 0);
  await assert.rejects(gauge.trackInFlight(() => Promise.reject(error)), error);
  assert.equal(gauge.value, 0);
});

test("time() and startTimer() set the seconds that passed", () => {
  const clock = new FakeClock();
  const gauge = createRegistry({ clock }).gauge({ name: "x_seconds", help });
  gauge.time(() => clock.advance(2));
  assert.equal(gauge.value, 2);
  const timer = gauge.startTimer();
  clock.advance(3);
  timer.stop();
  assert.equal(gauge.value, 3);
});
