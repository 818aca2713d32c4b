/** Members whose directory, or claim of a slot, somebody removes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { slotPath } from "../../../src/fleet/entry_slot.ts";
import type { Fleet } from "../../../src/fleet/mod.ts";
import { MEMBERS, ordersOf, TOTAL, withDirectory } from "./faults.ts";
import { Host, warnings } from "./host.ts";

test("a directory that is removed under a fleet is made again, with all counts of the living", async () => {
  const host = new Host();
  const all = [withDirectory(host), withDirectory(host)];
  const isolates = all.map(({ one }) => one);
  const gone = host.isolate();
  ordersOf(gone).inc(50);
  (await gone.join()).leave();
  const fleets: Fleet[] = [];
  for (const isolate of isolates) {
    ordersOf(isolate).inc(1);
    fleets.push(await isolate.join());
  }
  assert.equal(await isolates[0]!.value(TOTAL), 52);
  const texts = await warnings(async () => {
    for (const path of host.disk.member().list(all[0]!.directory())) {
      host.disk.set(`${all[0]!.directory()}/${path}`, undefined);
    }
    for (const isolate of isolates) host.claims.end(isolate);
    // A member that comes before the others have noticed takes the first slot.
    const three = host.isolate();
    ordersOf(three).inc(10);
    fleets.push(await three.join());
    assert.equal(fleets[2]!.member, 0);
    for (const isolate of isolates) {
      ordersOf(isolate).inc(1);
      const response = await isolate.answer(new Request("http://l/metrics"));
      assert.equal(response.status, 200);
    }
    await host.pass(2);
    for (const isolate of [...isolates, three]) {
      assert.equal(await isolate.value(TOTAL), 14);
      assert.equal(await isolate.value(MEMBERS), 3);
    }
  });
  assert.deepEqual(new Set(fleets.map(({ member }) => member)).size, 3);
  assert.ok(texts.length <= 2, `${texts}`);
  for (const text of texts) assert.match(text, /do not remove the files/);
  for (const fleet of fleets) fleet.leave();
  assert.equal(host.claims.size, 0);
  assert.equal(host.timers.pending, 0);
});

test("what a registry counted before it left is there again in a new directory", async () => {
  const host = new Host();
  const { one, directory } = withDirectory(host);
  ordersOf(one).inc(5);
  (await one.join()).leave();
  ordersOf(one).inc(1);
  using _one = await one.join();
  assert.equal(await one.value(TOTAL), 6);
  host.disk.set(slotPath(directory(), 0), undefined);
  host.claims.end(one);
  await warnings(() => host.pass(2));
  assert.equal(await one.value(TOTAL), 6);
});

test("a registry whose claim was removed has its fleet while it joins again", async () => {
  const host = new Host();
  const claims = host.claims.of({});
  let fails = false;
  const one = host.isolate({
    claims: {
      claim: (directory, slot) => {
        if (fails) return Promise.reject(new Error("not now"));
        return claims.claim(directory, slot);
      },
    },
  });
  ordersOf(one).inc(1);
  using fleet = await one.join();
  fails = true;
  host.claims.clear();
  await warnings(async () => {
    await host.pass(2);
    assert.equal(fleet.member, undefined);
    assert.equal(await one.value(TOTAL), 1);
    assert.throws(() => void one.join({ run: "b" }), /is a member already/);
    fails = false;
    await host.pass(5);
    assert.equal(fleet.member, 0);
    assert.equal(await one.value(TOTAL), 1);
  });
});

test("a member whose claim alone was removed counts nothing twice", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  using _two = await two.join();
  using fleet = await one.join();
  ordersOf(one).inc(3);
  await host.pass(1);
  host.claims.end(one);
  ordersOf(one).inc(1);
  await host.pass(3);
  assert.equal(fleet.member, 1);
  for (const isolate of [one, two]) {
    assert.equal(await isolate.value(TOTAL), 4);
    assert.equal(await isolate.value(MEMBERS), 2);
  }
});

test("a member whose claim and slot another one has taken joins again", async () => {
  const host = new Host();
  const [one, two] = [host.isolate(), host.isolate()];
  using fleet = await one.join();
  ordersOf(one).inc(3);
  await host.pass(1);
  host.claims.end(one);
  ordersOf(two).inc(10);
  using _two = await two.join();
  assert.equal(_two.member, 0);
  await warnings(() => host.pass(3));
  assert.equal(fleet.member, 1);
  ordersOf(one).inc(1);
  for (const isolate of [one, two]) {
    await isolate.scrape();
    assert.equal(await isolate.value(MEMBERS), 2);
  }
  await host.pass(1);
  for (const isolate of [one, two]) {
    assert.equal(await isolate.value(TOTAL), 14);
  }
});
