import assert from "node:assert/strict";
import { test } from "node:test";
import {
  expose,
  type Format,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { ExpositionCache } from "../../../src/encode/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import {
  borrowedOf,
  composed,
  isSame,
  OwnRows,
  SMALL,
  textOf,
} from "./fixtures.ts";
import { concatBytes } from "../../../src/base/internal.ts";

function fresh(source: Source, format: Format = prometheusText): string {
  return new TextDecoder().decode(
    expose(source, format, { observer: { failed() {} } }),
  );
}

const ignored = { observer: { failed() {} } };

test("ExpositionCache.owned() rewrites a page whose patching threw", () => {
  const rows = new OwnRows(160);
  const source = composed(rows);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, SMALL);
  [...cache.owned(source)];
  const slow = cache.owned(source);
  const pages = [...slow.next().value ?? []];
  // On the page of rows 48 to 63 the second value becomes longer; then writing
  // the page fails.
  rows.cells[49] = 12_345;
  rows.cells[60] = 1;
  rows.broken = 60;
  [...cache.owned(source, ignored)];
  rows.broken = -1;
  rows.cells[50] = 88_888;
  for (const step of slow) pages.push(...step);
  assert.equal(textOf(pages), fresh(source));
});

test("ExpositionCache.owned() leaves out only the large family that throws", () => {
  const rows = new OwnRows(5000);
  rows.broken = 2500; // on its second page
  const other = new OwnRows(3);
  const source = composed(rows, other);
  const cache = new ExpositionCache(openMetrics, { left: 0 });
  const reported: unknown[] = [];
  const failed = (part: Source) => void reported.push(part);
  const pages = [...cache.owned(source, { observer: { failed } })].flat();
  assert.deepEqual(reported, [rows]);
  assert.equal(textOf(pages), fresh(source, openMetrics));
});

test("ExpositionCache.owned() throws if a page is transferred after it was read", () => {
  for (const format of [prometheusText, prometheusProto]) {
    const source = composed(new OwnRows(160));
    const reported: unknown[] = [];
    const failed = (part: Source) => void reported.push(part);
    const cache = new ExpositionCache(format, { left: Infinity }, SMALL);
    [...cache.owned(source)];
    const slow = cache.owned(source, { observer: { failed } });
    for (let i = 0; i < 5; i++) slow.next(); // has read five pages
    const pages = [...cache.owned(source)].flat().slice(1, 4);
    const transfer = pages.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    // Otherwise lines would be missing unnoticed.
    assert.throws(() => [...slow], /"own": the buffer of a page was transfer/);
    assert.deepEqual(reported, [], "the part has not failed");
    const again = [...cache.owned(source)].flat();
    assert.equal(textOf(again), fresh(source, format));
  }
});

test("ExpositionCache does not rewrite a value that stays NaN", () => {
  const rows = new OwnRows(160);
  rows.cells[20] = NaN;
  const source = composed(rows);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, SMALL);
  const first = borrowedOf(cache, source);
  const second = borrowedOf(cache, source);
  assert.ok(isSame(second[2]!, first[2]!));
  rows.cells[21] = 5;
  assert.equal(textOf([...cache.owned(source)].flat()), fresh(source));
  rows.cells[20] = 0;
  const last = [...cache.owned(source)].flat();
  assert.equal(textOf(last), fresh(source));
  assert.ok(parseExposition(concatBytes(last), "text-0.0.4").length === 1);
});
