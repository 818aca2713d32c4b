/** The rules by which slots become one source. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fold } from "../../../src/fleet/fold/fold.ts";
import { ABSENT, EXPIRED } from "../../../src/fleet/slot/slot.ts";
import type { MergeRule, MetricType } from "../../../src/model/mod.ts";
import { foldOf, linesOf, openTextOf } from "./lines.ts";
import { FakeSlot } from "./slots.ts";

/** Returns slots that each have a row of one family with these cells. */
function slotsOf(
  type: MetricType,
  merge: MergeRule | undefined,
  cells: readonly (readonly number[])[],
  labelNames: readonly string[] = ["a"],
  bounds: readonly number[] = [],
): FakeSlot[] {
  return cells.map((of, i) => {
    const slot = new FakeSlot({ joinedAt: i, process: `p${i}` });
    const name = type === "counter"
      ? "x_total"
      : type === "info"
      ? "x_info"
      : "x";
    const family = slot.family({ name, type, merge, labelNames }, bounds);
    slot.row(family, labelNames.map(() => "v"), of);
    return slot;
  });
}

const TABLE: readonly (readonly [
  type: MetricType,
  merge: MergeRule | undefined,
  cells: readonly (readonly number[])[],
  lines: readonly string[],
  left: readonly string[],
])[] = [
  // type, rule, cells by slot, lines, lines after slot 0 has died
  ["counter", undefined, [[1], [2.5]], [
    'x_total{a="v"} 3.5',
  ], ['x_total{a="v"} 3.5']],
  ["counter", "max", [[1], [2.5]], ['x_total{a="v"} 2.5'], [
    'x_total{a="v"} 2.5',
  ]],
  ["counter", "last", [[7, 20], [2, 10]], ['x_total{a="v"} 7'], [
    'x_total{a="v"} 7',
  ]],
  ["counter", "each-worker", [[1], [2]], [
    'x_total{a="v",member="0"} 1',
    'x_total{a="v",member="1"} 2',
  ], ['x_total{a="v",member="0"} 1', 'x_total{a="v",member="1"} 2']],
  ["gauge", undefined, [[1], [-2]], [
    'x{a="v",member="0"} 1',
    'x{a="v",member="1"} -2',
  ], ['x{a="v",member="1"} -2']],
  ["gauge", "sum", [[1], [-2], [4]], ['x{a="v"} 3'], ['x{a="v"} 2']],
  ["gauge", "max", [[NaN], [-2], [-4]], ['x{a="v"} -2'], ['x{a="v"} -2']],
  ["gauge", "min", [[-9], [NaN], [4]], ['x{a="v"} -9'], ['x{a="v"} 4']],
  ["gauge", "last", [[1, 10], [2, 5], [3, 10]], ['x{a="v"} 1'], [
    'x{a="v"} 3',
  ]],
  ["unknown", undefined, [[1]], ['x{a="v",member="0"} 1'], []],
  ["info", undefined, [[1, 5], [1, 6]], ['x_info{a="v"} 1'], [
    'x_info{a="v"} 1',
  ]],
  ["summary", undefined, [[2, 1.5], [3, 1]], [
    'x_sum{a="v"} 2.5',
    'x_count{a="v"} 5',
  ], ['x_sum{a="v"} 2.5', 'x_count{a="v"} 5']],
];

for (const [type, merge, cells, lines, left] of TABLE) {
  test(`Fold merges ${type} by the rule ${merge ?? "of its type"}`, () => {
    const slots = slotsOf(type, merge, cells);
    assert.deepEqual(linesOf(foldOf(slots)), lines);
    assert.deepEqual(linesOf(foldOf(slots, [0])), left);
  });
}

test("Fold adds up the buckets of histograms, of the dead too", () => {
  const slots = slotsOf(
    "histogram",
    undefined,
    [
      [1, 2, 3, 10.5],
      [0, 1, 0, 0.25],
    ],
    [],
    [0.1, 1],
  );
  const lines = [
    'x_bucket{le="0.1"} 1',
    'x_bucket{le="1.0"} 4',
    'x_bucket{le="+Inf"} 7',
    "x_sum 10.75",
    "x_count 7",
  ];
  assert.deepEqual(linesOf(foldOf(slots, [0])), lines);
});

test("Fold adds up gauge histograms of live members", () => {
  const slots = slotsOf(
    "gaugehistogram",
    undefined,
    [
      [1, 2, 5],
      [0, 1, 1],
    ],
    [],
    [1],
  );
  assert.ok(linesOf(foldOf(slots)).includes("x_sum 6"));
  assert.ok(linesOf(foldOf(slots, [0])).includes("x_sum 1"));
});

test("Fold leaves a family with a label named member as it is", () => {
  const slots = slotsOf("gauge", undefined, [[1], [2]], ["member"]);
  slots[0]!.publishedAt = 5;
  assert.deepEqual(linesOf(foldOf(slots)), ['x{member="v"} 1']);
  assert.deepEqual(linesOf(foldOf(slots, [0])), ['x{member="v"} 2']);
});

test("Fold follows the newest publish where no cell has a time", () => {
  const slots = slotsOf("summary", "last", [[1, 1], [2, 2]]);
  const fold = foldOf(slots);
  assert.ok(linesOf(fold).includes('x_count{a="v"} 1'));
  slots[1]!.publishedAt = 2;
  fold.take(1, slots[1]!.read(), "changed");
  fold.settle();
  assert.ok(linesOf(fold).includes('x_count{a="v"} 2'));
});

test("Fold shows the stateset that changed last as a whole", () => {
  const slots = [5, 4].map((time, i) => {
    const slot = new FakeSlot();
    const family = slot.family({
      name: "phase",
      type: "stateset",
      labelNames: ["a", "phase"],
    });
    slot.row(family, ["v", "up"], [i === 0 ? 1 : 0, i === 0 ? time : 1]);
    slot.row(family, ["v", "down"], [i === 0 ? 0 : 1, i === 0 ? 1 : time]);
    return slot;
  });
  assert.deepEqual(linesOf(foldOf(slots)), [
    'phase{a="v",phase="down"} 0',
    'phase{a="v",phase="up"} 1',
  ]);
  assert.deepEqual(linesOf(foldOf(slots, [0])), [
    'phase{a="v",phase="down"} 1',
    'phase{a="v",phase="up"} 0',
  ]);
});

test("Fold puts the label of members before the state of a stateset", () => {
  const slots = slotsOf("stateset", "each-worker", [[1], [0]], ["a", "x"]);
  assert.deepEqual(linesOf(foldOf(slots)), [
    'x{a="v",member="0",x="v"} 1',
    'x{a="v",member="1",x="v"} 0',
  ]);
});

test("Fold hides a series that has expired, unless a live member holds it", () => {
  const slots = slotsOf("counter", undefined, [[1], [2], [4]]);
  slots[0]!.states[0] = EXPIRED;
  slots[2]!.states[0] = ABSENT;
  const lines = ['x_total{a="v"} 7'];
  assert.deepEqual(linesOf(foldOf(slots)), lines);
  assert.deepEqual(linesOf(foldOf(slots, [0, 2])), lines);
  assert.deepEqual(linesOf(foldOf(slots, [1])), []);
  slots[1]!.states[0] = EXPIRED;
  assert.deepEqual(linesOf(foldOf(slots)), []);
});

test("Fold keeps counters of members that have left, and no gauges", () => {
  const slot = new FakeSlot({ hasLeft: true });
  slot.row(slot.family({ name: "c_total", type: "counter" }), [], [3]);
  slot.row(slot.family({ name: "g", type: "gauge", merge: "sum" }), [], [3]);
  assert.deepEqual(linesOf(foldOf([slot])), ["c_total 3"]);
});

test("Fold hides removed rows in all slots, and shows their successors", () => {
  const slots = slotsOf("counter", undefined, [[1], [2]]);
  const fold = foldOf(slots);
  const [a, b] = slots as [FakeSlot, FakeSlot];
  a.tombstones.push({ family: 0, generation: 0, labels: '["v"]' });
  fold.take(0, a.read(), "changed");
  fold.settle();
  assert.deepEqual(linesOf(fold), []);
  assert.deepEqual(fold.takeTombstones(), [
    { name: "x_total", labels: '["v"]', generation: 0 },
  ]);
  assert.deepEqual(fold.takeTombstones(), []);
  b.row(0, ["v"], [0.5], { generation: 1 });
  fold.take(1, b.read(), "changed");
  fold.settle();
  assert.deepEqual(linesOf(fold), ['x_total{a="v"} 0.5']);
  a.tombstones.push({ family: 0, generation: 1, labels: '[ "v" ]' });
  fold.take(0, a.read(), "changed");
  fold.settle();
  assert.deepEqual(linesOf(fold), []);
  assert.deepEqual(fold.takeTombstones(), [
    { name: "x_total", labels: '["v"]', generation: 1 },
  ]);
});

test("Fold hides a removed gauge of all members", () => {
  const slots = slotsOf("gauge", undefined, [[1], [2]]);
  slots[1]!.tombstones.push({ family: 0, generation: 0, labels: '["v"]' });
  assert.deepEqual(linesOf(foldOf(slots)), []);
});

test("Fold counts of each slot the row of the highest generation", () => {
  const slots = slotsOf("counter", undefined, [[1], [2]]);
  slots[1]!.row(0, ["v"], [4], { generation: 1 });
  assert.deepEqual(linesOf(foldOf(slots)), ['x_total{a="v"} 5']);
});

test("Fold keeps a slot whose file is gone", () => {
  const slots = slotsOf("counter", undefined, [[1]]);
  const fold = foldOf(slots);
  fold.take(0, { state: undefined, before: undefined }, "gone");
  fold.settle();
  assert.deepEqual(linesOf(fold), ['x_total{a="v"} 1']);
});

test("Fold shows the start that is earliest", () => {
  const slots = [30, 0, 20].map((start) => {
    const slot = new FakeSlot();
    const family = slot.family({ name: "c_total", type: "counter" });
    slot.row(family, [], [1], { start });
    return slot;
  });
  assert.match(openTextOf(foldOf(slots)), /c_total 3 st@20\n/);
});

test("Fold shows the exemplar that is newest", () => {
  const slots = [3, 9, 5].map((timestamp) => {
    const slot = new FakeSlot();
    const family = slot.family({ name: "c_total", type: "counter" });
    const row = slot.row(family, [], [1]);
    slot.extra(row, [
      { labels: { trace_id: `t${timestamp}` }, value: 1, timestamp },
    ]);
    return slot;
  });
  const fold = foldOf(slots);
  assert.match(openTextOf(fold), /trace_id="t9"/);
  const [{ rows } = { rows: undefined }] = fold.parts;
  const [version] = rows!.changes.versions;
  slots[1]!.extra(0, []);
  fold.take(1, slots[1]!.read(), "changed");
  fold.settle();
  assert.match(openTextOf(fold), /trace_id="t5"/);
  assert.ok(rows!.changes.versions[0]! > version!);
});

test("Fold shows gauges of a process once, from its lowest live slot", () => {
  const slots = [1, 2, 4].map((value, i) => {
    const slot = new FakeSlot({ process: i === 2 ? "q" : "p" });
    const name = "process_memory_bytes";
    const family = slot.family({ name, type: "gauge", unit: "bytes" });
    slot.row(family, [], [value]);
    return slot;
  });
  const name = "process_memory_bytes";
  assert.deepEqual(linesOf(foldOf(slots)), [
    `${name}{member="0"} 1`,
    `${name}{member="2"} 4`,
  ]);
  assert.deepEqual(linesOf(foldOf(slots, [0])), [
    `${name}{member="1"} 2`,
    `${name}{member="2"} 4`,
  ]);
});

test("Fold puts target_info first, and the others in the order of names", () => {
  const slot = new FakeSlot();
  for (const name of ["b_total", "target_info", "a_total", "z_info"]) {
    const type = name.endsWith("_info") ? "info" : "counter";
    slot.row(slot.family({ name, type }), [], [1]);
  }
  assert.deepEqual(
    foldOf([slot]).parts.map(({ descs: [desc] }) => desc!.name),
    ["target_info", "a_total", "b_total", "z_info"],
  );
});

test("Fold sorts series by their label values", () => {
  const slots = ["c", "a", "b"].map((value) => {
    const slot = new FakeSlot();
    const init = {
      name: "c_total",
      type: "counter",
      labelNames: ["l"],
    } as const;
    slot.row(slot.family(init), [value], [1]);
    return slot;
  });
  assert.deepEqual(
    linesOf(foldOf(slots)),
    ["a", "b", "c"].map((value) => `c_total{l="${value}"} 1`),
  );
});

test("Fold refuses a slot that it has no room for", () => {
  assert.throws(
    () => new Fold({ maxMembers: 2 }).take(2, new FakeSlot().read(), "changed"),
    { name: "RangeError", message: "Cannot take slot 2: there are 2" },
  );
});

test("Fold adds up floats in the order of slots", () => {
  const slots = slotsOf("counter", undefined, [[0.1], [0.2], [0.3]]);
  const fold = foldOf(slots);
  assert.deepEqual(linesOf(fold), ['x_total{a="v"} 0.6000000000000001']);
  for (const slot of [2, 0, 1]) {
    slots[slot]!.set(0, 0.7);
    fold.take(slot, slots[slot]!.read(), "changed");
    fold.settle();
    slots[slot]!.set(0, (slot + 1) / 10);
    fold.take(slot, slots[slot]!.read(), "changed");
    fold.settle();
  }
  assert.deepEqual(linesOf(fold), [`x_total{a="v"} ${0.1 + 0.2 + 3 / 10}`]);
});

test("Fold finds changes that an earlier read has seen", () => {
  const slots = slotsOf("counter", undefined, [[1]]);
  const fold = foldOf(slots);
  slots[0]!.set(0, 2);
  slots[0]!.read();
  fold.take(0, slots[0]!.read(), "changed");
  fold.settle();
  assert.deepEqual(linesOf(fold), ['x_total{a="v"} 2']);
});

test("Fold shows removed rows again if no slot says so any more", () => {
  const slots = slotsOf("counter", undefined, [[1], [2]]);
  const [a] = slots as [FakeSlot];
  a.tombstones.push({ family: 0, generation: 0, labels: '["v"]' });
  const fold = foldOf(slots);
  assert.deepEqual(linesOf(fold), []);
  a.rewrite();
  a.tombstones = [];
  a.rows = [];
  fold.take(0, a.read(), "replaced");
  fold.settle();
  assert.deepEqual(linesOf(fold), ['x_total{a="v"} 2']);
});

test("Fold shows all states of the next member when the newest has died", () => {
  const slots = [["up"], ["up", "slow"]].map((states, i) => {
    const slot = new FakeSlot({ process: `p${i}` });
    const init = {
      name: "phase",
      type: "stateset",
      labelNames: ["phase"],
    } as const;
    const family = slot.family(init);
    for (const state of states) slot.row(family, [state], [1, 5 - i]);
    return slot;
  });
  const fold = foldOf(slots);
  assert.deepEqual(linesOf(fold), ['phase{phase="up"} 1']);
  fold.setDead(new Set([0]));
  fold.settle();
  assert.deepEqual(linesOf(fold), [
    'phase{phase="slow"} 1',
    'phase{phase="up"} 1',
  ]);
});
