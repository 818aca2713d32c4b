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
  return borrowedOf(caches.of(format), source);
}

/** Whether this exposition has pages of the previous one. */
function isCached(
  before: readonly BorrowedPage[],
  after: readonly BorrowedPage[],
): boolean {
  return after.some((page) => before.some((one) => isSame(one, page)));
}

function whole(pages: readonly BorrowedPage[]): Buffer {
  return Buffer.concat(pages.map(({ bytes }) => bytes));
}

function setUp(most: number) {
  const clock = new FakeClock();
  return {
    clock,
    caches: new FormatCaches(most, clock),
    source: registryOf(SERIES),
  };
}

test("FormatCaches.of() returns the same pages for the next reader", () => {
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
  pagesOf(caches, prometheusText, source); // checks the others as well
  const second = pagesOf(caches, openMetrics, source);
  assert.ok(isCached(first, second), "ten minutes are not too long");
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
    "and cached again",
  );
});

test("a format that is used every ten minutes stays cached", () => {
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

test("a format that is used now stays cached, however long ago it was used", () => {
  const { clock, caches, source } = setUp(1e9);
  const before = pagesOf(caches, openMetrics, source);
  clock.advance(100 * UNUSED);
  assert.ok(isCached(before, pagesOf(caches, openMetrics, source)));
});

/** The smallest budget with which `source` is cached in a format. */
function costOf(format: Format, source: Source): number {
  let [least, most] = [0, 2 ** 24];
  while (most - least > 100) {
    const middle = (least + most) / 2;
    const caches = new FormatCaches(middle, new FakeClock());
    const first = pagesOf(caches, format, source);
    if (isCached(first, pagesOf(caches, format, source))) most = middle;
    else least = middle;
  }
  return most;
}

test("all formats share one budget", () => {
  const source = registryOf(SERIES);
  const most = costOf(openMetrics, source) + costOf(prometheusText, source) / 2;
  const clock = new FakeClock();
  const caches = new FormatCaches(most, clock);
  const open = pagesOf(caches, openMetrics, source);
  const text = pagesOf(caches, prometheusText, source);
  assert.ok(isCached(open, pagesOf(caches, openMetrics, source)));
  assert.equal(
    isCached(text, pagesOf(caches, prometheusText, source)),
    false,
    "the budget is enough for one",
  );
  clock.advance(UNUSED + 1);
  const later = pagesOf(caches, prometheusText, source);
  assert.ok(isCached(later, pagesOf(caches, prometheusText, source)));
});

test("a format that is emptied while it is read frees its budget later", () => {
  const source = registryOf(SERIES);
  const most = costOf(openMetrics, source) + costOf(prometheusText, source) / 2;
  const clock = new FakeClock();
  const caches = new FormatCaches(most, clock);
  const slow = caches.of(openMetrics).owned(source); // has not begun
  clock.advance(UNUSED + 1);
  caches.of(prometheusProto); // openMetrics is emptied
  assert.ok([...slow].length > 0); // and written to its end, and cached
  clock.advance(UNUSED + 1);
  const text = pagesOf(caches, prometheusText, source);
  assert.ok(
    isCached(text, pagesOf(caches, prometheusText, source)),
    "the budget was freed",
  );
});

test("a budget of 0 caches nothing", () => {
  const { caches, source } = setUp(0);
  const first = pagesOf(caches, prometheusText, source);
  assert.equal(isCached(first, pagesOf(caches, prometheusText, source)), false);
});
