/** Scrapes of a registry that has joined a fleet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { formatHandler, metricsHandler } from "../../../src/http/mod.ts";
import { nameOf } from "../../../src/model/internal.ts";
import {
  Host,
  type Isolate,
  settled,
  valueIn,
} from "../../fleet/member/host.ts";
import {
  brokenSource,
  bytesOf,
  gaugeSource,
  get,
  gunzip,
} from "../fixtures.ts";

const help = "Orders.";
const TOTAL = "shop_orders_total";

function ordersOf({ registry }: Isolate) {
  return registry.counter({ name: TOTAL, help });
}

/** Two members, and the counters of both. */
async function pair() {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  const orders = [ordersOf(one), ordersOf(two)] as const;
  const fleets = [await one.join(), await two.join()] as const;
  return {
    host,
    one,
    two,
    orders,
    [Symbol.dispose]: () => fleets.forEach((fleet) => fleet.leave()),
  };
}

test("?fleet=self answers with the numbers of one member, and only this value does", async () => {
  using members = await pair();
  const { one, two, orders: [first, second] } = members;
  first.inc(1);
  second.inc(2);
  await two.scrape();
  assert.equal(await one.value(TOTAL, "?fleet=self"), 1);
  assert.equal(await one.value(TOTAL, `?name[]=${TOTAL}&fleet=self#x`), 1);
  const others = ["", "?", "?fleet", "?fleet=", "?fleet=all", "?FLEET=self"];
  for (const query of [...others, "?fleet=SELF", "?x#fleet=self", "?%"]) {
    assert.equal(await one.value(TOTAL, query), 3, query);
  }
});

test("scrapes wait while a registry joins; ?fleet=self does not", async () => {
  const host = new Host();
  const one = host.isolate();
  ordersOf(one).inc(1);
  (await one.join()).leave();
  const gate = Promise.withResolvers<void>();
  const claims = host.claims.of({});
  const two = host.isolate({
    claims: {
      claim: async (directory, slot) => {
        await gate.promise;
        return await claims.claim(directory, slot);
      },
    },
  });
  ordersOf(two).inc(2);
  const joining = two.join();
  let text: string | undefined;
  const scrape = two.scrape().then((body) => text = body);
  await settled();
  assert.equal(text, undefined);
  assert.equal(await two.value(TOTAL, "?fleet=self"), 2);
  gate.resolve();
  await scrape;
  assert.equal(valueIn(text!, TOTAL), 3);
  (await joining).leave();
});

test("a scrape never shares a body that was begun before others counted", async () => {
  using members = await pair();
  const { one, two, orders: [, second] } = members;
  const gates: PromiseWithResolvers<void>[] = [];
  one.registry.callbackGauge({
    name: "slow",
    help,
    refresh: async (report) => {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      report(1);
    },
  });
  const early = one.scrape();
  await settled();
  for (const gate of gates) gate.resolve();
  // Begins while the first one is between its refresh and its end.
  for (let i = 0; i < 40; i++) {
    second.inc();
    const told = await two.value(TOTAL);
    const late = one.value(TOTAL, i % 2 === 0 ? "" : `?name[]=${TOTAL}`);
    await settled();
    for (const gate of gates) gate.resolve();
    assert.ok((await late)! >= told!, `${await late} after ${told}`);
  }
  await early;
});

test("overlapping scrapes are each at least what the other member has told", async () => {
  using members = await pair();
  const { one, two, orders: [first, second] } = members;
  for (let round = 0; round < 20; round++) {
    first.inc();
    second.inc();
    const scrapes = [one, two, one, two].map((each) => each.value(TOTAL));
    const counts = await Promise.all(scrapes);
    assert.ok(counts.every((count) => count! >= 2 * round + 1), `${counts}`);
    assert.equal(await one.value(TOTAL), 2 * round + 2);
  }
});

test("name[] selects families of all members", async () => {
  using members = await pair();
  const { one, two, orders: [first] } = members;
  first.inc(1);
  two.registry.counter({ name: "only_two_total", help }).inc(4);
  await two.scrape();
  const names = await one.scrape("?name[]=only_two_total");
  assert.equal(valueIn(names, "only_two_total"), 4);
  assert.equal(valueIn(names, TOTAL), undefined);
  const fleet = await one.scrape("?name[]=barograph_fleet_members");
  assert.equal(valueIn(fleet, "barograph_fleet_members"), 2);
  assert.equal(fleet.match(/^barograph/gm)!.length, 1);
  const none = await one.answer(get({}, "GET", "?name[]=nothing"));
  assert.equal(none.status, 200);
  assert.equal(await none.text(), "");
});

test("a source that throws is missing and counted once; the rest is served", async () => {
  using members = await pair();
  const { one, two, orders: [first] } = members;
  first.inc(1);
  const failed: string[] = [];
  const outcomes: string[] = [];
  const observer = {
    failed: (part: Parameters<typeof nameOf>[0]) =>
      void failed.push(nameOf(part)),
    scraped: ({ outcome }: { outcome: string }) => void outcomes.push(outcome),
  };
  using _broken = one.registry.add(brokenSource("broken"));
  const answer = metricsHandler(one.registry, { observer, prepare: false });
  const response = await answer(get());
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.doesNotMatch(text, /secret/);
  assert.equal(valueIn(text, TOTAL), 1);
  assert.equal(valueIn(text, 'barograph_source_missing{source="broken"}'), 1);
  assert.deepEqual(failed, ["broken"]);
  const other = await two.scrape();
  assert.doesNotMatch(other, /barograph_source_missing/);
  const selected = await (await answer(get({}, "GET", `?name[]=${TOTAL}`)))
    .text();
  assert.equal(valueIn(selected, TOTAL), 1);
  assert.doesNotMatch(selected, /missing/);
});

test("a source whose refresh fails is missing and counted once", async () => {
  using members = await pair();
  const { one } = members;
  let isBroken = false;
  one.registry.callbackGauge({
    name: "queue",
    help,
    refresh: (report) => {
      if (isBroken) return Promise.reject(new Error("secret"));
      report(5);
      return Promise.resolve();
    },
  });
  const failed: string[] = [];
  const observer = {
    failed: (part: Parameters<typeof nameOf>[0]) =>
      void failed.push(nameOf(part)),
  };
  const answer = metricsHandler(one.registry, { observer, prepare: false });
  const scrape = async (): Promise<string> =>
    await (await answer(get())).text();
  assert.equal(valueIn(await scrape(), 'queue{member="0"}'), 5);
  isBroken = true;
  const text = await scrape();
  assert.equal(valueIn(text, 'barograph_source_missing{source="queue"}'), 1);
  assert.doesNotMatch(text, /^queue|secret/m);
  assert.deepEqual(failed, ["queue"]);
  isBroken = false;
  assert.equal(valueIn(await scrape(), 'queue{member="0"}'), 5);
});

test("sources of others are read once per scrape", async () => {
  using members = await pair();
  const { one } = members;
  let reads = 0;
  one.registry.add(gaugeSource("queue", () => ++reads));
  assert.equal(await one.value('queue{member="0"}'), 1);
  assert.equal(await one.value('queue{member="0"}'), 2);
});

test("one registry answers in several formats, and compressed", async () => {
  using members = await pair();
  const { one, two, orders: [first, second] } = members;
  const many = one.registry.counter({
    name: "many_total",
    help,
    labels: ["a"],
  });
  for (let a = 0; a < 300; a++) many.with({ a }).inc(a + 1);
  const formats = [
    prometheusText,
    openMetrics,
    prometheusProto,
  ] as const;
  const handlers = formats.map((format) =>
    formatHandler(one.registry, [format], { prepare: false })
  );
  for (let round = 1; round <= 3; round++) {
    first.inc();
    second.inc();
    await two.scrape();
    for (const [at, answer] of handlers.entries()) {
      const plain = await answer(get());
      const packed = await answer(get({ "accept-encoding": "gzip" }));
      assert.equal(packed.headers.get("content-encoding"), "gzip");
      const text = await gunzip(await bytesOf(packed));
      const other = new TextDecoder().decode(await bytesOf(plain));
      if (at === 2) continue;
      for (const body of [text, other]) {
        assert.equal(valueIn(body, TOTAL), 2 * round);
        assert.equal(valueIn(body, 'many_total{a="299"}'), 300);
      }
    }
  }
});

test("HEAD and refused requests publish nothing", async () => {
  using members = await pair();
  const { one, two, orders: [first] } = members;
  first.inc(7);
  for (const method of ["HEAD", "OPTIONS", "POST"]) {
    await one.answer(get({}, method));
  }
  assert.equal(await two.value(TOTAL), 0);
});
