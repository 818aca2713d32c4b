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
import { isSame, type Lent, piecesOf } from "./cache/fixtures.ts";
import { registryOf } from "../http/fixtures.ts";

const UNUSED = 600;

/** Each family of some pages, so that pieces are handed on as they are. */
const SERIES = 1000;

function taken(kept: FormatCaches, format: Format, source: Source): Lent[] {
  return piecesOf(kept.of(format), source);
}

/** Whether pages of the last scrape are in this one, the very same. */
function isKept(before: readonly Lent[], after: readonly Lent[]): boolean {
  return after.some((piece) => before.some((one) => isSame(one, piece)));
}

function whole(pieces: readonly Lent[]): Buffer {
  return Buffer.concat(pieces.map(({ bytes }) => bytes));
}

function setUp(most: number) {
  const clock = new FakeClock();
  return {
    clock,
    kept: new FormatCaches(most, clock),
    source: registryOf(SERIES),
  };
}

test("what is kept of a format is kept for the next one who asks for it", () => {
  const { kept, source } = setUp(1e9);
  for (const format of allFormats()) {
    const first = taken(kept, format, source);
    assert.ok(isKept(first, taken(kept, format, source)), format.id);
    assert.equal(Buffer.compare(whole(first), expose(source, format)), 0);
  }
  // None has taken the place of another.
  for (const format of allFormats()) {
    const again = whole(taken(kept, format, source));
    assert.equal(Buffer.compare(again, expose(source, format)), 0);
  }
});

test("formats that escape names in another way are kept apart", () => {
  const { kept, source } = setUp(1e9);
  const escaped = prometheusText.escapedBy("values");
  assert.notEqual(kept.of(prometheusText), kept.of(escaped));
  assert.equal(kept.of(escaped), kept.of(prometheusText.escapedBy("values")));
  const first = taken(kept, prometheusText, source);
  assert.equal(isKept(first, taken(kept, escaped, source)), false);
});

test("a format that nobody asked for in over ten minutes is forgotten", () => {
  const { clock, kept, source } = setUp(1e9);
  const first = taken(kept, openMetrics, source);
  clock.advance(UNUSED);
  taken(kept, prometheusText, source); // looks at the others as well
  const second = taken(kept, openMetrics, source);
  assert.ok(isKept(first, second), "ten minutes are not too long");
  clock.advance(UNUSED + 1);
  taken(kept, prometheusText, source);
  const third = taken(kept, openMetrics, source);
  assert.equal(isKept(second, third), false);
  assert.equal(
    Buffer.compare(whole(third), expose(source, openMetrics)),
    0,
  );
  assert.ok(isKept(third, taken(kept, openMetrics, source)), "and kept again");
});

test("a format that is asked for now and then is never forgotten", () => {
  const { clock, kept, source } = setUp(1e9);
  let before = taken(kept, openMetrics, source);
  for (let i = 0; i < 10; i++) {
    clock.advance(UNUSED - 1);
    taken(kept, prometheusText, source);
    const after = taken(kept, openMetrics, source);
    assert.ok(isKept(before, after));
    before = after;
  }
});

test("asking for a format alone keeps it, however long ago it was", () => {
  const { clock, kept, source } = setUp(1e9);
  const before = taken(kept, openMetrics, source);
  clock.advance(100 * UNUSED);
  assert.ok(isKept(before, taken(kept, openMetrics, source)));
});

/** The least budget in which a format of `source` is kept. */
function costOf(format: Format, source: Source): number {
  let [least, most] = [0, 2 ** 24];
  while (most - least > 100) {
    const middle = (least + most) / 2;
    const kept = new FormatCaches(middle, new FakeClock());
    const first = taken(kept, format, source);
    if (isKept(first, taken(kept, format, source))) most = middle;
    else least = middle;
  }
  return most;
}

test("all formats share one bound, and get room when another is forgotten", () => {
  const source = registryOf(SERIES);
  const most = costOf(openMetrics, source) + costOf(prometheusText, source) / 2;
  const clock = new FakeClock();
  const kept = new FormatCaches(most, clock);
  const open = taken(kept, openMetrics, source);
  const text = taken(kept, prometheusText, source);
  assert.ok(isKept(open, taken(kept, openMetrics, source)));
  assert.equal(
    isKept(text, taken(kept, prometheusText, source)),
    false,
    "there is room for one",
  );
  clock.advance(UNUSED + 1);
  const later = taken(kept, prometheusText, source);
  assert.ok(isKept(later, taken(kept, prometheusText, source)));
});

test("a format that is forgotten while it is read takes no room for ever", () => {
  const source = registryOf(SERIES);
  const most = costOf(openMetrics, source) + costOf(prometheusText, source) / 2;
  const clock = new FakeClock();
  const kept = new FormatCaches(most, clock);
  const slow = kept.of(openMetrics).owned(source); // has not begun
  clock.advance(UNUSED + 1);
  kept.of(prometheusProto); // openMetrics is forgotten
  assert.ok([...slow].length > 0); // and written to its end, and kept
  clock.advance(UNUSED + 1);
  const text = taken(kept, prometheusText, source);
  assert.ok(
    isKept(text, taken(kept, prometheusText, source)),
    "the room was given back",
  );
});

test("a budget of 0 keeps nothing", () => {
  const { kept, source } = setUp(0);
  const first = taken(kept, prometheusText, source);
  assert.equal(isKept(first, taken(kept, prometheusText, source)), false);
});
