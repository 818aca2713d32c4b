import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotReader } from "../../src/fleet/slot_reader.ts";
import { SlotWriter } from "../../src/fleet/slot_writer.ts";
import {
  EXPIRED,
  HELD,
  type SlotMeta,
  type SlotState,
} from "../../src/fleet/slot.ts";
import { Crash, MemoryDisk, type OnCall } from "./memory_files.ts";
import { contentsOf, family, ids, META, PATH, row } from "./slots.ts";

interface Slot {
  readonly disk: MemoryDisk;
  readonly writer: SlotWriter;
  readonly reader: SlotReader;
}

const RANDOM = ids();

function open(disk: MemoryDisk, onCall?: OnCall): SlotWriter {
  return SlotWriter.open(disk.member(onCall), PATH, RANDOM);
}

function slot(onCall?: OnCall): Slot {
  const disk = new MemoryDisk();
  const writer = open(disk, onCall);
  return { disk, writer, reader: new SlotReader(disk.member(), PATH) };
}

/** Returns what a reader that knows nothing reads. */
function stateOf(disk: MemoryDisk): SlotState {
  const reader = new SlotReader(disk.member(), PATH);
  assert.equal(reader.read(), "replaced");
  return reader.state!;
}

/** Checks that a reader knows the same as one that knew nothing before. */
function checkAgainstFresh({ state }: SlotReader, disk: MemoryDisk): void {
  assert.deepEqual(contentsOf(state!), contentsOf(stateOf(disk)));
}

/** Adds a counter and rows with values. */
function count(writer: SlotWriter, ...values: readonly number[]): void {
  const number = writer.addFamily(family("jobs_total"));
  values.forEach((value, at) => set(writer, row(number, String(at)), value));
}

function set(
  writer: SlotWriter,
  added: ReturnType<typeof row>,
  value: number,
): number {
  const number = writer.addRow(added);
  writer.cells[writer.rows[number]!.at] = value;
  writer.states[number] = HELD;
  return number;
}

/** Returns the values of all rows by their labels. */
function valuesOf({ rows, cells }: SlotState): Record<string, number> {
  return Object.fromEntries(
    rows.map(({ labels, at }) => [JSON.parse(labels).join(), cells[at]]),
  );
}

test("a reader reads all that was published", () => {
  const { disk, writer } = slot();
  const meta: SlotMeta = {
    incarnation: 7,
    joinedAt: 12.5,
    process: 'höst "1"\n',
    run: "\ud800",
    hasLeft: true,
    declared: [2, 0],
  };
  const families = [
    family("jobs_total", { labelNames: ["a", "b"], unit: "" }),
    family("wait_seconds", {
      type: "histogram",
      unit: "seconds",
      labelNames: [],
    }, { bounds: [-1.5, 0.1, 1e300], isNative: true }),
    family("http.größe", { type: "gauge", merge: "last", labelNames: ["x.y"] }),
  ];
  for (const it of families) writer.addFamily(it);
  const labels = ["a\tb\nc", '\u2028"\ud801\\'];
  writer.addRow({ ...row(0, ...labels), generation: 3, start: 1e9 + 0.25 });
  writer.addRow(row(1));
  writer.addRow(row(2, ""));
  writer.addTombstone({ family: 2, generation: 4, labels: '["ü"]' });
  writer.cells.set([1, 2, 3, 4, 5, NaN, -0, Infinity]);
  writer.states.set([HELD, EXPIRED]);
  writer.setExtra(1, '{"é":1}');
  writer.setExtra(2, "x");
  writer.setExtra(2, undefined);
  writer.publish(meta, 99.5);

  const state = stateOf(disk);
  assert.deepEqual({ ...state.meta }, meta);
  assert.equal(state.publishedAt, 99.5);
  assert.deepEqual(state.families, families);
  assert.deepEqual(state.rows, [
    {
      family: 0,
      generation: 3,
      start: 1e9 + 0.25,
      labels: JSON.stringify(labels),
      at: 0,
    },
    { ...row(1), at: 1 },
    { ...row(2, ""), at: 6 },
  ]);
  assert.deepEqual(state.tombstones, writer.tombstones);
  assert.deepEqual([...state.cells.slice(0, 8)], [
    ...[1, 2, 3, 4, 5, NaN, -0, Infinity],
  ]);
  assert.deepEqual([...state.states.slice(0, 3)], [HELD, EXPIRED, 0]);
  assert.deepEqual([...state.extras], [[1, '{"é":1}']]);
  assert.equal(disk.openFiles, 0);
});

test("read() says what is new since the last one", () => {
  const { writer, reader } = slot();
  assert.equal(reader.read(), "gone");
  assert.equal(typeof reader.state, "undefined");
  count(writer, 1);
  assert.equal(reader.read(), "gone");
  writer.publish(META, 1);
  assert.equal(reader.read(), "replaced");
  assert.equal(reader.before, undefined);
  assert.equal(reader.read(), "same");
  writer.cells[0] = 2;
  assert.equal(reader.read(), "same");
  writer.publish(META, 2);
  assert.equal(reader.read(), "changed");
  assert.equal(reader.before?.[0], 1);
  assert.equal(reader.state?.cells[0], 2);
  assert.deepEqual([...reader.failed], []);
});

test("a reader swaps two arrays of cells, and keeps the others", () => {
  const { writer, reader } = slot();
  count(writer, 0, 0);
  const seen: SlotState[] = [];
  for (let round = 0; round < 4; round++) {
    writer.cells.fill(round);
    writer.publish(META, round);
    reader.read();
    seen.push(reader.state!);
  }
  assert.equal(seen[0]!.cells, seen[2]!.cells);
  assert.equal(seen[1]!.cells, seen[3]!.cells);
  assert.notEqual(seen[0]!.cells, seen[1]!.cells);
  assert.equal(reader.before, seen[2]!.cells);
  for (
    const key of ["rows", "families", "tombstones", "extras", "meta"] as const
  ) {
    assert.equal(seen[0]![key], seen[3]![key], key);
  }
});

test("cells of new rows are 0 in what was read before", () => {
  const { writer, reader } = slot();
  count(writer, 5);
  writer.publish(META, 1);
  reader.read();
  set(writer, row(0, "new"), 7);
  writer.publish(META, 2);
  assert.equal(reader.read(), "changed");
  assert.deepEqual(
    [...reader.before!.slice(0, 2)].map((it) => it || 0),
    [5, 0]
      .slice(0, Math.min(2, reader.before!.length)),
  );
  assert.deepEqual(valuesOf(reader.state!), { "0": 5, new: 7 });
});

test("a file that is too small is replaced by a larger one", () => {
  const { disk, writer, reader } = slot();
  count(writer, 1);
  writer.publish(META, 1);
  reader.read();
  const { bytes } = writer;
  assert.equal(disk.get(PATH)!.length, bytes);
  for (let at = 0; at < 1000; at++) set(writer, row(0, `n${at}`), at);
  writer.publish(META, 2);
  assert.equal(reader.read(), "replaced");
  assert.equal(reader.state?.rows.length, 1001);
  assert.equal(writer.rows[1000]!.labels, '["n999"]');
  checkAgainstFresh(reader, disk);
  assert.ok(writer.bytes > bytes);
  assert.equal(disk.get(PATH)!.length, writer.bytes);
  assert.deepEqual(disk.member().list("/fleet"), ["s0"]);
});

test("extras are read again when they changed, also in a new file", () => {
  const { disk, writer, reader } = slot();
  count(writer, 1, 2);
  for (let round = 1; round < 6; round++) {
    writer.setExtra(1, `"${round}"`);
    writer.publish(META, round);
    writer.publish(META, round);
    reader.read();
    assert.equal(reader.state?.extras.get(1), `"${round}"`);
  }
  // In the new file, the numbers of publishes begin anew.
  writer.compact(() => true, () => true);
  for (let round = 1; round < 20; round++) {
    if (round > 8) writer.setExtra(0, `"${round}"`);
    writer.publish(META, round);
    reader.read();
    assert.deepEqual(reader.state?.extras, stateOf(disk).extras);
  }
});

test("meta is read again when it changed", () => {
  const { writer, reader } = slot();
  writer.publish(META, 1);
  reader.read();
  writer.publish({ ...META, hasLeft: true }, 2);
  assert.equal(reader.read(), "changed");
  assert.equal(reader.state?.meta.hasLeft, true);
});

test("compact() drops rows and tombstones with the next publish", () => {
  const { disk, writer, reader } = slot();
  count(writer, 1, 2, 3);
  writer.addFamily(
    family("size", { type: "histogram", labelNames: [] }, { bounds: [1] }),
  );
  writer.addRow(row(1));
  writer.cells.set([7, 8, 9], 3);
  writer.addTombstone({ family: 0, generation: 0, labels: '["x"]' });
  writer.addTombstone({ family: 0, generation: 1, labels: '["x"]' });
  writer.setExtra(0, "zero");
  writer.setExtra(3, "three");
  writer.publish(META, 1);
  reader.read();

  const numbers = writer.compact(
    (number) => number % 2 === 1,
    ({ generation }) => generation === 1,
  );
  assert.deepEqual([...numbers], [-1, 0, -1, 1]);
  assert.equal(reader.read(), "same");
  writer.addRow(row(0, "new"));
  writer.publish(META, 2);
  assert.equal(reader.read(), "replaced");
  const state = reader.state!;
  assert.deepEqual(state.rows.map(({ labels }) => labels), [
    '["1"]',
    "[]",
    '["new"]',
  ]);
  assert.deepEqual([...state.cells.slice(0, 5)], [2, 7, 8, 9, 0]);
  assert.deepEqual([...state.states.slice(0, 3)], [HELD, 0, 0]);
  assert.deepEqual([...state.extras], [[1, "three"]]);
  assert.deepEqual(state.tombstones.map((it) => it.generation), [1]);
  checkAgainstFresh(reader, disk);
});

test("a slot continues from what was published", () => {
  const { disk, writer, reader } = slot();
  count(writer, 1, 2);
  writer.setExtra(1, "extra");
  writer.addTombstone({ family: 0, generation: 0, labels: '["x"]' });
  writer.publish(META, 1);
  writer.beat(5);
  reader.read();
  writer.cells[0] = 10; // is not published
  set(writer, row(0, "lost"), 1);

  const next = open(disk);
  assert.equal(next.bytes, writer.bytes);
  assert.deepEqual(valuesOf(next.found!), { "0": 1, "1": 2 });
  next.cells[0]! += 1;
  next.states[0] = 0;
  set(next, row(0, "new"), 3);
  assert.deepEqual(valuesOf(next.found!), { "0": 1, "1": 2 });
  assert.equal(next.found!.rows.length, 2);
  assert.equal(next.found!.states[0], HELD);
  next.publish({ ...META, incarnation: 2 }, 2);
  assert.equal(reader.read(), "changed");
  assert.deepEqual(valuesOf(reader.state!), { "0": 2, "1": 2, new: 3 });
  assert.equal(reader.state!.extras.get(1), "extra");
  assert.equal(reader.state!.tombstones.length, 1);
  assert.equal(reader.beatAt, 5);
  checkAgainstFresh(reader, disk);
});

test("with `begins` a slot begins anew, but not before the first publish", () => {
  const { disk, writer, reader } = slot();
  count(writer, 1);
  writer.publish(META, 1);
  reader.read();
  const next = SlotWriter.open(disk.member(), PATH, {
    ...RANDOM,
    begins: true,
  });
  assert.equal(next.found, undefined);
  assert.equal(reader.read(), "same");
  next.publish(META, 2);
  assert.equal(reader.read(), "replaced");
  assert.deepEqual(reader.state!.rows, []);
});

test("beat() is read without a publish, and survives growth", () => {
  const { writer, reader } = slot();
  assert.equal(writer.beat(1), false);
  writer.publish(META, 1);
  assert.equal(writer.beat(2), true);
  assert.equal(reader.read(), "replaced");
  assert.equal(reader.beatAt, 2);
  writer.beat(3);
  assert.equal(reader.read(), "same");
  assert.equal(reader.beatAt, 3);
  writer.compact(() => true, () => true);
  writer.publish(META, 1);
  assert.equal(reader.read(), "replaced");
  assert.equal(reader.beatAt, 3);
});

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

test("a writer does not write in the file of another one", () => {
  const { disk, writer } = slot();
  count(writer, 1);
  writer.publish(META, 1);
  const other = SlotWriter.open(disk.member(), PATH, {
    ...RANDOM,
    begins: true,
  });
  other.publish(META, 2);
  const bytes = disk.get(PATH);
  const error = { message: /^Cannot write \/fleet\/s0: another owner/ };
  assert.throws(() => writer.publish(META, 3), error);
  assert.throws(() => writer.beat(3), error);
  assert.deepEqual(disk.get(PATH), bytes);
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
