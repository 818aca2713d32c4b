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
import { KeptFormats } from "../../src/http/kept_formats.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import type { Source } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { isSame, type Lent, piecesOf } from "../encode/pages_fixtures.ts";
import { bytesOf, get, OPEN, registryOf } from "./fixtures.ts";

const UNUSED = 600;

/** Each family of some pages, so that pieces are handed on as they are. */
const SERIES = 1000;

function taken(kept: KeptFormats, format: Format, source: Source): Lent[] {
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
    kept: new KeptFormats(most, clock),
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
    const kept = new KeptFormats(middle, new FakeClock());
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
  const kept = new KeptFormats(most, clock);
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
  const kept = new KeptFormats(most, clock);
  const slow = kept.of(openMetrics).batches(source); // has not begun
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

test("keep: 0 serves the same bytes, again and again", async () => {
  for (const series of [3, SERIES, 20_000]) {
    const source = registryOf(series);
    const keeps = metricsHandler(source, { compress: false });
    const none = metricsHandler(source, { compress: false, keep: 0 });
    for (let i = 0; i < 3; i++) {
      for (const accept of ["text/plain", OPEN]) {
        const request = () => get({ accept });
        const [a, b] = [await keeps(request()), await none(request())];
        assert.equal(a.status, 200);
        const [left, right] = [await bytesOf(a), await bytesOf(b)];
        assert.equal(Buffer.compare(left, right), 0);
      }
    }
  }
});

test("a keep that is no number of bytes throws, and says what to give", () => {
  const source = registryOf();
  for (const keep of [-1, NaN, -Infinity]) {
    assert.throws(
      () => metricsHandler(source, { keep }),
      new RangeError(
        `Cannot serve metrics: keep is ${keep}; ` +
          `give bytes, such as 2 ** 28, or 0 for nothing`,
      ),
    );
  }
  const loose = metricsHandler as (source: Source, options: object) => unknown;
  for (const keep of ["1 MB", null, 5n, {}, true]) {
    assert.throws(() => loose(source, { keep }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /keep/);
      assert.match(error.message, /bytes, such as 2 \*\* 28, or 0 for nothing/);
      return true;
    });
  }
  for (const keep of [0, 0.5, 1, 2 ** 28, Infinity]) {
    metricsHandler(source, { keep });
  }
});
