/** Members whose clocks differ. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeTimers } from "../../../src/testing/mod.ts";
import { Host } from "./host.ts";

const help = "Orders.";
const TOTAL = "shop_orders_total";
const START = 1_700_000_000;
const DAY = 86_400;

test("a member that is killed is found dead, also if its clock was ahead", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  one.registry.gauge({ name: "shop_stock", help }).set(1);
  two.registry.gauge({ name: "shop_stock", help }).set(2);
  const timers = new FakeTimers(new FakeClock(START + DAY));
  await one.join({ timers, clock: timers.clock });
  using _fleet = await two.join();
  timers.advance(1);
  await host.pass(1);
  const dead = 'shop_stock{member="0"}';
  assert.equal(await two.value(dead), 1);
  await host.pass(10); // it is silent, but its slot has an owner
  assert.equal(await two.value(dead), 1);
  one.die();
  await host.pass(3);
  assert.equal(await two.value(dead), undefined);
  assert.equal(await two.value("barograph_fleet_members"), 1);
});

test("a member that joins is not the longest-standing one, also if the clock was set back", async () => {
  const host = new Host();
  const [one, two, three] = [host.isolate(), host.isolate(), host.isolate()];
  one.registry.counter({ name: TOTAL, help }).inc(3);
  const labels = ["payment"] as const;
  for (const { registry } of [two, three]) {
    registry.counter({ name: TOTAL, help, labels }).with({ payment: "card" })
      .inc(5);
  }
  await one.join();
  for (const other of [two, three]) {
    await other.join({ clock: new FakeClock(START - DAY) });
    await host.pass(1);
    assert.equal(await other.value(TOTAL), 3);
    assert.equal(await one.value(TOTAL), 3);
  }
  const refused = `barograph_fleet_refused_declarations{family="${TOTAL}"}`;
  assert.equal(await one.value(refused), 2);
});
