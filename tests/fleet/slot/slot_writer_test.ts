import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotWriter } from "../../../src/fleet/slot/slot_writer.ts";
import {
  EXPIRED,
  HELD,
  type SlotMeta,
  type SlotState,
} from "../../../src/fleet/slot/slot.ts";
import {
  checkAgainstFresh,
  count,
  open,
  RANDOM,
  set,
  slot,
  stateOf,
  valuesOf,
} from "./slot_fixture.ts";
import { family, META, PATH, row } from "./slots.ts";

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

test("labels of any text are read as they were written", () => {
  const texts = [
    "",
    ",",
    '"',
    '","',
    "\\",
    "[]",
    "]",
    "\t",
    "ü",
    "\u2028",
    "\ud800",
  ];
  for (const length of [0, 1, 2, 3]) {
    const { disk, writer } = slot();
    const names = ["a", "b", "c"].slice(0, length);
    writer.addFamily(family("jobs_total", { labelNames: names }));
    const count = texts.length ** length;
    for (let at = 0; at < count; at++) {
      const labels = names.map((_, place) =>
        texts[Math.floor(at / texts.length ** place) % texts.length]!
      );
      writer.addRow(row(0, ...labels));
    }
    writer.publish(META, 1);
    assert.deepEqual(stateOf(disk).rows, writer.rows);
  }
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
    assert.equal(seen[1]![key], seen[3]![key], key);
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
