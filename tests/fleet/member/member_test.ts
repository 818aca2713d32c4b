/** Members: what they publish, and what their scrapes show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "../slot/memory_files.ts";
import { Host, type Isolate, warnings } from "./host.ts";

const help = "Orders.";
const TOTAL = "shop_orders_total";
const OPEN = { accept: "application/openmetrics-text; version=1.0.0" };

function ordersOf({ registry }: Isolate) {
  return registry.counter({ name: TOTAL, help });
}

/** Calls of which `state.fails` tells whether they fail. */
function faulty(code: string) {
  const state = { fails: (_call: Call): boolean => false };
  const run = (): never => {
    throw Object.assign(new Error(`failed with ${code}`), { code });
  };
  const onCall = (call: Call) =>
    state.fails(call) ? { after: 0, run } : undefined;
  return { state, onCall };
}

async function withGauges(host: Host, count: number) {
  const isolates = Array.from({ length: count }, () => host.isolate());
  const fleets = [];
  for (const [at, isolate] of isolates.entries()) {
    ordersOf(isolate).inc(10);
    isolate.registry.gauge({ name: "queue", help }).set(at + 1);
    isolate.registry.gauge({ name: "all", help, merge: "sum" }).set(at + 1);
    fleets.push(await isolate.join());
  }
  return { isolates, fleets };
}

test("gauges have a label of the member, until it leaves", async () => {
  const host = new Host();
  const { isolates: [one], fleets } = await withGauges(host, 3);
  const text = await one!.scrape();
  for (const at of [0, 1, 2]) {
    assert.match(
      text,
      new RegExp(`^queue\\{member="${at}"\\} ${at + 1}$`, "m"),
    );
  }
  assert.match(text, /^all 6$/m);
  fleets[1]!.leave();
  await host.pass(1);
  const after = await one!.scrape();
  assert.doesNotMatch(after, /member="1"/);
  assert.match(after, /^all 4$/m);
  assert.match(after, /^barograph_fleet_members 2$/m);
  assert.match(after, /^shop_orders_total 30$/m);
  for (const fleet of fleets) fleet.leave();
});

test("gauges of a member that has died vanish; those of a silent one that lives do not", async () => {
  const host = new Host();
  const other = new Host(); // whose time stands still
  const one = host.isolate();
  const options = { clock: host.timers.clock, timers: other.timers };
  using _one = await one.join();
  const two = host.isolate();
  ordersOf(two).inc(5);
  two.registry.gauge({ name: "queue", help }).set(2);
  using _two = await two.join(options);
  await host.pass(10);
  assert.equal(await one.value('queue{member="1"}'), 2);
  const age = 'barograph_fleet_member_age_seconds{member="1"}';
  assert.equal(await one.value(age), 10);
  two.die();
  await host.pass(1);
  assert.equal(await one.value('queue{member="1"}'), undefined);
  assert.equal(await one.value(age), undefined);
  assert.equal(await one.value("barograph_fleet_members"), 1);
  assert.equal(await one.value(TOTAL), 5);
});

test("a joiner goes on from the slot of a member that has died", async () => {
  const host = new Host();
  const still = new Host().timers;
  const [one, two, three] = [host.isolate(), host.isolate(), host.isolate()];
  const { clock } = host.timers;
  using _one = await one.join();
  ordersOf(two).inc(5);
  await two.join({ clock, timers: still });
  two.die();
  ordersOf(three).inc(7);
  using fleet = await three.join();
  assert.equal(fleet.member, 1);
  for (const isolate of [one, three]) {
    assert.equal(await isolate.value(TOTAL), 12);
    await isolate.scrape();
    assert.equal(await isolate.value("barograph_fleet_adopted_total"), 1);
  }
});

test("the gauges of a joiner show at once, also in the slot of an earlier member", async () => {
  const host = new Host();
  const { isolates: [one], fleets } = await withGauges(host, 2);
  fleets[1]!.leave();
  await host.pass(1);
  assert.equal(await one!.value("all"), 1);
  host.timers.advance(0.1);
  const three = host.isolate();
  three.registry.gauge({ name: "queue", help }).set(7);
  using _three = await three.join();
  assert.equal(await one!.value('queue{member="1"}'), 7);
  assert.equal(await one!.value("barograph_fleet_members"), 2);
  fleets[0]!.leave();
});

test("the end of an isolate publishes, and it goes on if the program does", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  using _one = await one.join();
  using _two = await two.join();
  ordersOf(two).inc(3);
  two.registry.gauge({ name: "queue", help }).set(2);
  two.exit();
  assert.equal(await one.value(TOTAL), 3);
  assert.equal(await one.value("barograph_fleet_members"), 1);
  await host.pass(2);
  assert.equal(await one.value("barograph_fleet_members"), 2);
  assert.equal(await one.value('queue{member="1"}'), 2);
});

test("on a full disk a member answers with what was published, counts it and logs it once", async () => {
  const host = new Host();
  const { state, onCall } = faulty("ENOSPC");
  const [one, two] = [host.isolate({ onCall }), host.isolate()];
  using fleet = await one.join();
  using _two = await two.join();
  ordersOf(one).inc(1);
  assert.equal(await one.value(TOTAL), 1);
  state.fails = ({ method }) => method === "write";
  const texts = await warnings(async () => {
    ordersOf(one).inc(1);
    assert.equal(fleet.flush(), false);
    assert.equal(await one.value(TOTAL), 1);
    assert.equal(await two.value(TOTAL), 1);
    assert.equal(await one.value(TOTAL, "?fleet=self"), 2);
    await host.pass(12);
  });
  assert.equal(texts.length, 1);
  assert.match(texts[0]!, /cannot publish to the fleet: .*ENOSPC/);
  state.fails = () => false;
  assert.equal(fleet.flush(), true);
  assert.equal(await two.value(TOTAL), 2);
  await one.scrape();
  const text = await one.scrape();
  assert.match(
    text,
    /^barograph_fleet_publish_failures_total\{reason=".+"\} /m,
  );
});

test("a disk that is full from the start does not stop a member", async () => {
  const host = new Host();
  const { state, onCall } = faulty("ENOSPC");
  state.fails = ({ method }) => method === "write";
  const one = host.isolate({ onCall });
  ordersOf(one).inc(1);
  await warnings(async () => {
    using _fleet = await one.join();
    const response = await one.answer(new Request("http://localhost/metrics"));
    assert.equal(response.status, 200);
    await host.pass(6);
    state.fails = () => false;
    await host.pass(1);
    assert.equal(await one.value(TOTAL), 1);
  });
});

test("no call that fails while a member works is thrown, and the member recovers", async () => {
  const methods = ["open", "read", "write", "close", "rename"] as const;
  for (const failing of methods) {
    const host = new Host();
    const { state, onCall } = faulty("EIO");
    const [one, two] = [host.isolate({ onCall }), host.isolate()];
    using _two = await two.join();
    using _one = await one.join();
    ordersOf(one).inc(1);
    ordersOf(two).inc(1);
    await host.pass(1);
    assert.equal(await one.value(TOTAL), 2);
    state.fails = ({ method }) => method === failing;
    await warnings(async () => {
      for (let i = 0; i < 5; i++) {
        ordersOf(one).inc(1);
        const response = await one.answer(new Request("http://l/metrics"));
        assert.equal(response.status, 200, failing);
        const total = await one.value(TOTAL);
        assert.ok(total === undefined || total >= 2, `${failing}: ${total}`);
        await host.pass(2);
      }
      state.fails = () => false;
      await host.pass(2);
    });
    for (const isolate of [one, two]) {
      assert.equal(await isolate.value(TOTAL), 7, failing);
    }
  }
});

test("files that somebody removes come back, with all counts of the living", async () => {
  const host = new Host();
  const { disk } = host;
  const one = host.isolate();
  let directory = "";
  const two = host.isolate({ prepare: (path) => void (directory = path) });
  using _one = await one.join();
  using _two = await two.join();
  ordersOf(one).inc(1);
  ordersOf(two).inc(2);
  await host.pass(1);
  for (const slot of [0, 1]) disk.set(`${directory}/s${slot}`, undefined);
  await warnings(() => host.pass(10));
  for (const isolate of [one, two]) {
    const response = await isolate.answer(new Request("http://l/metrics"));
    assert.equal(response.status, 200);
    assert.equal(await isolate.value(TOTAL), 3);
  }
});

test("remove() in one member hides a series everywhere, and it begins at zero", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  const [first, second] = [one, two].map(({ registry }) =>
    registry.counter({ name: TOTAL, help, labels: ["shop"] })
  );
  using _one = await one.join();
  using _two = await two.join();
  first!.with({ shop: "a" }).inc(1);
  first!.with({ shop: "b" }).inc(1);
  second!.with({ shop: "a" }).inc(2);
  const series = `${TOTAL}{shop="a"}`;
  await host.pass(1);
  assert.equal(await one.value(series), 3);
  first!.remove({ shop: "a" });
  assert.equal(await one.value(series), undefined);
  await host.pass(2);
  second!.with({ shop: "a" }).inc(5);
  await host.pass(1);
  for (const isolate of [one, two]) {
    assert.equal(await isolate.value(series), 5);
    assert.equal(await isolate.value(`${TOTAL}{shop="b"}`), 1);
  }
});

test("a series is hidden when it has expired in all members", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  const [first, second] = [one, two].map(({ registry }) =>
    registry.counter({ name: TOTAL, help, labels: ["shop"], expireAfter: 60 })
  );
  using _one = await one.join();
  using _two = await two.join();
  first!.with({ shop: "a" }).inc(1);
  second!.with({ shop: "a" }).inc(2);
  const series = `${TOTAL}{shop="a"}`;
  await host.pass(40);
  second!.with({ shop: "a" }).inc(2);
  await host.pass(40);
  assert.equal(await one.value(series), 5);
  await host.pass(60);
  await two.scrape();
  assert.equal(await one.value(series), undefined);
});

test("exemplars, native buckets, infos, states and summaries pass through a fleet", async () => {
  const host = new Host();
  const isolates = [host.isolate(), host.isolate()];
  const fleets = [];
  for (const [at, isolate] of isolates.entries()) {
    const { registry } = isolate;
    ordersOf(isolate).inc(1, { trace_id: `t${at}` });
    const native = registry.histogram({ name: "native", help, native: true });
    native.observe(1.5);
    native.observe(at + 1);
    registry.info({ name: "build_info", help, labels: ["version"] })
      .set({ version: "1" });
    registry.stateSet({ name: "mode", help, states: ["on", "off"] }).set("on");
    const summary = registry.summary({ name: "size", help, quantiles: [0.5] });
    summary.observe(at + 1);
    fleets.push(await isolate.join());
    host.timers.advance(0.1);
  }
  for (const isolate of isolates) {
    const text = await isolate.scrape("", OPEN);
    assert.match(text, /^shop_orders_total 2.* # \{trace_id="t1"\} 1/m);
    assert.match(text, /^native_count 4$/m);
    assert.match(text, /^build_info\{version="1"\} 1$/m);
    assert.equal(text.match(/^build_info/gm)!.length, 1);
    assert.match(text, /^mode\{mode="on"\} 1$/m);
    assert.match(text, /^mode\{mode="off"\} 0$/m);
    assert.match(text, /^size_count 2$/m);
    assert.match(text, /^size_sum 3/m);
    assert.doesNotMatch(text, /quantile/);
  }
  for (const fleet of fleets) fleet.leave();
});

test("of two declarations the longest-standing holds, and the other is counted", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  ordersOf(one).inc(1);
  using _one = await one.join();
  host.timers.advance(0.1);
  two.registry.counter({ name: TOTAL, help, labels: ["shop"] })
    .with({ shop: "a" }).inc(5);
  using _two = await two.join();
  const refused = `barograph_fleet_refused_declarations{family="${TOTAL}"}`;
  for (const isolate of [one, two]) {
    assert.equal(await isolate.value(TOTAL), 1);
    assert.equal(await isolate.value(`${TOTAL}{shop="a"}`), undefined);
    const text = await isolate.scrape();
    assert.ok(text.includes(`${refused} 1\n`), text);
  }
});

test("sources that have to be collected are published every five seconds", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  let count = 1;
  let fails = false;
  one.registry.callbackCounter({
    name: TOTAL,
    help,
    read: (report) => {
      if (fails) throw new Error("not now");
      report(count);
    },
  });
  using _one = await one.join();
  using _two = await two.join();
  assert.equal(await two.value(TOTAL), 1);
  count = 4;
  await host.pass(6);
  assert.equal(await two.value(TOTAL), 4);
  fails = true;
  await host.pass(6);
  assert.equal(await two.value(TOTAL), 4);
});
