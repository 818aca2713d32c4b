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
import { shortNumber } from "../../../src/dashboard/sampling/short_number.ts";
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

test("law: shortNumber() is off by a ten-millionth at most", () => {
  fc.assert(
    fc.property(numbers, (value) => {
      const short = shortNumber(value);
      const error = Math.abs(short - value);
      assert.ok(error <= Math.abs(value) * 1.2e-7 || error <= 0.0005);
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
