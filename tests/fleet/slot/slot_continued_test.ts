/** A slot that another owner, or a publish after a failure, continues. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { copyAt } from "../../../src/fleet/slot/slot_format.ts";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import type { MemoryDisk } from "./memory_files.ts";
import {
  checkAgainstFresh,
  count,
  open,
  set,
  slot,
  valuesOf,
} from "./slot_fixture.ts";
import { META, PATH, row } from "./slots.ts";

/** Returns the number in the header of the file, and the id of the file. */
function headerOf(disk: MemoryDisk): { seq: number; id: number } {
  const view = new DataView(disk.get(PATH)!.buffer);
  return { seq: view.getFloat64(8, true), id: view.getFloat64(24, true) };
}

test("an owner that adopts a slot goes on with the next publish of its file", () => {
  const { disk, writer } = slot();
  count(writer, 1);
  for (let round = 0; round < 3; round++) writer.publish(META, round);
  const { seq, id } = headerOf(disk);
  const last = disk.get(PATH)!;
  const next = open(disk);
  set(next, row(0, "new"), 2);
  next.publish({ ...META, incarnation: 2 }, 9);
  assert.deepEqual(headerOf(disk), { seq: seq + 2, id });
  // The copy of the publish before must stay whole.
  const number = seq / 2;
  const capacity = new DataView(last.buffer).getFloat64(32, true);
  const from = copyAt(number, capacity);
  assert.deepEqual(
    disk.get(PATH)!.subarray(from, from + capacity),
    last.subarray(from, from + capacity),
  );
});

test("the beat of the owner before is kept in a new file", () => {
  const { disk, writer } = slot();
  count(writer, 1);
  writer.publish(META, 1);
  writer.beat(5);
  const next = open(disk);
  next.compact(() => true, () => true);
  next.publish(META, 2);
  const reader = new SlotReader(disk.member(), PATH);
  assert.equal(reader.read(), "replaced");
  assert.equal(reader.beatAt, 5);
});

test("the log goes on behind lines whose publish has failed at its last write", () => {
  for (const after of [0, 1]) {
    let fails = false;
    const full = new Error("no space left");
    let writes = 0;
    const { disk, writer, reader } = slot(({ method }) => {
      if (!fails || method !== "write" || ++writes < 4) return undefined;
      return {
        after,
        run: () => {
          throw full;
        },
      };
    });
    count(writer, 1);
    writer.publish(META, 1);
    const { id } = headerOf(disk);
    fails = true;
    set(writer, row(0, "a row with a long name"), 2);
    assert.throws(() => writer.publish(META, 2), full);
    fails = false;
    set(writer, row(0, "b"), 3);
    writer.publish(META, 3);
    reader.read();
    assert.deepEqual(valuesOf(reader.state!), {
      "0": 1,
      "a row with a long name": 2,
      b: 3,
    });
    checkAgainstFresh(reader, disk);
    assert.equal(writer.bytes, disk.get(PATH)!.length);
    assert.equal(headerOf(disk).id, id); // no new file was needed
  }
});

test("the cells of the read before are those of the same file", () => {
  const { writer, reader } = slot();
  count(writer, 1, 2);
  for (const at of [1, 2]) {
    writer.cells[0] = at;
    writer.publish(META, at);
    reader.read();
  }
  assert.equal(reader.before?.[0], 1);
  writer.compact((number) => number === 1, () => true);
  writer.publish(META, 3);
  assert.equal(reader.read(), "replaced");
  assert.equal(reader.before, undefined);
  writer.cells[0] = 9;
  writer.publish(META, 4);
  assert.equal(reader.read(), "changed");
  assert.equal(reader.before?.[0], 2);
});
