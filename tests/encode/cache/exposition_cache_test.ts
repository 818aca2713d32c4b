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
  borrowedOf,
  type BorrowedPage,
  differing,
  emptyRegistry,
  gaugeOf,
  isSame,
  isWhole,
  ownedOf,
  PAGES,
  textOf,
} from "./fixtures.ts";

type Bytes = Uint8Array<ArrayBuffer>;

test("ExpositionCache returns the same pages while nothing changes", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const first = borrowedOf(cache, registry);
  assert.equal(first.length, 1 + 10, "the metadata and ten pages");
  isWhole(first, registry);
  assert.deepEqual(differing(first, borrowedOf(cache, registry)), [0]);
});

test("ExpositionCache rewrites only the page of a changed value", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  let before = borrowedOf(cache, registry);
  for (const value of [7, 1000, 0.25, NaN, -3]) {
    at(50).set(value); // on the page of rows 48 to 63
    const after = borrowedOf(cache, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, 4]);
    before = after;
  }
});

test("ExpositionCache rewrites only the page of its first or last value", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  let before = borrowedOf(cache, registry);
  for (const [row, page] of [[0, 1], [15, 1], [16, 2], [159, 10]] as const) {
    at(row).set(12_345);
    const after = borrowedOf(cache, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, page]);
    before = after;
  }
});

test("ExpositionCache.owned() returns bytes that never change", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const held: (readonly [readonly Bytes[], string])[] = [];
  for (let i = 0; i < 20; i++) {
    at(i * 7).set(i % 2 === 0 ? i : i * 1e6);
    if (i % 5 === 0) remove(i);
    const pages = ownedOf(cache, registry);
    held.push([pages, textOf(pages)]);
  }
  for (const [pages, text] of held) assert.equal(textOf(pages), text);
});

test("ExpositionCache.owned() publishes pages and replaces changed ones", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const pages = () => ownedOf(cache, registry).slice(1);
  pages();
  const before = pages();
  assert.equal(before.length, 10);
  assert.ok(pages().every((page, i) => page === before[i]));
  at(50).set(77); // on the fourth page
  const changed = pages().flatMap((page, i) => page === before[i] ? [] : [i]);
  assert.deepEqual(changed, [3]);
});

test("ExpositionCache.owned() copies the pages of a hot family", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const pages = () => borrowedOf(cache, registry).map(({ page }) => page);
  const before = pages();
  for (let i = 0; i < 3; i++) {
    for (let row = 0; row < 160; row += 16) at(row).set(10 ** i);
    const owned = ownedOf(cache, registry);
    assert.equal(owned.length, 2, "the metadata, and all pages in one copy");
    isWhole(owned, registry);
  }
  assert.deepEqual(pages().slice(1), before.slice(1));
});

test("ExpositionCache.borrowed() shows one moment while others read changed values", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const sizes = { ...PAGES, pagesPerBatch: 4 };
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, sizes);
  borrowedOf(cache, registry); // from now on all pages are read in one step
  const expected = textOf([expose(registry, prometheusText)]);
  const slow = cache.borrowed(registry);
  const texts: string[] = [];
  for (const step of slow) {
    texts.push(textOf(step.map(({ bytes }) => bytes)));
    for (let row = 0; row < 160; row += 16) at(row).inc();
    borrowedOf(cache, registry);
  }
  assert.ok(texts.length > 3);
  assert.equal(texts.join(""), expected);
});

test("ExpositionCache overwrites borrowed pages but replaces published ones", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const pages = () => borrowedOf(cache, registry).map(({ page }) => page);
  const before = pages();
  at(50).set(7);
  assert.equal(pages()[4], before[4]);
  ownedOf(cache, registry);
  at(50).set(8);
  assert.notEqual(pages()[4], before[4]);
});

test("ExpositionCache rewrites only the page of an added or removed series", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g", 155);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  let before = borrowedOf(cache, registry);
  const change = (work: () => void, page: number) => {
    work();
    const after = borrowedOf(cache, registry);
    isWhole(after, registry);
    assert.deepEqual(differing(before, after), [0, page]);
    before = after;
  };
  change(() => remove(40), 3);
  change(() => at(500).set(1), 3); // in the free row
  change(() => at(501).set(1), 10); // after the last row
  change(() => remove(501), 10);
});

test("ExpositionCache writes series beyond the last page to new pages", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 160);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const before = borrowedOf(cache, registry);
  for (let i = 160; i < 200; i++) at(i).set(i);
  const after = borrowedOf(cache, registry);
  isWhole(after, registry);
  assert.equal(after.length, before.length + 3);
  assert.deepEqual(differing(before.slice(1), after.slice(1, 11)), []);
});

test("ExpositionCache leaves out a page without series", () => {
  const registry = emptyRegistry();
  const { gauge, at, remove } = gaugeOf(registry, "g", 160);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const before = borrowedOf(cache, registry);
  for (let i = 16; i < 32; i++) remove(i);
  const after = borrowedOf(cache, registry);
  isWhole(after, registry);
  assert.equal(after.length, before.length - 1);
  gauge.clear();
  isWhole(borrowedOf(cache, registry), registry);
  assert.equal(textOf(borrowedOf(cache, registry)), "");
  at(3).set(1);
  isWhole(borrowedOf(cache, registry), registry);
});

test("ExpositionCache caches nothing without a budget, and writes the same bytes", () => {
  for (const left of [0, 100, 5000]) {
    const registry = emptyRegistry();
    const { at } = gaugeOf(registry, "g");
    const budget = { left };
    const cache = new ExpositionCache(prometheusText, budget, PAGES);
    for (let i = 0; i < 3; i++) {
      at(i).set(i * 100);
      isWhole(borrowedOf(cache, registry), registry);
      assert.equal(
        budget.left,
        left,
        "an uncached family takes nothing from the budget",
      );
    }
  }
});

/** Returns the cost of one family with the default number of series. */
function costOfOne(): number {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const budget = { left: 1e9 };
  borrowedOf(new ExpositionCache(prometheusText, budget, PAGES), registry);
  return 1e9 - budget.left;
}

test("ExpositionCache takes at most twice the size of a family from the budget", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const size = expose(registry, prometheusText).length;
  const cost = costOfOne();
  assert.ok(cost > size && cost < 2 * size, `${cost} for ${size} bytes`);
});

test("ExpositionCache frees the budget of an unregistered family", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const max = 1.5 * costOfOne();
  const budget = { left: max };
  const cache = new ExpositionCache(prometheusText, budget, PAGES);
  const first = borrowedOf(cache, registry);
  isWhole(first, registry);
  const cachedOf = (before: readonly BorrowedPage[]) =>
    borrowedOf(cache, registry).filter((page) =>
      before.some((old) => isSame(old, page))
    );
  assert.equal(
    cachedOf(first).length,
    10,
    "the budget is enough for one of them",
  );
  assert.ok(budget.left < max);
  registry.unregister("g");
  borrowedOf(cache, registry);
  assert.equal(budget.left, max);
  const third = borrowedOf(cache, registry); // now h fits into the budget
  isWhole(third, registry);
  assert.equal(cachedOf(third).length, 10);
  registry.unregister("h");
  borrowedOf(cache, registry);
  assert.equal(budget.left, max);
});

test("ExpositionCache.clear() drops all pages and frees their budget", () => {
  const registry = emptyRegistry();
  const { at, remove } = gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const budget = { left: 1e6 };
  const formats = [prometheusText, openMetrics, prometheusProto];
  const caches = formats.map((format) =>
    new ExpositionCache(format, budget, PAGES)
  );
  for (let i = 0; i < 10; i++) {
    at(i).set(1e9 * i);
    remove(20 + i);
    for (const cache of caches) borrowedOf(cache, registry);
  }
  assert.ok(budget.left < 1e6);
  const before = borrowedOf(caches[0]!, registry);
  for (const cache of caches) cache.clear();
  assert.equal(budget.left, 1e6);
  const held = new Set(before.map(({ page }) => page));
  const after = borrowedOf(caches[0]!, registry);
  assert.ok(after.every(({ page }) => !held.has(page)));
  isWhole(after, registry);
});

test("ExpositionCache stops caching a family that outgrows the budget", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g", 16);
  const budget = { left: costOfOne() };
  const cache = new ExpositionCache(prometheusText, budget, PAGES);
  for (let i = 16; i < 400; i += 32) {
    for (let j = 0; j < 32; j++) at(i + j).set(j);
    isWhole(borrowedOf(cache, registry), registry);
    assert.ok(budget.left >= 0);
  }
  assert.equal(budget.left, costOfOne(), "nothing is cached any more");
});

test("ExpositionCache rewrites a page whose buffer was transferred", () => {
  for (const format of [prometheusText, prometheusProto]) {
    const registry = emptyRegistry();
    const { at } = gaugeOf(registry, "g");
    const cache = new ExpositionCache(format, { left: Infinity }, PAGES);
    ownedOf(cache, registry); // cached from now on
    for (const change of [false, true]) {
      const pages = ownedOf(cache, registry);
      const transfer = pages.slice(2, 7).map(({ buffer }) => buffer);
      structuredClone(transfer, { transfer });
      assert.equal(pages[2]!.length, 0);
      if (change) at(40).set(77);
      isWhole(borrowedOf(cache, registry), registry, format);
    }
    const pages = ownedOf(cache, registry);
    const transfer = pages.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    isWhole(borrowedOf(cache, registry), registry, format);
  }
});

test("ExpositionCache keeps families cached that an exposition does not select", () => {
  const registry = emptyRegistry();
  const { at } = gaugeOf(registry, "g");
  gaugeOf(registry, "h");
  const budget = { left: 1e6 };
  const cache = new ExpositionCache(prometheusText, budget, PAGES);
  const before = borrowedOf(cache, registry);
  const { left } = budget;
  const only: ExposeOptions = { only: ({ name }) => name === "g" };
  at(3).set(99);
  isWhole(
    borrowedOf(cache, registry, only),
    registry,
    prometheusText,
    only,
  );
  const nothing: ExposeOptions = { only: () => false };
  assert.equal(textOf(borrowedOf(cache, registry, nothing)), "");
  assert.equal(budget.left, left - 1, "one more digit");
  const after = borrowedOf(cache, registry);
  assert.deepEqual(differing(before, after), [0, 1, 11]);
});

test("ExpositionCache keeps parts cached that one exposition leaves out", () => {
  const registry = emptyRegistry();
  gaugeOf(registry, "g");
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, PAGES);
  const before = borrowedOf(cache, registry);
  const except = { except: new Set(registry.parts) };
  assert.equal(textOf(borrowedOf(cache, registry, except)), "");
  assert.deepEqual(differing(before, borrowedOf(cache, registry)), [0]);
});
