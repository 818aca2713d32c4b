/** Joining a fleet: options, refusals, leaving, and joining again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FleetOptions, joinFleet } from "../../../src/fleet/mod.ts";
import { pathName } from "../../../src/fleet/path_name.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { MAX_MEMBERS } from "../../../src/fleet/options.ts";
import { Host, type Isolate, settled, warnings } from "./host.ts";

const help = "Orders.";
const TOTAL = "shop_orders_total";

function ordersOf({ registry }: Isolate) {
  return registry.counter({ name: TOTAL, help });
}

test("joinFleet() throws at once if an option is wrong, and says what to type", () => {
  const wrong: readonly [unknown, RegExp][] = [
    [{ service: 1 }, /service is .*; give .*"shop"/],
    [{ dir: "run/shop" }, /dir is .*; give an absolute path/],
    [{ dir: "" }, /dir is .*; give an absolute path/],
    [{ maxMembers: 0 }, /maxMembers is 0; give a whole number from 1 to 1000/],
    [{ maxMembers: 1.5 }, /maxMembers is 1.5; give/],
    [{ maxMembers: 1001 }, /maxMembers is 1001; give/],
    [{ interval: 0 }, /interval is 0; give seconds/],
    [{ interval: NaN }, /interval is NaN; give seconds/],
    [{ keep: -1 }, /keep is -1; give seconds/],
    [{ run: 7 }, /run is .*; give/],
    [{ clock: {} }, /clock is .*; give/],
    [{ timers: {} }, /timers is .*; give/],
    [{ name: "shop" }, /there is no option "name"; give any of service, dir/],
    [7, /give an object/],
  ];
  for (const [options, message] of wrong) {
    const registry = createRegistry();
    assert.throws(() => {
      joinFleet(registry, options as FleetOptions);
    }, (error: Error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.match(error.message, /^Cannot join a fleet: /);
      assert.match(error.message, message);
      return true;
    });
  }
});

test("joinFleet() refuses what is no registry", () => {
  for (const registry of [undefined, null, {}, 7, "shop"]) {
    assert.throws(() => {
      joinFleet(registry as never);
    }, { name: "TypeError", message: /give a registry, such as/ });
  }
});

test("a registry joins with one set of options: while it joins, too, and again after it has left", async () => {
  const host = new Host();
  const one = host.isolate();
  const message = /already, with other options; leave its fleet first/;
  const other = { interval: 1 };
  const joining = one.join();
  assert.throws(() => void one.join(other), { name: "TypeError", message });
  const fleet = await joining;
  assert.throws(() => void one.join(other), { name: "TypeError", message });
  fleet.leave();
  const again = await one.join();
  assert.equal(again.member, 0);
  fleet.leave(); // of the earlier membership: does nothing
  assert.equal(await one.value("barograph_fleet_members"), 1);
  again.leave();
});

test("calls with the same options share a membership, which ends with the last", async () => {
  const host = new Host();
  const one = host.isolate();
  const joining = one.join(); // a module that is loaded again while it joins
  const fleets = [await one.join(), await joining, await one.join()];
  assert.deepEqual(fleets.map(({ member }) => member), [0, 0, 0]);
  assert.equal(await one.value("barograph_fleet_members"), 1);
  for (const fleet of fleets.slice(1)) {
    fleet.leave();
    fleet.leave();
  }
  assert.equal(fleets[0]!.flush(), true);
  assert.equal(await one.value("barograph_fleet_members"), 1);
  fleets[0]!.leave();
  assert.equal(fleets[0]!.member, undefined);
  assert.equal(fleets[0]!.flush(), false);
});

test("members count in each other's answers, whatever their maxMembers is", async () => {
  const host = new Host();
  const [one, two, late] = [host.isolate(), host.isolate(), host.isolate()];
  const first = await one.join({ maxMembers: 1 });
  using _two = await two.join({ maxMembers: 3 });
  ordersOf(one).inc(1);
  ordersOf(two).inc(2);
  await host.pass(1);
  for (const isolate of [two, one, two]) {
    assert.equal(await isolate.value(TOTAL), 3);
    assert.equal(await isolate.value("barograph_fleet_members"), 2);
  }
  first.leave();
  let hasJoined = false;
  void late.join({ maxMembers: 1 }).then(() => hasJoined = true);
  await settled();
  assert.ok(hasJoined, "it waits for a slot that another member has");
  assert.equal(await late.value(TOTAL), 3);
});

test("a Worker that guesses the path of the program warns once, and not with a service", async () => {
  const host = new Host();
  const isolates = Array.from({ length: 3 }, () =>
    host.isolate({
      mainPath: (onGuess) => {
        onGuess();
        return "/srv/worker.ts";
      },
    }));
  const none = await warnings(async () => {
    (await isolates[0]!.join({ service: "shop" })).leave();
  });
  assert.deepEqual(none, []);
  const texts = await warnings(async () => {
    for (const isolate of isolates) (await isolate.join()).leave();
  });
  assert.equal(texts.length, 1);
  assert.match(texts[0]!, /give all members the option `service`/);
});

test("what was counted before a registry left is not counted again when it is back", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  const orders = ordersOf(one);
  const seconds = one.registry.histogram({
    name: "shop_seconds",
    help,
    buckets: [1, 2],
  });
  const native = one.registry.histogram({
    name: "shop_native",
    help,
    native: true,
  });
  using _two = await two.join();
  ordersOf(two).inc(100);
  _two.flush();
  const count = (): void => {
    orders.inc(0.1);
    seconds.observe(1.5);
    native.observe(1.5);
  };
  let total = 100;
  for (let round = 1; round <= 5; round++) {
    count(); // while it is no member
    using _one = await one.join();
    count();
    total += 0.2;
    const [own, others] = [await one.scrape(), await two.scrape()];
    for (const text of [own, others]) {
      const value = Number(/^shop_orders_total (.*)$/m.exec(text)![1]);
      assert.ok(Math.abs(value - total) < 1e-9, `${value} is not ${total}`);
      assert.match(
        text,
        new RegExp(`^shop_seconds_bucket\\{le="2.0"\\} ${2 * round}$`, "m"),
      );
      assert.match(text, new RegExp(`^shop_native_count ${2 * round}$`, "m"));
    }
  }
});

test("a registry that left counts in full in another fleet", async () => {
  const host = new Host();
  const one = host.isolate();
  ordersOf(one).inc(5);
  (await one.join({ service: "a" })).leave();
  using _fleet = await one.join({ service: "b" });
  assert.equal(await one.value(TOTAL), 5);
});

test("a series that was removed after its registry left begins anew", async () => {
  const host = new Host();
  const one = host.isolate();
  const orders = one.registry.counter({ name: TOTAL, help, labels: ["shop"] });
  orders.with({ shop: "a" }).inc(5);
  (await one.join()).leave();
  orders.remove({ shop: "a" });
  await host.pass(1);
  orders.with({ shop: "a" }).inc(7);
  using _fleet = await one.join();
  assert.equal(await one.value(`${TOTAL}{shop="a"}`), 12);
});

test("leave() gives the slot up, stops the timers and answers with own numbers", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  ordersOf(one).inc(1);
  ordersOf(two).inc(2);
  using _two = await two.join();
  const { pending } = host.timers;
  const fleet = await one.join();
  assert.equal(fleet.member, 1);
  assert.equal(await one.value(TOTAL), 3);
  ordersOf(one).inc(10);
  assert.equal(fleet.flush(), true);
  assert.equal(await two.value(TOTAL), 13);
  ordersOf(one).inc(10);
  fleet.leave();
  fleet.leave();
  fleet[Symbol.dispose]();
  assert.equal(fleet.flush(), false);
  assert.equal(host.timers.pending, pending);
  assert.equal(one.exits, 0);
  assert.equal(host.claims.size, 1);
  assert.equal(await one.value(TOTAL), 21);
  assert.equal(await two.value(TOTAL), 23);
  assert.doesNotMatch(await one.scrape(), /barograph_fleet/);
  ordersOf(one).inc(10);
  await host.pass(10);
  assert.equal(await two.value(TOTAL), 23);
});

test("nothing of a member holds the process", async () => {
  const host = new Host();
  using _one = await host.isolate().join();
  await host.pass(7);
  assert.equal(host.timers.holding, 0);
});

test("a member that finds all slots taken logs it once and answers for itself", async () => {
  const host = new Host();
  const options = { maxMembers: 64 };
  const members = [];
  for (let i = 0; i < 64; i++) {
    members.push(await host.isolate().join(options));
  }
  assert.deepEqual(members.map(({ member }) => member), [...Array(64).keys()]);
  const late = host.isolate();
  ordersOf(late).inc(3);
  const texts = await warnings(async () => {
    const fleet = await late.join(options);
    assert.equal(fleet.member, undefined);
    assert.equal(fleet.flush(), false);
    assert.equal(await late.value(TOTAL), 3);
    await host.pass(3);
    assert.equal(await late.value(TOTAL), 3);
    fleet.leave();
  });
  assert.equal(texts.length, 1);
  assert.match(texts[0]!, /64 members already; give a larger maxMembers/);
  members[7]!.leave();
  using again = await late.join(options);
  assert.equal(again.member, 7);
});

test("a member that cannot join leaves nothing behind, and can try again", async () => {
  const denied = (): never => {
    throw Object.assign(new Error("permission denied"), { code: "EACCES" });
  };
  const rejects = () => Promise.reject(new Error("permission denied"));
  const failing = [
    { prepare: denied },
    { claims: { claim: rejects } },
  ];
  for (const options of failing) {
    const host = new Host();
    const one = host.isolate(options);
    ordersOf(one).inc(3);
    for (let i = 0; i < 2; i++) {
      const texts = await warnings(async () => {
        using fleet = await one.join();
        assert.equal(fleet.member, undefined);
        assert.equal(await one.value(TOTAL), 3);
      });
      assert.equal(texts.length, 1);
      assert.match(texts[0]!, /cannot join the fleet: .*permission denied/);
    }
    assert.equal(host.claims.size, 0);
    assert.equal(host.timers.pending, 0);
    assert.equal(one.exits, 0);
    assert.equal(host.disk.openFiles, 0);
    assert.doesNotMatch(await one.scrape(), /barograph_fleet/);
  }
});

test("a joiner that cannot learn who lives gives its slot up", async () => {
  const host = new Host();
  const two = host.isolate();
  using _two = await two.join();
  const claims = { isOwned: () => Promise.reject(new Error("too many files")) };
  const one = host.isolate({ claims });
  const texts = await warnings(async () => {
    assert.equal((await one.join()).member, undefined);
  });
  assert.equal(texts.length, 1);
  assert.equal(host.claims.size, 1);
  assert.deepEqual((await one.scrape()).match(/^barograph_fleet.*$/gm), [
    'barograph_fleet_publish_failures_total{reason="Error"} 1',
  ]);
});

test("a fleet begins anew after keep, and with another run, but not beside a member", async () => {
  const host = new Host();
  const one = host.isolate();
  ordersOf(one).inc(5);
  (await one.join({ run: "a" })).leave();
  await host.pass(299);
  const two = host.isolate();
  ordersOf(two).inc(1);
  const second = await two.join({ run: "a" });
  assert.equal(await two.value(TOTAL), 6);
  const three = host.isolate();
  ordersOf(three).inc(1);
  const third = await three.join({ run: "b" });
  assert.equal(await three.value(TOTAL), 7);
  second.leave();
  third.leave();
  const four = host.isolate();
  ordersOf(four).inc(1);
  const fourth = await four.join({ run: "c" });
  assert.equal(await four.value(TOTAL), 1);
  await host.pass(400);
  assert.equal(await four.value(TOTAL), 1);
  fourth.leave();
  await host.pass(301);
  const five = host.isolate();
  ordersOf(five).inc(2);
  using _five = await five.join({ run: "c" });
  assert.equal(await five.value(TOTAL), 2);
});

test("a joiner does not wait for a gate that nobody opens", async () => {
  const host = new Host();
  const one = host.isolate();
  const claims = host.claims.of({});
  let directory = "";
  const two = host.isolate({ prepare: (path) => void (directory = path) });
  (await two.join()).leave();
  await claims.claim(directory, MAX_MEMBERS);
  let hasJoined = false;
  const joining = one.join().then((fleet) => {
    hasJoined = true;
    return fleet;
  });
  await settled();
  assert.equal(hasJoined, false);
  for (let i = 0; i < 500; i++) {
    host.timers.advance(0.005);
    await settled();
  }
  assert.equal(hasJoined, true);
  using fleet = await joining;
  assert.equal(fleet.member, 0);
});

test("pathName() differs for different names, and is a plain name", () => {
  const names = [
    "shop",
    "Shop",
    "shop.ts",
    "/a/shop.ts",
    "/b/shop.ts",
    "file:///a/shop.ts",
    "..",
    ".",
    "",
    "/",
    "shop\0",
    "../../etc/passwd",
    "é",
    "è",
    "x".repeat(1000),
    "x".repeat(1001),
  ];
  const paths = names.map(pathName);
  assert.equal(new Set(paths).size, names.length);
  for (const path of paths) assert.match(path, /^[A-Za-z0-9_-]{1,40}$/);
});
