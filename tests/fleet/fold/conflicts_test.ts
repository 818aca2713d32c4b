/** Declarations that contradict each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { foldOf, linesOf } from "./lines.ts";
import { FakeSlot } from "./slots.ts";

/** Returns a slot whose counter has a label of this name. */
function labelled(
  label: string,
  joinedAt: number,
  help = "Help.",
): FakeSlot {
  const slot = new FakeSlot({ joinedAt });
  const family = slot.family({
    name: "c_total",
    type: "counter",
    labelNames: [label],
    help,
  });
  slot.row(family, ["v"], [1]);
  return slot;
}

test("Fold shows what the longest-standing live member declares", () => {
  const slots = [labelled("a", 5), labelled("b", 3), labelled("b", 4)];
  const fold = foldOf(slots);
  assert.deepEqual(linesOf(fold), ['c_total{b="v"} 2']);
  assert.deepEqual([...fold.refused], [["c_total", 1]]);
  fold.setDead(new Set([1]));
  fold.settle();
  assert.deepEqual(linesOf(fold), ['c_total{b="v"} 2']);
  fold.setDead(new Set([1, 2]));
  fold.settle();
  assert.deepEqual(linesOf(fold), ['c_total{a="v"} 1']);
  assert.deepEqual([...fold.refused], []);
});

test("Fold shows the declaration of the lower slot if members joined together", () => {
  assert.deepEqual(linesOf(foldOf([labelled("a", 1), labelled("b", 1)])), [
    'c_total{a="v"} 1',
  ]);
});

test("Fold shows the declaration of the newest publish if nobody declares it", () => {
  const slots = [labelled("a", 1), labelled("b", 2)];
  const fold = foldOf(slots, [0, 1]);
  assert.deepEqual(linesOf(fold), ['c_total{a="v"} 1']);
  slots[1]!.publishedAt = 2;
  fold.take(1, slots[1]!.read(), "changed");
  fold.settle();
  assert.deepEqual(linesOf(fold), ['c_total{b="v"} 1']);
});

test("Fold follows a member that declares a family anew", () => {
  const slot = labelled("a", 1);
  const fold = foldOf([slot]);
  const family = slot.family({ name: "c_total", type: "counter" });
  slot.meta = { ...slot.meta, declared: [family] };
  slot.row(family, [], [7]);
  fold.take(0, slot.read(), "changed");
  fold.settle();
  assert.deepEqual(linesOf(fold), ["c_total 7"]);
  assert.deepEqual([...fold.refused], []);
});

test("Fold merges declarations that differ in their help", () => {
  const slots = [labelled("a", 2, "New."), labelled("a", 1, "Old.")];
  const fold = foldOf(slots);
  assert.deepEqual(linesOf(fold), ['c_total{a="v"} 2']);
  assert.equal(fold.parts[0]!.descs[0]!.help, "Old.");
  fold.setDead(new Set([1]));
  fold.settle();
  assert.equal(fold.parts[0]!.descs[0]!.help, "New.");
});

test("Fold leaves out a family that would write a name of another", () => {
  const counter = labelled("a", 2);
  const histogram = new FakeSlot({ joinedAt: 1 });
  const family = histogram.family({ name: "c", type: "histogram" }, [1]);
  histogram.row(family, [], [1, 0, 1]);
  const fold = foldOf([counter, histogram]);
  assert.equal(linesOf(fold).at(-1), "c_count 1");
  const names = fold.parts.map(({ descs: [desc] }) => desc!.name);
  assert.deepEqual(names, ["c"]);
  assert.deepEqual([...fold.refused], [["c_total", 1]]);
  fold.setDead(new Set([1]));
  fold.settle();
  assert.deepEqual(linesOf(fold), ['c_total{a="v"} 1']);
});
