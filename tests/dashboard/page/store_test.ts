import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveStore } from "../../../page/core/store.ts";
import type { Changes } from "../../../page/core/data.ts";
import type {
  Change,
  Delta,
  EventMessage,
  FamilyInfo,
  FrameGap,
  History,
  TraceSummary,
} from "../../../src/dashboard/protocol.ts";
import { BEGIN, FAMILIES, HELLO, INFOS } from "./store_model.ts";

const [COUNTER, GAUGE] = FAMILIES as [FamilyInfo, FamilyInfo];
const [SERIES] = INFOS as [typeof INFOS[number]];
const LEVEL = INFOS.find(({ family }) => family === GAUGE.id)!;

function frame(seq: number, d: readonly Change[] = [], step = 1): Delta {
  return { seq, t: BEGIN + seq, step, d };
}

/** A history of 10 columns of a second, that ends with frame `seq`. */
function history(
  seq: number,
  d: History["families"][number]["series"][number]["d"] = [],
  more: Partial<History> = {},
): History {
  return {
    epoch: HELLO.epoch,
    seq,
    from: BEGIN + seq - 10,
    step: 1,
    columns: 10,
    gaps: [],
    names: { f: [COUNTER], s: [SERIES] },
    families: [{
      id: COUNTER.id,
      series: [{ id: SERIES.id, base: 0, total: 0, d }],
    }],
    ...more,
  };
}

function storeWith(answer: History): LiveStore {
  const store = new LiveStore(() => {});
  store.setHello(HELLO);
  store.addNames({ f: FAMILIES, s: [] });
  store.beginLoad();
  store.endLoad(answer);
  return store;
}

function values(store: LiveStore, family = COUNTER.id): number[] {
  return [...store.series(family)[0]!.values];
}

test("Store spreads a frame of 10 s over columns of a second", () => {
  const store = storeWith(history(20));
  store.addFrame(frame(30, [[SERIES.id, 20]], 10));
  assert.deepEqual(values(store), Array.from({ length: 10 }, () => 2));
  assert.equal(store.series(COUNTER.id)[0]!.total, 20);
  assert.equal(store.axis.from, BEGIN + 20);
  assert.equal(store.axis.to, BEGIN + 30);
});

test("Store spreads the growth of a family that is read every 10 s", () => {
  const info = { ...COUNTER, every: 10 as const };
  const store = storeWith(history(20, [[4, 50]], {
    names: { f: [info], s: [SERIES] },
  }));
  // Column 4 and nine before it, of which five have left the range.
  assert.deepEqual(values(store), [5, 5, 5, 5, 5, 0, 0, 0, 0, 0]);
  for (let seq = 21; seq <= 30; seq++) {
    store.addFrame(frame(seq, seq === 30 ? [[SERIES.id, 30]] : []));
  }
  assert.deepEqual(values(store), Array.from({ length: 10 }, () => 3));
});

test("Store shows that nothing has changed in frames that were left out", () => {
  const store = storeWith(history(20));
  store.addFrame(frame(24, [[SERIES.id, 1]]));
  assert.deepEqual(values(store).slice(5), [0, 0, 0, 0, 1]);
});

test("Store moves the axis on while no frames come, and never back", () => {
  const store = storeWith(history(20));
  store.addFrame(frame(21));
  store.moveTo(BEGIN + 25.5);
  assert.equal(store.axis.from, BEGIN + 16);
  assert.equal(store.axis.to, BEGIN + 21);
  assert.deepEqual(store.axis.gaps, [
    { from: BEGIN + 21, to: BEGIN + 25.5, why: "cut" },
  ]);
  assert.deepEqual(values(store).slice(4), [0, NaN, NaN, NaN, NaN, NaN]);
  store.moveTo(BEGIN + 3);
  assert.equal(store.axis.from, BEGIN + 16);
  store.addFrame(frame(22, [[SERIES.id, 7]]));
  assert.deepEqual(values(store).slice(4), [0, 7, NaN, NaN, NaN, NaN]);
  assert.deepEqual(store.axis.gaps, []);
});

test("Store shows no data while a series is not there", () => {
  const store = storeWith(history(20, [[2, 1], [4, null], [7, 3]]));
  assert.deepEqual(values(store), [0, 0, 1, 0, NaN, NaN, NaN, 3, 0, 0]);
  store.addFrame(frame(21, [[SERIES.id, null]]));
  store.addFrame(frame(22));
  assert.deepEqual(values(store).slice(-3), [0, NaN, NaN]);
});

test("Store keeps the past of a removed series until it has left the range", () => {
  const store = storeWith(history(20, [[9, 5]]));
  store.remove({ s: [SERIES.id] });
  assert.equal(store.one(SERIES.id), undefined);
  store.addFrame(frame(29));
  assert.equal(values(store)[0], 5);
  store.addFrame(frame(30));
  assert.deepEqual(store.series(COUNTER.id), []);
});

test("Store leaves out columns that a history says are missing", () => {
  const gap: FrameGap = { from: BEGIN + 12, to: BEGIN + 14, why: "asleep" };
  const store = storeWith(history(20, [], { gaps: [gap] }));
  assert.deepEqual(values(store).slice(0, 5), [0, 0, NaN, NaN, 0]);
  assert.deepEqual(store.axis.gaps, [gap]);
  store.addFrame(frame(24));
  assert.deepEqual(store.axis.gaps, []);
});

test("Store keeps what it has after a restart, and names the time between", () => {
  const store = storeWith(history(20, [[3, 4], [9, 6]]));
  assert.equal(store.setHello(HELLO), false);
  store.addFrame(frame(21, [[SERIES.id, 8]]));
  const epoch = "f";
  assert.equal(store.setHello({ ...HELLO, epoch }), true);
  assert.equal(store.families.size, 0);
  // The new program numbers its families anew.
  const info = { ...COUNTER, id: 9 };
  const names = { f: [info], s: [{ ...SERIES, id: 90, family: 9 }] };
  store.addNames({ f: names.f, s: [] });
  store.beginLoad();
  store.endLoad(history(2, [], {
    epoch,
    from: BEGIN + 15,
    names,
    gaps: [{ from: BEGIN, to: BEGIN + 23, why: "unsampled" }],
    families: [{
      id: 9,
      series: [{ id: 90, base: null, total: 2, d: [[9, 2]] }],
    }],
  }));
  assert.deepEqual(values(store, 9), [
    ...[0, 0, 0, 0, 6, 8],
    ...[NaN, NaN, NaN, 2],
  ]);
  assert.deepEqual(store.axis.gaps, [
    { from: BEGIN + 21, to: BEGIN + 23, why: "restarted" },
  ]);
});

test("Store forgets the traces of the program before a restart", () => {
  const store = storeWith(history(20));
  store.addTrace({ id: "1" } as TraceSummary);
  store.setHello(HELLO);
  assert.equal(store.traces.length, 1);
  store.setHello({ ...HELLO, epoch: "f" });
  assert.deepEqual(store.traces, []);
});

test("Store ignores a history of another epoch", () => {
  const store = storeWith(history(20, [], { epoch: "old" }));
  assert.equal(store.isLoaded(COUNTER.id), false);
});

test("Store gives frames to wanted families alone; others are kept, but stale", () => {
  const store = storeWith(history(20));
  assert.equal(store.isFresh(COUNTER.id), true);
  store.setWanted(new Set([GAUGE.id]));
  assert.equal(store.isFresh(COUNTER.id), false);
  assert.equal(store.isLoaded(COUNTER.id), true);
  store.addFrame(frame(21));
  assert.deepEqual(values(store).slice(-2), [0, NaN]);
});

test("Store shows the levels of a merged frame, and its band", () => {
  const store = storeWith(history(20, [], {
    names: { f: [GAUGE], s: [LEVEL] },
    families: [{
      id: GAUGE.id,
      series: [{ id: LEVEL.id, base: 5, total: 0, d: [[6, 7, 2, 9]] }],
    }],
  }));
  const [series] = store.series(GAUGE.id);
  assert.deepEqual([...series!.values].slice(5, 8), [5, 7, 7]);
  assert.deepEqual([...series!.least!].slice(5, 8), [5, 2, 7]);
  assert.deepEqual([...series!.most!].slice(5, 8), [5, 9, 7]);
});

test("Store changes its axis with the range of a history", () => {
  const store = storeWith(history(20));
  store.beginLoad();
  store.endLoad(history(21, [], { from: BEGIN - 70, step: 10, columns: 10 }));
  assert.deepEqual(
    { ...store.axis, to: 0 },
    { from: BEGIN - 70, step: 10, columns: 10, to: 0, gaps: [] },
  );
  assert.equal(values(store).length, 10);
});

test("Store keeps a bounded number of events and traces", () => {
  const store = new LiveStore(() => {});
  for (let id = 0; id < 20_000; id++) {
    store.addEvent({ id } as EventMessage);
    store.addTrace({ id: String(id) } as TraceSummary);
  }
  assert.ok(store.events.length <= 5500);
  assert.ok(store.traces.length <= 1100);
  assert.deepEqual(store.events.at(-1), { id: 19_999 });
  assert.equal(store.traces.at(-1)!.id, "19999");
});

test("Store marks what has changed", () => {
  const marks: (keyof Changes)[] = [];
  const store = new LiveStore((...names) => marks.push(...names));
  store.setHello(HELLO);
  store.addNames({ f: FAMILIES, s: [] });
  store.addFrame(frame(1));
  store.addEvent({ id: 1 } as EventMessage);
  assert.deepEqual(marks, ["hello", "names", "data", "events"]);
});
