import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ByteLog,
  ByteReader,
  ONE,
  readChanges,
  type Shape,
  writeChanges,
} from "../../../src/dashboard/history/codec.ts";
import { Merger } from "../../../src/dashboard/history/merge.ts";
import { type Change, ZERO_BUCKET } from "../../../src/dashboard/protocol.ts";
import {
  isFloat32,
  shortNumber,
} from "../../../src/dashboard/sampling/short_number.ts";
import * as fc from "../../support/property.ts";

const ids = fc.integer({ min: 1, max: 5000 });

const numbers = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.double({ min: -1e5, max: 1e5, noNaN: true }).map(shortNumber),
  fc.constantFrom(
    0,
    -1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 49,
    2 ** 53,
    -(2 ** 50),
    0.1,
  ),
);

const maybe = fc.option(numbers, { freq: 10 });

/** Changes of one shape, of which some series are not there. */
function changesOf(
  numbers: fc.Arbitrary<readonly (number | null)[]>,
): fc.Arbitrary<readonly Change[]> {
  const change = fc.tuple(
    ids,
    fc.oneof(
      { weight: 9, arbitrary: numbers },
      { weight: 1, arbitrary: fc.constant([null]) },
    ),
  ).map(([id, rest]): Change => [id, ...rest]);
  return fc.array(change, { maxLength: 20 });
}

const buckets = fc.uniqueArray(
  fc.oneof(fc.integer({ min: -4300, max: 4300 }), fc.constant(ZERO_BUCKET)),
  { maxLength: 12 },
).map((list) => list.sort((a, b) => a - b));

const WORLDS: readonly (readonly [Shape, fc.Arbitrary<readonly Change[]>])[] = [
  [ONE, changesOf(fc.tuple(numbers))],
  [
    { kind: "numbers", count: 4 },
    changesOf(fc.tuple(numbers, maybe, maybe, maybe)),
  ],
  [{ kind: "levels" }, changesOf(fc.tuple(numbers, numbers, numbers))],
  [
    { kind: "levels" },
    changesOf(numbers.map((level) => [level, level, level])),
  ],
  [
    { kind: "buckets" },
    changesOf(
      fc.tuple(
        maybe,
        buckets,
        fc.array(numbers, { minLength: 12, maxLength: 12 }),
      )
        .map(([sum, list, growth]) => [
          // A lone null would say that the series is not there.
          list.length === 0 ? sum ?? 0 : sum,
          ...list.flatMap((bucket, at) => [bucket, growth[at]!]),
        ]),
    ),
  ],
];

test("law: changes read from bytes are those that were written", () => {
  for (const [shape, world] of WORLDS) {
    fc.assert(
      fc.property(fc.array(world, { maxLength: 4 }), (frames) => {
        const log = new ByteLog(1);
        for (const changes of frames) writeChanges(log, changes, shape);
        log.trim();
        const reader = new ByteReader(log);
        const read = frames.map(() => {
          const changes: Change[] = [];
          readChanges(reader, shape, (change) => changes.push(change));
          return changes;
        });
        assert.ok(reader.isAtEnd);
        assert.deepEqual(read, frames);
      }),
      { numRuns: 300 },
    );
  }
});

test("law: shortNumber() keeps seven digits, or three decimals", () => {
  // Of all magnitudes, and many between 10,000 and the limit of a float32, where
  // seven digits are two decimals.
  const drawn = fc.oneof(
    numbers,
    fc.tuple(
      fc.double({ min: 1, max: 10, noNaN: true }),
      fc.integer({ min: -40, max: 15 }),
    ).map(([digits, exponent]) => digits * 10 ** exponent),
    fc.integer({ min: 10_000_000, max: 70_000_000 }).map((n) => n / 1000),
  );
  fc.assert(
    fc.property(drawn, fc.boolean(), (magnitude, isNegative) => {
      const value = isNegative ? -magnitude : magnitude;
      const short = shortNumber(value);
      const error = Math.abs(short - value);
      // Half of the seventh digit and of the last bit of a float32; half of the
      // third decimal and the rounding of two operations.
      const limit = Number.isInteger(value)
        ? 0
        : isFloat32(value)
        ? Math.abs(value) * (0.5e-6 + 2 ** -24 + 2 ** -50)
        : Math.abs(value) < 1
        ? 0
        : 0.0005 + Math.abs(value) * 2 ** -51;
      assert.ok(error <= limit, `${value} is kept as ${short}`);
      assert.ok(!Object.is(short, -0));
    }),
    { numRuns: 1000 },
  );
});

test("Merger adds growth, and keeps the last, least and largest level", () => {
  const merge = (
    kind: ConstructorParameters<typeof Merger>[0],
    all: Change[],
  ) => {
    const merger = new Merger(kind);
    for (const change of all) merger.add(change);
    return [...merger.changes()];
  };
  assert.deepEqual(merge("growth", [[1, 2], [2, 5], [1, 3]]), [[1, 5], [2, 5]]);
  assert.deepEqual(merge("levels", [[1, 2], [1, 9], [1, 4]]), [[1, 4, 2, 9]]);
  assert.deepEqual(merge("levels", [[1, 4, 2, 9], [1, 3, 1, 3]]), [
    [1, 3, 1, 9],
  ]);
  assert.deepEqual(
    merge("buckets", [[1, 0.5, 2, 1], [1, 1.5, 0, 4, 2, 1], [1, null, 7, 1]]),
    [[1, null, 0, 4, 2, 2, 7, 1]],
  );
  assert.deepEqual(
    merge("summary", [[1, 2, 0.5, 7, null], [1, 1, 1, 9, 3]]),
    [[1, 3, 1.5, 9, 3]],
  );
});

test("Merger says that a series has left, after what it did before", () => {
  const merger = new Merger("growth");
  for (const change of [[1, 2], [1, null], [2, null], [2, 4]] as Change[]) {
    merger.add(change);
  }
  assert.deepEqual([...merger.changes()], [[1, 2], [1, null], [2, 4]]);
});
