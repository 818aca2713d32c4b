/** Own time: what no child covers, for trees of every shape. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Interval,
  lengthOf,
  ownParts,
} from "../../../src/dashboard/traces/own_time.ts";
import * as fc from "../../support/property.ts";
import { anySpans, type SpanInit } from "./records.ts";

function intervalOf({ span, parent, start, end }: SpanInit): Interval {
  return {
    id: String(span),
    parent: parent === undefined ? "" : String(parent),
    start: start!,
    end: end!,
  };
}

/** Returns the seconds of a span, as numbers of whole seconds. */
function secondsOf(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function secondsIn(parts: readonly number[]): number[] {
  const seconds: number[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    seconds.push(...secondsOf(parts[i]!, parts[i + 1]!));
  }
  return seconds;
}

const ROOT: Interval = { id: "0", parent: "", start: 0, end: 10 };

test("ownParts() clips children that begin early, end late, or overlap", () => {
  const parts = ownParts([
    ROOT,
    { id: "1", parent: "0", start: -3, end: 2 },
    { id: "2", parent: "0", start: 4, end: 6 },
    { id: "3", parent: "0", start: 5, end: 7 },
    { id: "4", parent: "0", start: 9, end: 15 },
    { id: "5", parent: "0", start: 20, end: 30 },
    { id: "6", parent: "0", start: 3, end: 3 },
  ]);
  assert.deepEqual(parts[0], [2, 4, 7, 9]);
  assert.equal(lengthOf(parts[0]!), 4);
  assert.deepEqual(parts[4], [9, 15]);
  assert.deepEqual(parts[6], []);
});

test("ownParts() lets neither a circle nor a span that is its own parent end", () => {
  assert.deepEqual(
    ownParts([
      { id: "a", parent: "b", start: 0, end: 4 },
      { id: "b", parent: "a", start: 1, end: 3 },
      { id: "c", parent: "c", start: 0, end: 2 },
    ]),
    [[0, 1, 3, 4], [], [0, 2]],
  );
});

test("law: own time is the time of a span without that of its children", () => {
  fc.assert(
    fc.property(anySpans(), (spans) => {
      const parts = ownParts(spans.map(intervalOf));
      spans.forEach(({ span, start, end }, index) => {
        const children = spans.filter(({ parent, span: id }) =>
          parent === span && id !== span
        );
        const own = secondsOf(start!, end!).filter((second) =>
          !children.some((child) =>
            child.start! <= second && second < child.end!
          )
        );
        assert.deepEqual(secondsIn(parts[index]!), own);
        assert.equal(lengthOf(parts[index]!), own.length);
      });
    }),
    { numRuns: 1000 },
  );
});

test("law: the own times of a tree cover each second of it, and no other", () => {
  const tree = anySpans().map((spans) =>
    spans.map((each, index) => ({
      ...each,
      // A parent before its child: no circles.
      parent: index === 0 ? undefined : each.parent! % index || 0,
    }))
  );
  fc.assert(
    fc.property(tree, (spans) => {
      const all = new Set(
        spans.flatMap(({ start, end }) => secondsOf(start!, end!)),
      );
      const parts = ownParts(spans.map(intervalOf));
      assert.deepEqual(new Set(parts.flatMap(secondsIn)), all);
      const sum = parts.reduce((sum, each) => sum + lengthOf(each), 0);
      assert.ok(sum >= all.size, "parallel spans count more than once");
    }),
    { numRuns: 1000 },
  );
});

test("law: own times of spans one after another sum to the time of the root", () => {
  const cuts = fc.uniqueArray(fc.nat({ max: 40 }), {
    minLength: 2,
    maxLength: 12,
  }).map((times) => times.sort((a, b) => a - b));
  fc.assert(
    fc.property(cuts, (times) => {
      const children = times.slice(1).map((end, index) => ({
        id: `c${index}`,
        parent: "0",
        start: times[index]!,
        end,
      }));
      const root = { id: "0", parent: "", start: 0, end: 50 };
      const parts = ownParts([root, ...children]);
      assert.equal(parts.reduce((sum, each) => sum + lengthOf(each), 0), 50);
    }),
    { numRuns: 200 },
  );
});
