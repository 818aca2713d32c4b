import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import {
  checkUsable,
  SlotWriter,
} from "../../../src/fleet/slot/slot_writer.ts";
import { Crash, MemoryDisk } from "./memory_files.ts";
import {
  checkAgainstFresh,
  count,
  open,
  RANDOM,
  set,
  type Slot,
  slot,
  valuesOf,
} from "./slot_fixture.ts";
import { META, PATH, row } from "./slots.ts";

test("a file that was removed or destroyed is written anew", () => {
  const destroyed: ((bytes: Uint8Array) => Uint8Array | undefined)[] = [
    () => undefined,
    () => new Uint8Array(0),
    () => new Uint8Array(1000),
    (bytes) => bytes.subarray(0, -1),
    (bytes) => bytes.subarray(0, 100),
  ];
  for (const destroy of destroyed) {
    const { disk, writer, reader } = slot();
    count(writer, 1);
    writer.publish(META, 1);
    reader.read();
    disk.set(PATH, destroy(disk.get(PATH)!));
    assert.equal(writer.beat(1), false);
    writer.cells[0] = 2;
    writer.publish(META, 2);
    assert.equal(reader.read(), "replaced");
    assert.deepEqual(valuesOf(reader.state!), { "0": 2 });
    assert.equal(writer.beat(1), true);
    assert.equal(disk.openFiles, 0);
  }
});

/** Returns what is done to the file of a writer by another one. */
function intrusions(): ((slot: Slot) => void)[] {
  return [
    ({ disk }) =>
      SlotWriter.open(disk.member(), PATH, { ...RANDOM, begins: true })
        .publish(META, 2),
    ({ disk }) => open(disk).publish(META, 2),
    ({ disk }) => disk.set(PATH, new Uint8Array(10_000)),
    ({ disk }) => disk.set(PATH, undefined),
    ({ disk }) => disk.set(PATH, disk.get(PATH)!.subarray(0, 100)),
  ];
}

test("a writer whose claim is gone neither replaces a file nor makes one", () => {
  for (const intrude of intrusions()) {
    let isOwner = true;
    const disk = new MemoryDisk();
    const owns = () => isOwner;
    const writer = SlotWriter.open(disk.member(), PATH, { ...RANDOM, owns });
    count(writer, 1);
    writer.publish(META, 1);
    assert.equal(writer.isThere(), true);
    const reader = new SlotReader(disk.member(), PATH);
    intrude({ disk, writer, reader });
    isOwner = false;
    const bytes = disk.get(PATH);
    const error = {
      message: /^Cannot write \/fleet\/s0: its claim was removed/,
    };
    assert.throws(() => writer.publish(META, 3), error);
    assert.equal(writer.beat(3), false);
    assert.deepEqual(disk.get(PATH), bytes);
    assert.equal(disk.openFiles, 0);
  }
});

test("an owner replaces what others have written in place of its file", () => {
  for (const intrude of intrusions()) {
    const it = slot();
    const { disk, writer, reader } = it;
    count(writer, 1);
    writer.publish(META, 1);
    reader.read();
    intrude(it);
    writer.cells[0] = 2;
    set(writer, row(0, "new"), 3);
    writer.publish(META, 3);
    assert.equal(reader.read(), "replaced");
    assert.deepEqual(valuesOf(reader.state!), { "0": 2, new: 3 });
    checkAgainstFresh(reader, disk);
    assert.equal(writer.beat(4), true);
    assert.equal(disk.openFiles, 0);
  }
});

test("isThere() says whether the file of the last publish has its name", () => {
  const { disk, writer } = slot();
  assert.equal(writer.isThere(), false);
  writer.publish(META, 1);
  assert.equal(writer.isThere(), true);
  open(disk).publish(META, 2); // goes on in the same file
  assert.equal(writer.isThere(), true);
  for (const bytes of [undefined, new Uint8Array(8), new Uint8Array(9999)]) {
    disk.set(PATH, bytes);
    assert.equal(writer.isThere(), false);
  }
  assert.equal(disk.openFiles, 0);
});

test("a file of another version is neither continued nor replaced", () => {
  const { disk, writer } = slot();
  count(writer, 1);
  writer.publish(META, 1);
  const bytes = disk.get(PATH)!;
  bytes[7]!++;
  disk.set(PATH, bytes);
  const error = {
    reason: "version",
    message: "the file is of another version",
  };
  assert.throws(() => open(disk), error);
  assert.throws(() => checkUsable(disk.member(), PATH), error);
  assert.deepEqual(disk.get(PATH), bytes);
});

test("checkUsable() accepts what can be continued or begun anew", () => {
  const { disk, writer } = slot();
  checkUsable(disk.member(), PATH);
  writer.publish(META, 1);
  checkUsable(disk.member(), PATH);
  for (const length of [0, 8, 10_000]) {
    disk.set(PATH, new Uint8Array(length));
    checkUsable(disk.member(), PATH);
  }
  const denied = disk.member(({ method }) => {
    if (method === "open") throw new Error("denied");
    return undefined;
  });
  assert.throws(() => checkUsable(denied, PATH), { message: "denied" });
  assert.equal(disk.openFiles, 0);
});

test("a writer that was closed does not write", () => {
  const { disk, writer } = slot();
  writer.publish(META, 1);
  writer.close();
  const bytes = disk.get(PATH);
  const error = { message: /its writer was closed$/ };
  assert.throws(() => writer.publish(META, 2), error);
  assert.throws(() => writer.beat(2), error);
  assert.deepEqual(disk.get(PATH), bytes);
});

test("open() throws if a file cannot be read, and leaves it as it is", () => {
  const { disk, writer } = slot();
  writer.publish(META, 1);
  const fault = new Error("too many files are open");
  for (const method of ["open", "read"]) {
    assert.throws(
      () =>
        open(disk, (call) => {
          if (call.method === method) throw fault;
          return undefined;
        }),
      fault,
    );
  }
});

test("a publish that fails leaves no file behind", () => {
  const full = new Error("no space left");
  const { disk, writer } = slot((call) =>
    call.method === "write"
      ? {
        after: 0.5,
        run: () => {
          throw full;
        },
      }
      : undefined
  );
  assert.throws(() => writer.publish(META, 1), full);
  assert.deepEqual(disk.member().list("/fleet"), []);
  assert.equal(disk.openFiles, 0);
});

test("a publish mends one that failed at any call, or was cut short by it", () => {
  for (let failing = 0;; failing++) {
    for (const after of [0, 0.5, 1]) {
      let call = -1;
      const full = new Error("no space left");
      const { disk, writer, reader } = slot(() =>
        call++ === failing
          ? {
            after,
            run: () => {
              throw full;
            },
          }
          : undefined
      );
      call = -Infinity;
      count(writer, 1);
      writer.publish(META, 1);
      writer.cells[0] = 2;
      writer.publish(META, 2);
      assert.equal(reader.read(), "replaced");
      call = 0;
      writer.cells[0] = 3;
      set(writer, row(0, "new"), 1);
      let isWhole = true;
      try {
        writer.publish(META, 3);
      } catch (error) {
        assert.equal(error, full);
        isWhole = false;
      }
      const hasEnded = call <= failing;
      call = -Infinity;
      const change = reader.read();
      if (isWhole) assert.equal(reader.state!.publishedAt, 3);
      assert.notEqual(change, "gone");
      checkAgainstFresh(reader, disk);
      for (const at of [4, 5]) {
        writer.cells[0] = at;
        set(writer, row(0, `new${at}`), at);
        writer.publish(META, at);
        reader.read();
        checkAgainstFresh(reader, disk);
        assert.equal(reader.state!.publishedAt, at);
        assert.equal(reader.state!.cells[0], at);
      }
      if (hasEnded) return;
    }
  }
});

test("extras are read after a new file could not be made", () => {
  let isDenied = false;
  const { disk, writer, reader } = slot(({ method }) => {
    if (isDenied && method === "open") throw new Error("denied");
    return undefined;
  });
  count(writer, 1);
  writer.setExtra(0, "old");
  writer.publish(META, 1);
  reader.read();
  writer.setExtra(0, "new");
  isDenied = true;
  assert.throws(() => writer.publish(META, 2), { message: "denied" });
  isDenied = false;
  writer.publish(META, 3);
  assert.equal(reader.read(), "changed");
  assert.equal(reader.state!.extras.get(0), "new");
  checkAgainstFresh(reader, disk);
});

test("after a crash at any call, the slot continues from a whole copy", () => {
  for (let failing = 0;; failing++) {
    for (const after of [0, 0.4, 0.6, 1]) {
      let call = -Infinity;
      const { disk, writer, reader } = slot(() =>
        call++ === failing
          ? {
            after,
            run: () => {
              throw new Crash();
            },
          }
          : undefined
      );
      count(writer, 1);
      writer.publish(META, 1);
      reader.read();
      call = 0;
      writer.cells[0] = 3;
      set(writer, row(0, "new"), 1);
      let hasCrashed = false;
      try {
        writer.publish(META, 2);
      } catch (error) {
        assert.ok(error instanceof Crash);
        hasCrashed = true;
      }
      reader.read();
      const seen = reader.state!.publishedAt;
      assert.deepEqual(
        valuesOf(reader.state!),
        seen === 1 ? { "0": 1 } : { "0": 3, new: 1 },
      );
      if (!hasCrashed) assert.equal(seen, 2);
      const next = open(disk);
      assert.equal(next.found!.publishedAt, seen);
      set(next, row(0, "newer"), 9);
      next.publish(META, 3);
      assert.equal(reader.read(), "changed");
      checkAgainstFresh(reader, disk);
      assert.equal(reader.state!.rows.at(-1)!.labels, '["newer"]');
      if (!hasCrashed) return;
    }
  }
});
