import assert from "node:assert/strict";
import test from "node:test";
import {
  decadeScale,
  linearScale,
  logScale,
  multiples,
  niceStep,
  signedScale,
  spread,
  steadyScale,
  timeRuling,
} from "../../../page/charts/scales.ts";
import * as fc from "../../support/property.ts";

/** Positive numbers over many decades. */
const anySize = fc.double({ min: -6, max: 9, noNaN: true })
  .map((exponent) => 10 ** exponent);

test("niceStep() returns 1, 2, 2.5 or 5 times a power of ten", () => {
  assert.deepEqual(
    [0.9, 1, 1.1, 2.2, 2.6, 5.1, 13.25].map(niceStep),
    [1, 1, 2, 2.5, 5, 10, 20],
  );
});

test("linearScale() begins at zero and has labels at round values", () => {
  assert.deepEqual(linearScale(53).majors, [0, 20, 40, 60]);
  assert.deepEqual(linearScale(1.22, 2).majors, [0, 1, 2]);
  assert.deepEqual(linearScale(0).majors, [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(linearScale(NaN).majors, linearScale(1).majors);
});

test("law: a linear scale holds its values, and inverts itself", () => {
  fc.assert(fc.property(
    anySize,
    fc.integer({ min: 1, max: 6 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (most, majors, at) => {
      const scale = linearScale(most, majors);

      assert.equal(scale.at(0), 0);
      assert.ok(scale.high >= most * (1 - 1e-8), "the largest value fits");
      assert.ok(scale.majors.length <= majors + 1);
      assert.ok(Math.abs(scale.at(scale.invert(at)) - at) < 1e-9);
    },
  ));
});

test("law: a signed scale holds its values and zero, and inverts itself", () => {
  fc.assert(fc.property(
    anySize,
    anySize,
    fc.boolean(),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (below, above, isBelow, at) => {
      const most = isBelow ? -below / 2 : above;
      const scale = signedScale(-below, most);
      const height = scale.high - scale.low;

      assert.ok(scale.low <= -below + height * 1e-9);
      assert.ok(scale.high >= Math.max(0, most) - height * 1e-9);
      assert.ok(scale.majors.some((major) => Math.abs(major) < height * 1e-9));
      assert.ok(scale.majors.length <= 6);
      assert.ok(Math.abs(scale.at(scale.invert(at)) - at) < 1e-9);
    },
  ));
});

test("signedScale() has labels at round values", () => {
  assert.deepEqual(signedScale(-3, 5).majors, [-4, -2, 0, 2, 4, 6]);
  assert.deepEqual(signedScale(-8, -1).majors, [-8, -6, -4, -2, 0]);
});

test("steadyScale() keeps the paper while the values suit it", () => {
  const first = linearScale(53);

  assert.equal(steadyScale(first, 60), first);
  assert.equal(steadyScale(first, 28), first);
  assert.equal(steadyScale(first, 61).high, 80);
  assert.equal(steadyScale(first, 12).high, 15);
});

test("logScale() rules 2 to 9 of each decade, and labels the decades", () => {
  const scale = logScale(0.0005, 10);

  assert.deepEqual(scale.majors, [0.001, 0.01, 0.1, 1, 10]);
  assert.deepEqual(scale.minors.slice(0, 6), [
    0.0005,
    0.0006,
    0.0007,
    0.0008,
    0.0009,
    0.002,
  ]);
  assert.equal(scale.at(0), 0);
  assert.equal(scale.at(1e9), 1);
});

test("law: a decade scale holds both values and is increasing", () => {
  fc.assert(fc.property(anySize, anySize, (a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const scale = decadeScale(low, high);

    assert.ok(scale.low <= low * (1 + 1e-6));
    assert.ok(scale.high >= high * (1 - 1e-6));
    assert.ok(scale.at(low) <= scale.at(high));
    assert.ok(scale.majors.length >= 2);
    const middle = scale.invert(0.5);
    assert.ok(Math.abs(scale.at(middle) - 0.5) < 1e-9);
  }));
});

test("timeRuling() has rules of 10 s and 1 min for five minutes", () => {
  assert.deepEqual([300, 900, 3600].map(timeRuling), [
    { minor: 10, major: 60 },
    { minor: 30, major: 180 },
    { minor: 120, major: 600 },
  ]);
});

test("multiples() are aligned to the clock", () => {
  assert.deepEqual(multiples(95, 130, 10), [100, 110, 120, 130]);
});

test("law: labels never collide, keep their order and their place", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ min: -50, max: 250, noNaN: true }), { maxLength: 20 }),
    (any) => {
      const wanted = any.toSorted((a, b) => a - b);
      const places = spread(wanted, 15, 10, 190);
      const apart = Math.min(15, 180 / Math.max(1, wanted.length - 1));

      assert.equal(places.length, wanted.length);
      places.forEach((place, i) => {
        assert.ok(place >= 10 - 1e-6 && place <= 190 + 1e-6, `${place}`);
        if (i > 0) assert.ok(place - places[i - 1]! >= apart - 1e-6);
      });
    },
  ));
});

test("spread() leaves labels in place that have room", () => {
  assert.deepEqual(spread([20, 60, 150], 15, 10, 190), [20, 60, 150]);
  assert.deepEqual(spread([100, 101], 15, 10, 190), [100, 115]);
});
