/** Faults of the disk and of others, from the start or later, until they end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fleet } from "../../../src/fleet/mod.ts";
import { slotPath } from "../../../src/fleet/entry_slot.ts";
import type { Call, OnCall } from "../slot/memory_files.ts";
import { Host, type Isolate, settled, warnings } from "./host.ts";

const help = "Orders.";
const TOTAL = "shop_orders_total";
const FAILURES = "barograph_fleet_publish_failures_total";
const UNREAD = "barograph_fleet_read_failures_total";
const MEMBERS = "barograph_fleet_members";

function ordersOf({ registry }: Isolate) {
  return registry.counter({ name: TOTAL, help });
}

/** Calls that fail while `isBroken`. */
function fault(code: string, fails: (call: Call) => boolean) {
  const state = { isBroken: true };
  const onCall: OnCall = (call) => {
    if (!state.isBroken || !fails(call)) return undefined;
    const run = (): never => {
      throw Object.assign(new Error(`failed with ${code}`), { code });
    };
    return { after: 0, run };
  };
  return { state, onCall };
}

/** An isolate that knows the directory of its fleet. */
function withDirectory(host: Host): { one: Isolate; directory(): string } {
  let directory = "";
  const one = host.isolate({ prepare: (path) => void (directory = path) });
  return { one, directory: () => directory };
}

/** The lines about the fleet in the own numbers of an isolate. */
async function ownLines(isolate: Isolate): Promise<readonly string[]> {
  return (await isolate.scrape()).match(/^barograph_fleet.*$/gm) ?? [];
}

const WRITES = fault("ENOSPC", ({ method }) => method === "write");

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
  const [one, two] = [host.isolate(), host.isolate(WRITES)];
  ordersOf(one).inc(5);
  (await one.join()).leave();
  ordersOf(two).inc(1);
  await warnings(async () => {
    using fleet = await two.join();
    assert.equal(fleet.member, undefined);
    await host.pass(20);
  });
  const three = host.isolate();
  ordersOf(three).inc(1);
  using _three = await three.join();
  assert.equal(await three.value(TOTAL), 6);
  assert.equal(await three.value("barograph_fleet_adopted_total"), 1);
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
