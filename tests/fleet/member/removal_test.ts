/** Removals in a fleet, and ends that must not be taken for removals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "../../support/rounds.ts";
import { Host, type Isolate } from "./host.ts";

const help = "Orders.";
const TOTAL = "shop_orders_total";

function ordersOf({ registry }: Isolate, expireAfter?: number) {
  return registry.counter({
    name: TOTAL,
    help,
    labels: ["shop"],
    ...expireAfter !== undefined && { expireAfter },
  });
}

const series = (shop: string): string => `${TOTAL}{shop="${shop}"}`;

async function valuesOf(isolates: readonly Isolate[], shop: string) {
  const values = [];
  for (const isolate of isolates) {
    values.push(await isolate.value(series(shop)));
  }
  return values;
}

test("remove() reaches series that have expired, in one member or in all", async () => {
  for (const removal of ["remove", "clear"]) {
    const host = new Host();
    const both = [host.isolate(), host.isolate()];
    const [first, second] = both.map((isolate) => ordersOf(isolate, 60));
    using _one = await both[0]!.join();
    using _two = await both[1]!.join();
    first!.with({ shop: "a" }).inc(1);
    second!.with({ shop: "a" }).inc(2);
    await host.pass(40);
    second!.with({ shop: "a" }).inc(2);
    await host.pass(40);
    assert.deepEqual(await valuesOf(both, "a"), [5, 5]);
    if (removal === "remove") first!.remove({ shop: "a" });
    else first!.clear();
    assert.deepEqual(await valuesOf(both, "a"), [undefined, undefined]);
    second!.with({ shop: "a" }).inc(8);
    assert.deepEqual(await valuesOf(both.toReversed(), "a"), [8, 8]);
    await host.pass(100);
    assert.deepEqual(await valuesOf(both, "a"), [undefined, undefined]);
    second!.clear();
    await host.pass(2);
    first!.with({ shop: "a" }).inc(16);
    assert.deepEqual(await valuesOf(both, "a"), [16, 16]);
  }
});

test("remove() reaches series that only others have, alive or dead", async () => {
  for (const removal of ["remove", "clear"]) {
    const host = new Host();
    const both = [host.isolate(), host.isolate()];
    const [one, two] = both as [Isolate, Isolate];
    using _one = await one.join();
    ordersOf(two).with({ shop: "a" }).inc(2);
    ordersOf(two).with({ shop: "b" }).inc(2);
    const { clock } = host.timers;
    await two.join({ clock, timers: new Host().timers });
    two.die();
    const three = host.isolate();
    using _three = await three.join();
    ordersOf(three).with({ shop: "b" }).inc(4);
    await host.pass(1);
    assert.equal(await one.value(series("b")), 6);
    // Declared and removed between two takes.
    if (removal === "clear") ordersOf(one).clear();
    else for (const shop of ["a", "b"]) ordersOf(one).remove({ shop });
    assert.equal(await one.value(series("a")), undefined);
    assert.equal(await one.value(series("b")), undefined);
    await host.pass(2);
    ordersOf(one).with({ shop: "b" }).inc(1);
    ordersOf(three).with({ shop: "b" }).inc(1);
    assert.deepEqual(await valuesOf([three, one], "b"), [1, 2]);
    assert.deepEqual(await valuesOf([three, one], "a"), [undefined, undefined]);
  }
});

test("a gauge that one member removes stays in the others", async () => {
  const host = new Host();
  const both = [host.isolate(), host.isolate()];
  const [first, second] = both.map(({ registry }) =>
    registry.gauge({ name: "queue", help, labels: ["job"] })
  );
  first!.with({ job: "x" }).set(1);
  second!.with({ job: "x" }).set(2);
  using _one = await both[0]!.join();
  using _two = await both[1]!.join();
  await host.pass(1);
  first!.remove({ job: "x" });
  for (const isolate of both) {
    const text = await isolate.scrape();
    assert.doesNotMatch(text, /member="0"\} 1/);
    assert.match(text, /^queue\{job="x",member="1"\} 2$/m);
  }
});

test("a member that ends in any order leaves the totals of all", async () => {
  for (const order of ["unregister first", "leave first", "at exit"]) {
    const host = new Host();
    const [one, two] = [host.isolate(), host.isolate()];
    using _one = await one.join();
    ordersOf(one).with({ shop: "a" }).inc(1);
    ordersOf(two).with({ shop: "a" }).inc(2);
    const fleet = await two.join();
    await host.pass(1);
    if (order === "leave first") fleet.leave();
    two.registry.unregister(TOTAL);
    if (order === "unregister first") await host.pass(1);
    if (order === "at exit") two.exit();
    fleet.leave();
    await host.pass(2);
    assert.equal(await one.value(series("a")), 3, order);
    const three = host.isolate();
    using _three = await three.join();
    ordersOf(three).with({ shop: "a" }).inc(4);
    assert.deepEqual(await valuesOf([three, one], "a"), [7, 7], order);
  }
});

test("a family that is unregistered and declared again adds to its total", async () => {
  const host = new Host();
  const both = [host.isolate(), host.isolate()];
  using _one = await both[0]!.join();
  using _two = await both[1]!.join();
  for (const isolate of both) ordersOf(isolate).with({ shop: "a" }).inc(2);
  assert.deepEqual(await valuesOf(both, "a"), [2, 4]);
  both[0]!.registry.unregister(TOTAL);
  ordersOf(both[0]!).with({ shop: "a" }).inc(3);
  assert.deepEqual(await valuesOf(both, "a"), [7, 7]);
});

test("tens of thousands of removed series leave no more than some thousands", async () => {
  const host = new Host();
  const both = [host.isolate(), host.isolate()];
  const [one, two] = both as [Isolate, Isolate];
  using _one = await one.join();
  using _two = await two.join();
  const [first, second] = [ordersOf(one), ordersOf(two)];
  const stays = first.with({ shop: "stays" });
  const sizes: number[] = [];
  let number = 0;
  for (let round = 0; round < rounds(30, 16); round++) {
    const shops = Array.from({ length: 1000 }, () => `shop-${number++}`);
    stays.inc();
    shops.forEach((shop, i) => {
      if (i % 4 !== 0) first.with({ shop }).inc();
      if (i % 2 === 0) second.with({ shop }).inc();
    });
    await host.pass(1);
    for (const shop of shops) {
      first.remove({ shop });
      second.remove({ shop });
    }
    await host.pass(1);
    sizes.push((await one.value("barograph_fleet_bytes"))!);
    assert.deepEqual(await valuesOf(both, "stays"), [round + 1, round + 1]);
  }
  const text = await one.scrape();
  assert.equal(text.match(/^shop_orders_total/gm)!.length, 1);
  const early = Math.max(...sizes.slice(0, 8));
  const late = Math.max(...sizes.slice(-8));
  assert.ok(late <= 1.2 * early, `${late} bytes after ${early}`);
});
