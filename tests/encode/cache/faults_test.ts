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
  composed,
  isSame,
  OwnRows,
  piecesOf,
  SMALL,
  textOf,
} from "./fixtures.ts";
import { joined } from "./world.ts";

function anew(source: Source, format: Format = prometheusText): string {
  return new TextDecoder().decode(
    expose(source, format, { observer: { failed() {} } }),
  );
}

const nobody = { observer: { failed() {} } };

test("a scrape that throws while it patches leaves no half page to another", () => {
  const rows = new OwnRows(160);
  const source = composed(rows);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, SMALL);
  [...cache.owned(source)];
  const slow = cache.owned(source);
  const pieces = [...slow.next().value ?? []];
  // In the page of rows 48 to 63: the second one becomes longer, and then the
  // page is given up.
  rows.cells[49] = 12_345;
  rows.cells[60] = 1;
  rows.broken = 60;
  [...cache.owned(source, nobody)];
  rows.broken = -1;
  rows.cells[50] = 88_888;
  for (const batch of slow) pieces.push(...batch);
  assert.equal(textOf(pieces), anew(source));
});

test("a huge family that throws before a byte was sent spoils nothing else", () => {
  const rows = new OwnRows(5000);
  rows.broken = 2500; // in the second slice
  const other = new OwnRows(3);
  const source = composed(rows, other);
  const cache = new ExpositionCache(openMetrics, { left: 0 });
  const told: unknown[] = [];
  const failed = (part: Source) => void told.push(part);
  const pieces = [...cache.owned(source, { observer: { failed } })].flat();
  assert.deepEqual(told, [rows]);
  assert.equal(textOf(pieces), anew(source, openMetrics));
});

test("a page that was transferred while it was to be read is an error", () => {
  for (const format of [prometheusText, prometheusProto]) {
    const source = composed(new OwnRows(160));
    const told: unknown[] = [];
    const failed = (part: Source) => void told.push(part);
    const cache = new ExpositionCache(format, { left: Infinity }, SMALL);
    [...cache.owned(source)];
    const slow = cache.owned(source, { observer: { failed } });
    for (let i = 0; i < 5; i++) slow.next(); // has looked at five pages
    const pages = [...cache.owned(source)].flat().slice(1, 4);
    const transfer = pages.map(({ buffer }) => buffer);
    structuredClone(transfer, { transfer });
    // Lines would be missing, and nobody would know.
    assert.throws(() => [...slow], /"own": the buffer of a page was transfer/);
    assert.deepEqual(told, [], "it is no fault of the part");
    const pieces = [...cache.owned(source)].flat();
    assert.equal(textOf(pieces), anew(source, format));
  }
});

test("a page of NaN that stays NaN is the very same", () => {
  const rows = new OwnRows(160);
  rows.cells[20] = NaN;
  const source = composed(rows);
  const cache = new ExpositionCache(prometheusText, { left: Infinity }, SMALL);
  const first = piecesOf(cache, source);
  const second = piecesOf(cache, source);
  assert.ok(isSame(second[2]!, first[2]!));
  rows.cells[21] = 5;
  assert.equal(textOf([...cache.owned(source)].flat()), anew(source));
  rows.cells[20] = 0;
  const last = [...cache.owned(source)].flat();
  assert.equal(textOf(last), anew(source));
  assert.ok(parseExposition(joined(last), "text-0.0.4").length === 1);
});
