import assert from "node:assert/strict";
import test from "node:test";
import {
  columnStep,
  endOf,
  largestOf,
  lastOf,
  levelTrack,
  MARK_SLOTS,
  rateTrack,
  thin,
  usualOf,
  valueAt,
} from "../../../page/charts/tracks.ts";
import { gapWords, trackSentence } from "../../../page/charts/words.ts";
import type { Axis } from "../../../page/core/data.ts";
import { plain } from "../../../page/core/units.ts";
import * as fc from "../../support/property.ts";

/** An axis of whole columns that begins at a multiple of an hour. */
function axisOf(columns: number, step = 1, from = 7200): Axis {
  return { from, step, columns, to: from + columns * step, gaps: [] };
}

test("columnStep() is a multiple of the step that divides an hour", () => {
  assert.equal(columnStep(axisOf(300), 700, 6), 3);
  assert.equal(columnStep(axisOf(90, 10), 700, 6), 10);
  assert.equal(columnStep(axisOf(360, 10), 700, 6), 40);
  assert.equal(columnStep(axisOf(360, 10), 0, 6), 3600);
  assert.equal(columnStep(axisOf(300), 700, 6, 60), 1);
});

test("rateTrack() adds series and divides by the seconds of a column", () => {
  const axis = axisOf(4);
  const a = Float64Array.of(1, 3, NaN, 5);
  const b = Float64Array.of(1, NaN, NaN, 5);

  assert.deepEqual([...rateTrack(axis, [a, b]).values], [2, 3, NaN, 10]);
  assert.deepEqual([...rateTrack(axis, [a, b], 2).values], [2.5, 10]);
  assert.deepEqual([...rateTrack(axis, []).values], [NaN, NaN, NaN, NaN]);
});

test("rateTrack() counts the last column for as long as it has come", () => {
  const axis = { ...axisOf(3, 10), to: 7200 + 24 };
  const values = Float64Array.of(100, 50, 40);

  assert.deepEqual([...rateTrack(axis, [values]).values], [10, 5, 10]);
});

test("rateTrack() shows no rate of a column that has hardly begun", () => {
  const axis = { ...axisOf(3, 10), to: 7200 + 21 };
  const values = Float64Array.of(100, 50, 30);

  assert.deepEqual([...rateTrack(axis, [values]).values], [10, 5, 5]);
});

test("law: merged columns keep the total of what has grown", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 1000 }), {
      minLength: 1,
      maxLength: 400,
    }),
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: 2, max: 60 }),
    (grown, offset, width) => {
      const axis = axisOf(grown.length, 1, 7200 + offset);
      const step = columnStep(axis, axis.columns, width);
      const track = rateTrack(axis, [Float64Array.from(grown)], step);
      // Each column was sampled as far as it overlaps the axis.
      let total = 0;
      track.values.forEach((rate, i) => {
        const from = Math.max(axis.from, track.from + i * step);
        const to = Math.min(endOf(axis), track.from + (i + 1) * step);
        const isYoung = i > 0 && i === track.values.length - 1 &&
          to - from < step / 4;
        const last = grown.slice(-(to - from)).reduce((sum, x) => sum + x, 0);
        total += isYoung ? last : rate * (to - from);
      });

      const all = grown.reduce((sum, each) => sum + each, 0);
      assert.ok(Math.abs(total - all) < 1e-6 * (1 + all), `${total} ${all}`);
      assert.equal(track.from % step, 0, "columns are aligned to the clock");
    },
  ));
});

test("levelTrack() has the last level of each column", () => {
  const axis = axisOf(4);
  const values = Float64Array.of(5, 1, 7, NaN);

  assert.deepEqual([...levelTrack(axis, [values], 2).values], [1, 7]);
});

test("valueAt(), lastOf() and largestOf() leave out what is unknown", () => {
  const track = { from: 100, step: 10, values: Float64Array.of(1, 9, 2, NaN) };

  assert.equal(valueAt(track, 119.9), 9);
  assert.equal(valueAt(track, 99), NaN);
  assert.equal(lastOf(track.values), 2);
  assert.equal(largestOf([track], { from: 120, to: 140 }), 2);
  assert.equal(largestOf([], { from: 0, to: 1 }), 0);
});

test("usualOf() is unknown for a few values", () => {
  assert.equal(usualOf(new Float64Array(11)), null);
  assert.deepEqual(usualOf(new Float64Array(12)), { low: 0, high: 0 });
});

test("usualOf() leaves an incident out when it is calm", () => {
  const values = Float64Array.from({ length: 60 }, (_, i) => i < 40 ? 1 : 100);

  assert.deepEqual(usualOf(values, true), { low: 1, high: 1 });
  assert.equal(usualOf(values)?.high, 100);
});

test("law: the usual lies within the values and is in order", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ noNaN: false, min: 0, max: 1e9 }), {
      minLength: 12,
      maxLength: 200,
    }),
    fc.boolean(),
    (any, isCalm) => {
      const known = any.filter((value) => !Number.isNaN(value));
      const usual = usualOf(Float64Array.from(any), isCalm);
      if (usual === null) {
        assert.ok(known.length < 12);
        return;
      }
      assert.ok(usual.low <= usual.high);
      assert.ok(usual.low >= Math.min(...known));
      assert.ok(usual.high <= Math.max(...known));
    },
  ));
});

test("law: thinning keeps failures, then the slowest, one in each part", () => {
  const anyMark = fc.record({
    time: fc.double({ min: -10, max: 110, noNaN: true }),
    value: fc.double({ min: 0, max: 10, noNaN: true }),
    isFailed: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(anyMark, { maxLength: 300 }), (marks) => {
    const span = { from: 0, to: 100 };
    const kept = thin(marks, span);
    const slot = ({ time }: { time: number }) =>
      Math.floor(time / (100 / MARK_SLOTS));

    assert.equal(new Set(kept.map(slot)).size, kept.length);
    for (const mark of marks) {
      if (mark.time < 0 || mark.time > 100) continue;
      const chosen = kept.find((each) => slot(each) === slot(mark));
      assert.ok(chosen !== undefined, "no part loses all of its marks");
      assert.ok(chosen.isFailed || !mark.isFailed);
      if (chosen.isFailed === mark.isFailed) {
        assert.ok(chosen.value >= mark.value);
      }
    }
  }));
});

test("gapWords() names why and how long", () => {
  const gap = { from: 100, to: 122, why: "restarted" } as const;

  assert.equal(gapWords(gap), "restarted, 22\u00a0s without data");
  assert.equal(gapWords(gap, true), "restarted");
});

test("trackSentence() says now and before", () => {
  const track = (values: number[]) => ({
    from: 14 * 3600,
    step: 60,
    values: Float64Array.from(values),
  });

  assert.equal(trackSentence(track([NaN, NaN]), plain), "no data");
  assert.equal(
    trackSentence(track([4, 4, 4, 4, 5, 5]), plain),
    "5 now, about the same since 14:00",
  );
  assert.equal(
    trackSentence(track([1, 1, 1, 9, 9, 9]), plain),
    "9 now, 1 at 14:00",
  );
});
