import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  type ExposeOptions,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { ExpositionCache } from "../../../src/encode/mod.ts";
import {
  differing,
  emptyRegistry,
  gaugeOf,
  givenOf,
  isSame,
  isWhole,
  type Lent,
  PAGES,
  piecesOf,
  textOf,
} from "./fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

test("where nothing has changed, every page is the very same", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const first = piecesOf(cache, registry);
  assert.equal(first.length, 1 + 10, "the metadata, and ten pages");
  isWhole(first, registry);
  assert.deepEqual(differing(first, piecesOf(cache, registry)), [0]);
});

test("a changed value leaves the other pages the very same", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  let before = piecesOf(cache, registry);
  for (const value of [7, 1000, 0.25, NaN, -3]) {
    at(50).set(value); // in the page of rows 48 to 63
    const after = piecesOf(cache, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, 4]);
    before = after;
  }
});

test("values at both ends of a page change that page alone", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  let before = piecesOf(cache, registry);
  for (const [row, page] of [[0, 1], [15, 1], [16, 2], [159, 10]] as const) {
    at(row).set(12_345);
    const after = piecesOf(cache, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, page]);
    before = after;
  }
});

test("a body that was handed out never changes", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const held: (readonly [readonly Bytes[], string])[] = [];
  for (let i = 0; i < 20; i++) {
    at(i * 7).set(i % 2 === 0 ? i : i * 1e6);
    if (i % 5 === 0) remove(i);
    const pieces = givenOf(cache, registry);
    held.push([pieces, textOf(pieces)]);
  }
  for (const [pieces, then] of held) assert.equal(textOf(pieces), then);
});

test("pages are given away themselves, and replaced where they change", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const taken = () => givenOf(cache, registry).slice(1);
  taken();
  const before = taken();
  assert.equal(before.length, 10);
  assert.ok(taken().every((one, i) => one === before[i]));
  at(50).set(77); // in the fourth one
  const after = taken();
  assert.deepEqual(after.flatMap((one, i) => one === before[i] ? [] : [i]), [
    3,
  ]);
});

test("where every page changes, copies are given, and the pages stay ours", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const pages = () => piecesOf(cache, registry).map(({ piece }) => piece);
  const before = pages();
  for (let i = 0; i < 3; i++) {
    for (let row = 0; row < 160; row += 16) at(row).set(10 ** i);
    const given = givenOf(cache, registry);
    assert.equal(given.length, 2, "the metadata, and all pages in one");
    isWhole(given, registry);
  }
  assert.deepEqual(pages().slice(1), before.slice(1));
});

test("what is lent stays of one moment, whatever others take meanwhile", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const sizes = { ...PAGES, pagesPerStep: 4 };
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, sizes);
  piecesOf(cache, registry); // from here on its pages are taken in one go
  const then = textOf([expose(registry, prometheusText)]);
  const slow = cache.borrowed(registry);
  const said: string[] = [];
  for (const batch of slow) {
    said.push(textOf(batch.map(({ bytes }) => bytes)));
    for (let row = 0; row < 160; row += 16) at(row).inc();
    piecesOf(cache, registry);
  }
  assert.ok(said.length > 3);
  assert.equal(said.join(""), then);
});

test("what is lent is written over, unless somebody was given it", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const pages = () => piecesOf(cache, registry).map(({ piece }) => piece);
  const before = pages();
  at(50).set(7);
  assert.equal(pages()[4], before[4]);
  givenOf(cache, registry);
  at(50).set(8);
  assert.notEqual(pages()[4], before[4]);
});

test("a series that comes or goes rewrites its page alone", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g", 155);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  let before = piecesOf(cache, registry);
  const change = (work: () => void, page: number) => {
    work();
    const after = piecesOf(cache, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, page]);
    before = after;
  };
  change(() => remove(40), 3);
  change(() => at(500).set(1), 3); // in the row that has become free
  change(() => at(501).set(1), 10); // behind the last one
  change(() => remove(501), 10);
});

test("series beyond the last page make up new pages", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 160);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const before = piecesOf(cache, registry);
  for (let i = 160; i < 200; i++) at(i).set(i);
  const after = piecesOf(cache, registry);
  isWhole(after, registry);
  assert.equal(after.length, before.length + 3);
  assert.deepEqual(differing(before.slice(1), after.slice(1, 11)), []);
});

test("a page that has lost all of its series is left out", () => {
  const registry = emptyRegistry();
  const { gauge, at, remove } = gaugeOf(registry, "g", 160);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const before = piecesOf(cache, registry);
  for (let i = 16; i < 32; i++) remove(i);
  const after = piecesOf(cache, registry);
  isWhole(after, registry);
  assert.equal(after.length, before.length - 1);
  gauge.clear();
  isWhole(piecesOf(cache, registry), registry);
  assert.equal(textOf(piecesOf(cache, registry)), "");
  at(3).set(1);
  isWhole(piecesOf(cache, registry), registry);
});

test("with no room nothing is kept, and the output is the same", () => {
  for (const left of [0, 100, 5000]) {
    const registry = emptyRegistry();
    const { at } = gaugeOf(registry, "g");
    const budget = { left };
    const cache = new ExpositionCache(prometheusText, budget, PAGES);
    for (let i = 0; i < 3; i++) {
      at(i).set(i * 100);
      isWhole(piecesOf(cache, registry), registry);
      assert.equal(budget.left, left, "what is not kept takes no room");
    }
  }
});

/** What one family takes, of as many series as the tests have. */
function costOfOne(): number {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const budget = { left: 1e9 };
  piecesOf(new ExpositionCache(prometheusText, budget, PAGES), registry);
  return 1e9 - budget.left;
}

test("what is kept takes about twice its size", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const size = expose(registry, prometheusText).length;
  const cost = costOfOne();
  assert.ok(cost > size && cost < 2 * size, `${cost} for ${size} bytes`);
});

test("room is given back when a family goes, and taken by another", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const most = 1.5 * costOfOne();
  const budget = { left: most };
  const cache = new ExpositionCache(prometheusText, budget, PAGES);
  const first = piecesOf(cache, registry);
  isWhole(first, registry);
  const kept = (before: readonly Lent[]) =>
    piecesOf(cache, registry).filter((piece) =>
      before.some((one) => isSame(one, piece))
    );
  assert.equal(kept(first).length, 10, "there is room for one of them");
  assert.ok(budget.left < most);
  registry.unregister("g");
  piecesOf(cache, registry);
  assert.equal(budget.left, most);
  const third = piecesOf(cache, registry); // now it fits
  isWhole(third, registry);
  assert.equal(kept(third).length, 10);
  registry.unregister("h");
  piecesOf(cache, registry);
  assert.equal(budget.left, most);
});

test("clear() forgets everything, and gives all room back", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const budget = { left: 1e6 };
  const formats = [prometheusText, openMetrics, prometheusProto];
  const all = formats.map((one) => new ExpositionCache(one, budget, PAGES));
  for (let i = 0; i < 10; i++) {
    at(i).set(1e9 * i);
    remove(20 + i);
    for (const cache of all) piecesOf(cache, registry);
  }
  assert.ok(budget.left < 1e6);
  const before = piecesOf(all[0]!, registry);
  for (const cache of all) cache.clear();
  assert.equal(budget.left, 1e6);
  const held = new Set(before.map(({ piece }) => piece));
  const after = piecesOf(all[0]!, registry);
  assert.ok(after.every(({ piece }) => !held.has(piece)));
  isWhole(after, registry);
});

test("families that outgrow their room are given up, and written anew", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 16);
  const budget = { left: costOfOne() };
  const cache = new ExpositionCache(prometheusText, budget, PAGES);
  for (let i = 16; i < 400; i += 32) {
    for (let j = 0; j < 32; j++) at(i + j).set(j);
    isWhole(piecesOf(cache, registry), registry);
    assert.ok(budget.left >= 0);
  }
  assert.equal(budget.left, costOfOne(), "nothing is kept any more");
});

test("a piece that was transferred is written anew", () => {
  for (const format of [prometheusText, prometheusProto]) {
    const registry = emptyRegistry();
    const { at } = gaugeOf(registry, "g");
    const cache = new ExpositionCache(format, { left: Infinity }, PAGES);
    givenOf(cache, registry); // from here on it stands
    for (const change of [false, true]) {
      const pieces = givenOf(cache, registry);
      const transfer = pieces.slice(2, 7).map(({ buffer }) => buffer);
      structuredClone(transfer, { transfer });
      assert.equal(pieces[2]!.length, 0);
      if (change) at(40).set(77);
      isWhole(piecesOf(cache, registry), registry, format);
    }
    const pieces = givenOf(cache, registry);
    const transfer = pieces.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    isWhole(piecesOf(cache, registry), registry, format);
  }
});

test("families asked for by name do not make the others be forgotten", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const budget = { left: 1e6 };
  const cache = new ExpositionCache(prometheusText, budget, PAGES);
  const before = piecesOf(cache, registry);
  const { left } = budget;
  const only: ExposeOptions = { only: ({ name }) => name === "g" };
  at(3).set(99);
  isWhole(
    piecesOf(cache, registry, only),
    registry,
    prometheusText,
    only,
  );
  const nothing: ExposeOptions = { only: () => false };
  assert.equal(textOf(piecesOf(cache, registry, nothing)), "");
  assert.equal(budget.left, left - 1, "one digit more");
  const after = piecesOf(cache, registry);
  assert.deepEqual(differing(before, after), [0, 1, 11]);
});

test("parts that are left out of one exposition are kept for the next", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const before = piecesOf(cache, registry);
  const except = { except: new Set(registry.parts) };
  assert.equal(textOf(piecesOf(cache, registry, except)), "");
  assert.deepEqual(differing(before, piecesOf(cache, registry)), [0]);
});
