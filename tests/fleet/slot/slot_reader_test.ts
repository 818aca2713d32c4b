import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as holds,
  constantFrom,
  nat,
  oneof,
  property,
  record,
  uint8Array,
} from "../../support/property.ts";
import { HELD, type SlotState } from "../../../src/fleet/slot/slot.ts";
import { copyAt, CopyBuffer } from "../../../src/fleet/slot/slot_format.ts";
import { SlotReader } from "../../../src/fleet/slot/slot_reader.ts";
import { SlotWriter } from "../../../src/fleet/slot/slot_writer.ts";
import { Crash, MemoryDisk } from "./memory_files.ts";
import {
  contentsOf,
  family,
  ids,
  META,
  PATH,
  row,
  withNumbers,
} from "./slots.ts";

/** Returns a disk with a slot of four publishes, and what was published last. */
function published(): { disk: MemoryDisk; state: SlotState } {
  const disk = new MemoryDisk();
  const writer = SlotWriter.open(disk.member(), PATH, ids());
  writer.addFamily(family("jobs_total"));
  writer.addFamily(
    family("wait", { type: "histogram", labelNames: [] }, { bounds: [1] }),
  );
  writer.addTombstone({ family: 0, generation: 0, labels: '["x"]' });
  for (let number = 1; number < 5; number++) {
    const added = writer.addRow(row(0, `row ${number}`));
    writer.states[added] = HELD;
    writer.cells.fill(number, 0, number);
    writer.setExtra(added, `"extra ${number}"`);
    writer.publish({ ...META, declared: [1, 0] }, number);
  }
  const reader = new SlotReader(disk.member(), PATH);
  assert.equal(reader.read(), "replaced");
  return { disk, state: contentsOf(reader.state!) };
}

/** Returns how two readers fare with a file: one that knew it before, and another. */
function readBoth(disk: MemoryDisk, bytes: Uint8Array): SlotReader[] {
  const known = new SlotReader(disk.member(), PATH);
  known.read();
  disk.set(PATH, bytes);
  const fresh = new SlotReader(disk.member(), PATH);
  for (const reader of [known, fresh]) {
    const before = reader.state && contentsOf(reader.state);
    const change = reader.read();
    if (change === "gone" || change === "same") {
      assert.deepEqual(reader.state && contentsOf(reader.state), before);
    }
  }
  assert.equal(disk.openFiles, 0);
  return [known, fresh];
}

test("each byte of a published copy is covered by its checksum", () => {
  const { disk, state } = published();
  const bytes = disk.get(PATH)!;
  const capacity = new DataView(bytes.buffer).getFloat64(32, true);
  const at = copyAt(4, capacity);
  const [cells, rows, , meta, extras] = [8, 16, 24, 32, 40].map((offset) =>
    new DataView(bytes.buffer).getFloat64(at + offset, true)
  );
  const end = CopyBuffer.lengthOf({
    cells: cells!,
    rows: rows!,
    logLength: 0,
    metaLength: meta!,
    extrasLength: extras!,
  });
  for (let offset = 0; offset < end; offset++) {
    for (const mask of [1, 0x80]) {
      const changed = bytes.slice();
      changed[at + offset]! ^= mask;
      disk.set(PATH, changed);
      const reader = new SlotReader(disk.member(), PATH);
      assert.equal(reader.read(), "gone", `byte ${offset}`);
    }
  }
  disk.set(PATH, bytes);
  const reader = new SlotReader(disk.member(), PATH);
  reader.read();
  assert.deepEqual(contentsOf(reader.state!), state);
});

test("two changed signs do not cancel each other in the checksum", () => {
  const { disk } = published();
  const bytes = disk.get(PATH)!;
  const capacity = new DataView(bytes.buffer).getFloat64(32, true);
  const at = copyAt(4, capacity) + 64;
  for (const other of [1, 2, 3]) {
    const changed = bytes.slice();
    changed[at + 7]! ^= 0x80;
    changed[at + 8 * other + 7]! ^= 0x80;
    disk.set(PATH, changed);
    assert.equal(new SlotReader(disk.member(), PATH).read(), "gone");
  }
});

test("a copy is whole, whatever is published at any call of the reader", () => {
  for (const isKnown of [false, true]) {
    for (let stop = 0, calls = 1; stop < calls; stop++) {
      for (const after of [0, 0.5, 1]) {
        // The last of these publishes crashes in the middle of its copy.
        for (const publishes of [1, 2, 3, 4, 5]) {
          calls = interleaved(isKnown, stop, after, publishes);
        }
      }
    }
  }
});

/** Reads while others publish at a call; returns the number of calls. */
function interleaved(
  isKnown: boolean,
  stop: number,
  after: number,
  publishes: number,
): number {
  const disk = new MemoryDisk();
  let writes = Infinity;
  const files = disk.member(({ method, length }) =>
    method === "write" && length > 8 && --writes < 0
      ? {
        after: 0.4,
        run: () => {
          throw new Crash();
        },
      }
      : undefined
  );
  const writer = SlotWriter.open(files, PATH, ids());
  writer.addFamily(family("jobs_total"));
  for (let at = 0; at < 100; at++) writer.addRow(row(0, `${at}`));
  const publish = (number: number): void => {
    writer.cells.fill(number, 0, 100);
    writer.publish(META, number);
  };
  publish(1);
  let call = -Infinity;
  let done = 1;
  const reader = new SlotReader(
    disk.member(() =>
      call++ === stop
        ? {
          after,
          run: () => {
            while (done < publishes) publish(++done);
            writes = 0;
            assert.throws(() => publish(done + 1), Crash);
          },
        }
        : undefined
    ),
    PATH,
  );
  if (isKnown) {
    reader.read();
    publish(++done);
  }
  call = 0;
  const first = done;
  reader.read();
  const { cells, publishedAt } = reader.state!;
  assert.ok(publishedAt >= first && publishedAt <= done);
  assert.deepEqual([...cells.slice(0, 100)], Array(100).fill(publishedAt));
  const { length } = [...cells];
  assert.ok(length >= 100);
  const calls = call;
  call = -Infinity;
  reader.read();
  assert.equal(reader.state!.publishedAt, done);
  return calls;
}

test("a reader gives up a copy that never stands still, and keeps what it knew", () => {
  const disk = new MemoryDisk();
  const writer = SlotWriter.open(disk.member(), PATH, ids());
  writer.publish(META, 1);
  let isBusy = false;
  let number = 1;
  const reader = new SlotReader(
    disk.member(({ method }) => {
      if (!isBusy || method !== "read") return undefined;
      for (let times = 0; times < 3; times++) writer.publish(META, ++number);
      return undefined;
    }),
    PATH,
  );
  isBusy = true;
  assert.equal(reader.read(), "gone");
  isBusy = false;
  assert.equal(reader.read(), "replaced");
  writer.publish(META, ++number);
  isBusy = true;
  const { state } = reader;
  assert.equal(reader.read(), "same");
  assert.equal(reader.state, state);
  assert.deepEqual([...reader.failed], [["torn", 2]]);
});

/** The magic of the next version, as a number. */
const BAROFLT2 = new DataView(new TextEncoder().encode("BAROFLT2").buffer)
  .getFloat64(0, true);

test("a file that cannot be used is gone, for a reason that is counted", () => {
  const { disk } = published();
  const bytes = disk.get(PATH)!;
  const capacity = new DataView(bytes.buffer).getFloat64(32, true);
  const edited = (numbers: Readonly<Record<number, number>>) =>
    withNumbers(bytes.slice(), numbers);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["truncated", new Uint8Array(0)],
    ["truncated", bytes.slice(0, 63)],
    ["truncated", bytes.slice(0, 64)],
    ["truncated", bytes.slice(0, 64 + capacity)],
    ["truncated", bytes.slice(0, -1)],
    ["foreign", new Uint8Array(10_000)],
    ["foreign", new TextEncoder().encode("BAROFLX1".repeat(1000))],
    ["version", new TextEncoder().encode("BAROFLT0".repeat(1000))],
    ["version", edited({ 0: BAROFLT2 })],
    ["foreign", edited({ 40: 1 })],
    ["truncated", edited({ 24: 0.5, 32: 2 ** 28 })],
    ["corrupt", edited({ 24: NaN })],
    ["corrupt", edited({ 24: 0.5, 8: 10 })],
    ...[NaN, Infinity, -2, 0, 1, 0.5, 2 ** 53].map((seq) =>
      ["corrupt", edited({ 8: seq })] as const
    ),
    ...[NaN, Infinity, -64, 0, 8, 64, capacity + 8, 2 ** 28 + 16, 2 ** 60].map(
      (size) => ["corrupt", edited({ 32: size })] as const,
    ),
  ];
  cases.forEach(([reason, file], index) => {
    disk.set(PATH, bytes);
    disk.longestRead = 0;
    const [, fresh] = readBoth(disk, file);
    assert.equal(fresh!.state, undefined);
    assert.deepEqual([...fresh!.failed], [[reason, 1]], `case ${index}`);
    assert.ok(disk.longestRead <= bytes.length);
    assert.equal(fresh!.read(), "gone");
    assert.equal(fresh!.failed.get(reason as "foreign"), 2);
  });
  disk.set(PATH, bytes);
  assert.equal(new SlotReader(disk.member(), PATH).read(), "replaced");
});

test("whatever a file contains, reading it does not throw", () => {
  const { disk } = published();
  const whole = disk.get(PATH)!;
  const edit = record({
    at: oneof(nat(whole.length - 1), nat(80)),
    bytes: oneof(
      uint8Array({ minLength: 1, maxLength: 16 }),
      constantFrom(0, 1, -1, NaN, Infinity, 0.5, 1e9, 2 ** 52, 2 ** 60).map(
        (value) => new Uint8Array(Float64Array.of(value).buffer),
      ),
    ),
  });
  holds(
    property(
      array(edit, { maxLength: 6 }),
      oneof(nat(whole.length), constantFrom(whole.length)),
      (edits, length) => {
        const bytes = whole.slice();
        for (const { at, bytes: part } of edits) {
          bytes.set(part.subarray(0, bytes.length - at), at);
        }
        disk.set(PATH, whole);
        readBoth(disk, bytes.slice(0, length));
      },
    ),
    { numRuns: 1000 },
  );
  holds(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      disk.set(PATH, whole);
      readBoth(disk, bytes);
      const named = bytes.slice();
      named.set(new TextEncoder().encode("BAROFLT1").subarray(0, named.length));
      readBoth(disk, named);
    }),
    { numRuns: 500 },
  );
});

test("errors of the runtime are counted, a missing file is not", () => {
  const { disk } = published();
  const reader = new SlotReader(
    disk.member(() => {
      throw new Error("denied");
    }),
    PATH,
  );
  assert.equal(reader.read(), "gone");
  assert.deepEqual([...reader.failed], [["unreadable", 1]]);
  assert.equal((reader.error as Error).message, "denied");
  for (const missing of [{ code: "ENOENT" }, { name: "NotFound" }]) {
    const other = new SlotReader(
      disk.member(() => {
        throw Object.assign(new Error("no file"), missing);
      }),
      PATH,
    );
    assert.equal(other.read(), "gone");
    assert.deepEqual([...other.failed], []);
  }
});
