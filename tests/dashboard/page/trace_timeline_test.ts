/** The axis of the waterfall: cuts, ticks, bars and their labels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  barOf,
  failureWord,
  labelOf,
  labelPlace,
} from "../../../page/views/traces/bar.ts";
import { Tree } from "../../../page/views/traces/rows.ts";
import {
  CUT_WIDTH,
  niceStep,
  timeline,
} from "../../../page/views/traces/timeline.ts";
import * as fc from "../../support/property.ts";
import { anySpans, spanOf } from "./spans.ts";

const never = () => false;

test("timeline() cuts a gap longer than three times all around it", () => {
  const spans = [{ from: 0, to: 1530 }, { from: 42_700, to: 42_777 }];
  const axis = timeline(spans, 700, never);
  assert.deepEqual(axis.pieces.map(({ isCut }) => isCut), [false, true, false]);
  const [before, cut, after] = axis.pieces;
  assert.equal(cut!.width, CUT_WIDTH);
  assert.equal(cut!.to - cut!.from, 41_170);
  assert.equal(axis.x(1530), cut!.x);
  assert.equal(axis.x(42_700), cut!.x + CUT_WIDTH);
  // One scale for all that is not cut.
  assert.ok(
    Math.abs(before!.width / 1530 - after!.width / 77) < 1e-9,
  );
  const texts = axis.ticks.map(({ text }) => text.replaceAll("\u00a0", " "));
  assert.equal(texts[0], "0");
  assert.equal(texts.at(-1), "+42.7 s");
});

test("timeline() keeps a gap of three times, and one that was opened", () => {
  const spans = [{ from: 0, to: 10 }, { from: 40, to: 40 }];
  assert.equal(timeline(spans, 500, never).pieces.length, 1);
  const long = [{ from: 0, to: 10 }, { from: 41, to: 41 }];
  assert.equal(timeline(long, 500, never).pieces.length, 3);
  const opened = timeline(long, 500, (from) => from === 10);
  assert.equal(opened.pieces.length, 1);
  assert.deepEqual(opened.opened.map(({ from, to }) => [from, to]), [[10, 41]]);
});

test("timeline() has an axis for spans without any duration", () => {
  const axis = timeline([{ from: 5, to: 5 }], 300, never);
  assert.equal(axis.ticks[0]!.text, "0");
  assert.ok(Number.isFinite(axis.x(5)));
});

test("niceStep() is 1, 2, 2.5 or 5 times a power of ten", () => {
  assert.deepEqual([1, 1.1, 2.2, 3, 6, 130, 0.03].map(niceStep), [
    1,
    2,
    2.5,
    5,
    10,
    200,
    0.05,
  ]);
});

test("labels stand right, past 58 % left, and on a chip in a full bar", () => {
  const axis = { width: 700, pieces: [] };
  const text = "✕ 503 ms, timeout";
  const side = (x: number, width: number) =>
    labelPlace(text, { x, width }, axis).side;
  assert.equal(side(10, 100), "right");
  assert.equal(side(300, 200), "left");
  assert.equal(side(8, 680), "inside");
  assert.equal(side(20, 600), "inside");
});

test("labels do not stand on a cut", () => {
  const pieces = [{ from: 0, to: 1, x: 500, width: 34, isCut: true }];
  const axis = { width: 700, pieces };
  const place = (x: number, width: number) =>
    labelPlace("77 ms", { x, width }, axis);
  assert.deepEqual(place(540, 40), { side: "right", x: 580 });
  assert.deepEqual(place(470, 30), { side: "left", x: 470 });
});

test("labelOf() and failureWord() say how a span failed, in short", () => {
  const row = (init: Parameters<typeof spanOf>[0]) =>
    labelOf(new Tree([spanOf(init)]).rows(never)[0]!).replace("\u00a0", " ");
  assert.equal(row({ ms: 503 }), "503 ms");
  assert.equal(
    row({ ms: 503, failed: true, error: "gave up" }),
    "✕ 503 ms, gave up",
  );
  const code = { "http.response.status_code": 502, "error.type": "Bad" };
  assert.equal(failureWord(spanOf({ error: "x", attributes: code })), "502");
  const long = "x".repeat(60);
  assert.equal(
    failureWord(
      spanOf({ error: long, attributes: { "error.type": "TypeError" } }),
    ),
    "TypeError",
  );
  assert.equal(failureWord(spanOf({ error: long })), "failed");
});

test("law: times keep their order on the axis, and bars stay within it", () => {
  fc.assert(
    fc.property(
      anySpans(),
      fc.integer({ min: 120, max: 1200 }),
      fc.boolean(),
      (spans, width, isOpened) => {
        const rows = new Tree(spans).rows(never);
        const axis = timeline(rows, width, () => isOpened);
        const times = rows.flatMap(({ from, to }) => [from, to])
          .sort((a, b) => a - b);
        times.reduce((before, time) => {
          assert.ok(axis.x(time) >= axis.x(before) - 1e-9);
          return time;
        });
        const total = axis.pieces.reduce((sum, { width }) => sum + width, 0);
        assert.ok(total <= width + 1e-6);
        for (const row of rows) {
          const { x, width: size, parts } = barOf(row, axis);
          assert.ok(x >= 0 && x + size <= width + 2);
          parts.reduce((end, [at, length]) => {
            assert.ok(at >= end - 1e-9 && at + length <= size + 1e-9);
            return at + length;
          }, 0);
        }
        if (!isOpened) assert.equal(axis.opened.length, 0);
      },
    ),
    { numRuns: 300 },
  );
});
