import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allFormats,
  expose,
  type Format,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../src/encode/mod.ts";
import { FormatCaches } from "../../src/encode/internal.ts";
import type { Source } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { borrowedOf, type BorrowedPage, isSame } from "./cache/fixtures.ts";
import { registryOf } from "../http/fixtures.ts";

const UNUSED = 600;

/** Enough for several pages per family, so that pages are handed on. */
const SERIES = 1000;

function pagesOf(
  caches: FormatCaches,
  format: Format,
  source: Source,
): BorrowedPage[] {
  return borrowedOf(caches.of(format).pages, source);
}

/** Returns whether an exposition has pages of the one before. */
function isCached(
  before: readonly BorrowedPage[],
  after: readonly BorrowedPage[],
): boolean {
  return after.some((page) => before.some((old) => isSame(old, page)));
}

function whole(pages: readonly BorrowedPage[]): Buffer {
  return Buffer.concat(pages.map(({ bytes }) => bytes));
}

function setUp(maxBytes: number) {
  const clock = new FakeClock();
  return {
    clock,
    caches: new FormatCaches(maxBytes, clock),
    source: registryOf(SERIES),
  };
}

test("FormatCaches.of() returns a cache that keeps its pages for the next reader", () => {
  const { caches, source } = setUp(1e9);
  for (const format of allFormats()) {
    const first = pagesOf(caches, format, source);
    assert.ok(isCached(first, pagesOf(caches, format, source)), format.id);
    assert.equal(Buffer.compare(whole(first), expose(source, format)), 0);
  }
  // No format has replaced another one.
  for (const format of allFormats()) {
    const again = whole(pagesOf(caches, format, source));
    assert.equal(Buffer.compare(again, expose(source, format)), 0);
  }
});

test("FormatCaches.of() separates the escapings of a format", () => {
  const { caches, source } = setUp(1e9);
  const escaped = prometheusText.escapedBy("values");
  assert.notEqual(caches.of(prometheusText), caches.of(escaped));
  assert.equal(
    caches.of(escaped),
    caches.of(prometheusText.escapedBy("values")),
  );
  const first = pagesOf(caches, prometheusText, source);
  assert.equal(isCached(first, pagesOf(caches, escaped, source)), false);
});

test("FormatCaches.of() empties a format that is unused for over ten minutes", () => {
  const { clock, caches, source } = setUp(1e9);
  const first = pagesOf(caches, openMetrics, source);
  clock.advance(UNUSED);
  pagesOf(caches, prometheusText, source); // empties unused caches
  const second = pagesOf(caches, openMetrics, source);
  assert.ok(isCached(first, second), "still cached after ten minutes");
  clock.advance(UNUSED + 1);
  pagesOf(caches, prometheusText, source);
  const third = pagesOf(caches, openMetrics, source);
  assert.equal(isCached(second, third), false);
  assert.equal(
    Buffer.compare(whole(third), expose(source, openMetrics)),
    0,
  );
  assert.ok(
    isCached(third, pagesOf(caches, openMetrics, source)),
    "cached again",
  );
});

test("FormatCaches.of() keeps a format that is used every ten minutes", () => {
  const { clock, caches, source } = setUp(1e9);
  let before = pagesOf(caches, openMetrics, source);
  for (let i = 0; i < 10; i++) {
    clock.advance(UNUSED - 1);
    pagesOf(caches, prometheusText, source);
    const after = pagesOf(caches, openMetrics, source);
    assert.ok(isCached(before, after));
    before = after;
  }
});

test("FormatCaches.of() never empties the requested format", () => {
  const { clock, caches, source } = setUp(1e9);
  const before = pagesOf(caches, openMetrics, source);
  clock.advance(100 * UNUSED);
  assert.ok(isCached(before, pagesOf(caches, openMetrics, source)));
});

/** Returns the smallest budget with which `source` is cached in a format. */
function costOf(format: Format, source: Source): number {
  let [low, high] = [0, 2 ** 24];
  while (high - low > 100) {
    const middle = (low + high) / 2;
    const caches = new FormatCaches(middle, new FakeClock());
    const first = pagesOf(caches, format, source);
    if (isCached(first, pagesOf(caches, format, source))) high = middle;
    else low = middle;
  }
  return high;
}

/** Returns a budget for OpenMetrics or text, but not for both. */
function budgetOfOne(source: Source): number {
  return costOf(openMetrics, source) + costOf(prometheusText, source) / 2;
}

test("FormatCaches shares one budget among all formats", () => {
  const source = registryOf(SERIES);
  const clock = new FakeClock();
  const caches = new FormatCaches(budgetOfOne(source), clock);
  const open = pagesOf(caches, openMetrics, source);
  const text = pagesOf(caches, prometheusText, source);
  assert.ok(isCached(open, pagesOf(caches, openMetrics, source)));
  assert.equal(
    isCached(text, pagesOf(caches, prometheusText, source)),
    false,
    "the budget is large enough for one format only",
  );
  clock.advance(UNUSED + 1);
  const later = pagesOf(caches, prometheusText, source);
  assert.ok(isCached(later, pagesOf(caches, prometheusText, source)));
});

test("FormatCaches.of() frees the budget of a format that was filled after it was emptied", () => {
  const source = registryOf(SERIES);
  const clock = new FakeClock();
  const caches = new FormatCaches(budgetOfOne(source), clock);
  const slow = caches.of(openMetrics).pages.published(source); // has not begun
  clock.advance(UNUSED + 1);
  caches.of(prometheusProto); // empties openMetrics
  assert.ok([...slow].length > 0); // fills it again
  clock.advance(UNUSED + 1);
  const text = pagesOf(caches, prometheusText, source);
  assert.ok(
    isCached(text, pagesOf(caches, prometheusText, source)),
    "the budget was freed",
  );
});

test("FormatCaches caches nothing with a budget of 0", () => {
  const { caches, source } = setUp(0);
  const first = pagesOf(caches, prometheusText, source);
  assert.equal(isCached(first, pagesOf(caches, prometheusText, source)), false);
});
