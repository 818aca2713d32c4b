/** Faults of the disk and of others, from the start or later, until they end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { slotPath } from "../../../src/fleet/entry_slot.ts";
import type { Fleet } from "../../../src/fleet/mod.ts";
import {
  FAILURES,
  fault,
  MEMBERS,
  ordersOf,
  ownLines,
  TOTAL,
  UNREAD,
  withDirectory,
} from "./faults.ts";
import { Host, settled, warnings } from "./host.ts";

test("with a full disk from the first write on, a member answers for itself, and joins when there is room", async () => {
  const host = new Host();
  const { state, onCall } = fault("ENOSPC", ({ method }) => method === "write");
  const [one, two] = [host.isolate({ onCall }), host.isolate()];
  using _two = await two.join();
  ordersOf(one).inc(3);
  ordersOf(two).inc(100);
  let fleet: Fleet;
  const texts = await warnings(async () => {
    fleet = await one.join();
    assert.equal(fleet.member, undefined);
    assert.equal(fleet.flush(), false);
    assert.equal(await one.value(TOTAL), 3);
    assert.deepEqual(await ownLines(one), [`${FAILURES}{reason="ENOSPC"} 1`]);
    assert.equal(host.claims.size, 1); // the slot is free for others
    assert.equal(await two.value(TOTAL), 100);
    await host.pass(11);
    ordersOf(one).inc(1);
    assert.equal(await one.value(TOTAL), 4);
    assert.deepEqual(await ownLines(one), [`${FAILURES}{reason="ENOSPC"} 3`]);
    state.isBroken = false;
    await host.pass(5);
  });
  assert.equal(texts.length, 1);
  assert.match(
    texts[0]!,
    /cannot join the fleet: failed with ENOSPC; .* own numbers until it can/,
  );
  assert.equal(fleet!.member, 1);
  assert.equal(fleet!.flush(), true);
  for (const isolate of [one, two]) {
    assert.equal(await isolate.value(TOTAL), 104);
    assert.equal(await isolate.value(`${FAILURES}{reason="ENOSPC"}`), 3);
    assert.equal(await isolate.value(MEMBERS), 2);
  }
  assert.equal(host.disk.openFiles, 0);
  fleet!.leave();
  assert.equal(host.claims.size, 1);
  assert.equal(host.timers.holding, 0);
});

test("a slot that a joiner could not go on with is whole for the next one", async () => {
  const host = new Host();
  const { state, onCall } = fault("ENOSPC", ({ method }) => method === "write");
  const [one, two] = [host.isolate(), host.isolate({ onCall })];
  ordersOf(one).inc(5);
  (await one.join()).leave();
  ordersOf(two).inc(1);
  await warnings(async () => {
    using fleet = await two.join();
    assert.equal(fleet.member, undefined);
    await host.pass(10);
    state.isBroken = false;
    await host.pass(5);
    assert.equal(fleet.member, 0);
    assert.equal(await two.value(TOTAL), 6);
    assert.equal(await two.value("barograph_fleet_adopted_total"), 1);
  });
});

test("a directory that cannot be used is tried again, until the registry leaves", async () => {
  const host = new Host();
  let isReadOnly = true;
  let attempts = 0;
  const prepare = (): void => {
    attempts++;
    const error = new Error("read-only file system");
    if (isReadOnly) throw Object.assign(error, { code: "EROFS" });
  };
  const one = host.isolate({ prepare });
  ordersOf(one).inc(1);
  const texts = await warnings(async () => {
    const fleet = await one.join();
    await host.pass(20);
    assert.equal(attempts, 5);
    assert.deepEqual(await ownLines(one), [`${FAILURES}{reason="EROFS"} 5`]);
    fleet.leave();
    assert.equal(host.timers.pending, 0);
    assert.deepEqual(await ownLines(one), []);
    await host.pass(20);
    assert.equal(attempts, 5);
    const again = await one.join();
    isReadOnly = false;
    await host.pass(5);
    assert.equal(again.member, 0);
    assert.equal(await one.value(MEMBERS), 1);
    again.leave();
  });
  assert.equal(texts.length, 2); // one for each joinFleet()
  assert.equal(host.timers.pending, 0);
  assert.equal(host.claims.size, 0);
});

test("a registry that leaves while it joins again gives the slot up", async () => {
  for (const succeeds of [true, false]) {
    const host = new Host();
    const state = { fails: true };
    let open = (): void => {};
    const isOpen = new Promise<void>((resolve) => open = resolve);
    const claims = host.claims.of({});
    const one = host.isolate({
      claims: {
        claim: async (directory, slot) => {
          if (state.fails) throw new Error("not now");
          await isOpen;
          if (!succeeds) throw new Error("never");
          return claims.claim(directory, slot);
        },
      },
    });
    await warnings(async () => {
      const fleet = await one.join();
      state.fails = false;
      await host.pass(5);
      fleet.leave();
      open();
      await settled();
      assert.equal(fleet.member, undefined);
    });
    assert.equal(host.claims.size, 0);
    assert.equal(host.timers.pending, 0);
    assert.equal(one.exits, 0);
    assert.deepEqual(await ownLines(one), []);
  }
});

test("a member beyond maxMembers joins when another one has left", async () => {
  const host = new Host();
  const options = { maxMembers: 2 };
  const [one, two, late] = [host.isolate(), host.isolate(), host.isolate()];
  using _one = await one.join(options);
  const second = await two.join(options);
  ordersOf(two).inc(2);
  ordersOf(late).inc(3);
  const texts = await warnings(async () => {
    using fleet = await late.join(options);
    assert.equal(fleet.member, undefined);
    assert.deepEqual(await ownLines(late), [
      `${FAILURES}{reason="FLEET_FULL"} 1`,
    ]);
    assert.throws(() => void late.join(), /is a member already/);
    await host.pass(20);
    assert.equal(await late.value(TOTAL), 3);
    second.leave();
    await host.pass(5);
    assert.equal(fleet.member, 1);
    assert.equal(await late.value(TOTAL), 5);
    assert.equal(await one.value(TOTAL), 5);
  });
  assert.equal(texts.length, 1);
  assert.match(texts[0]!, /2 members already; give a larger maxMembers/);
});

test("a fleet does not begin anew beside a slot that cannot be read", async () => {
  const host = new Host();
  const { one, directory } = withDirectory(host);
  const two = host.isolate();
  for (const isolate of [one, two]) ordersOf(isolate).inc(5);
  const fleets = [await one.join(), await two.join()];
  for (const fleet of fleets) fleet.leave();
  const path = slotPath(directory(), 0);
  const bytes = host.disk.get(path)!;
  bytes[7]!++;
  host.disk.set(path, bytes);
  await host.pass(1000); // longer than `keep`
  const texts = await warnings(async () => {
    using fleet = await host.isolate().join({ maxMembers: 1 });
    assert.equal(fleet.member, undefined);
    assert.equal(host.claims.size, 0);
    const three = host.isolate();
    using _three = await three.join();
    assert.equal(_three.member, 1);
    assert.equal(await three.value(TOTAL), 5);
    assert.equal(host.claims.size, 1);
  });
  assert.equal(texts.length, 2);
  assert.match(
    texts[0]!,
    /cannot join the fleet: the file is of another version/,
  );
  assert.deepEqual(host.disk.get(path), bytes);
});

test("a slot of another version, or that cannot be read, is left alone and counted", async () => {
  for (const reason of ["version", "unreadable"]) {
    const host = new Host();
    const { one, directory } = withDirectory(host);
    ordersOf(one).inc(5);
    (await one.join()).leave();
    const path = slotPath(directory(), 0);
    const bytes = host.disk.get(path)!;
    if (reason === "version") bytes[7]!++;
    host.disk.set(path, bytes);
    const denied = fault(
      "EACCES",
      ({ method, path: name }) =>
        reason === "unreadable" && method === "open" && name === path,
    );
    await host.pass(1000); // longer than `keep`
    const two = host.isolate(denied);
    ordersOf(two).inc(1);
    const texts = await warnings(async () => {
      using fleet = await two.join();
      assert.equal(fleet.member, 1);
      await host.pass(3);
      assert.equal(await two.value(TOTAL), 1);
      const count = await two.value(`${UNREAD}{reason="${reason}"}`);
      assert.ok(count! > 0, `${count}`);
      assert.deepEqual(host.disk.get(path), bytes);
      // The counts are back once the file can be read.
      denied.state.isBroken = false;
      bytes[7] = "1".charCodeAt(0);
      host.disk.set(path, bytes);
      assert.equal(await two.value(TOTAL), 6);
    });
    assert.equal(texts.length, 1);
    assert.match(texts[0]!, /cannot read a member of the fleet: .*\/s0: /);
  }
});

test("foreign files, and copies of slots, are not counted and are replaced by joiners", async () => {
  const host = new Host();
  const { one, directory } = withDirectory(host);
  const at = (slot: number) => slotPath(directory(), slot);
  ordersOf(one).inc(5);
  using _one = await one.join();
  _one.flush();
  const text = new TextEncoder().encode("not a slot ".repeat(1000));
  const copy = host.disk.get(at(0))!;
  host.disk.set(at(1), copy);
  host.disk.set(at(2), text);
  for (const name of ["s0.bak", "s99999", "notes.txt", "sx"]) {
    host.disk.set(`${directory()}/${name}`, copy);
  }
  const texts = await warnings(async () => {
    for (let round = 0; round < 3; round++) {
      assert.equal(await one.value(TOTAL), 5);
      await host.pass(1);
    }
    assert.ok(await one.value(`${UNREAD}{reason="foreign"}`));
    const joiners = [host.isolate(), host.isolate()];
    for (const [index, joiner] of joiners.entries()) {
      ordersOf(joiner).inc(1);
      assert.equal((await joiner.join()).member, index + 1);
    }
    for (const isolate of [one, ...joiners]) {
      assert.equal(await isolate.value(TOTAL), 7);
      assert.equal(await isolate.value(MEMBERS), 3);
    }
  });
  assert.equal(texts.length, 3); // one for each member
  for (const text of texts) assert.match(text, /the file is foreign/);
});

test("a slot that is destroyed while its owner runs is written again", async () => {
  const ways: ((bytes: Uint8Array) => Uint8Array | undefined)[] = [
    () => undefined,
    () => new Uint8Array(0),
    (bytes) => bytes.subarray(0, 100),
    (bytes) => bytes.map(() => 7),
    (bytes) => bytes.map((byte, at) => at < 64 ? byte : 7),
  ];
  for (const destroy of ways) {
    const host = new Host();
    const { one, directory } = withDirectory(host);
    const two = host.isolate();
    using _one = await one.join();
    using _two = await two.join();
    ordersOf(one).inc(1);
    ordersOf(two).inc(2);
    await host.pass(1);
    const path = slotPath(directory(), 0);
    host.disk.set(path, destroy(host.disk.get(path)!));
    await warnings(async () => {
      assert.equal(await two.value(TOTAL), 3);
      ordersOf(one).inc(1);
      await host.pass(1);
    });
    for (const isolate of [one, two]) {
      assert.equal(await isolate.value(TOTAL), 4);
    }
  }
});
