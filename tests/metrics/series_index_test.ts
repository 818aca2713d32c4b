import assert from "node:assert/strict";
import { test } from "node:test";
import { type Place, SeriesIndex } from "../../src/metrics/series_index.ts";

/** An index, and the column that it reads. */
function indexOf(...rows: readonly (readonly string[])[]): SeriesIndex {
  const column: string[] = [];
  const index = new SeriesIndex(rows[0]?.length ?? 0, column);
  rows.forEach((values, row) => {
    column.push(...values);
    index.insert(row);
  });
  return index;
}

function walk(
  index: SeriesIndex,
  ...values: readonly string[]
): Place | undefined {
  let place: Place | undefined = index.root;
  values.forEach((value, at) => place = index.step(place, at, value));
  return place;
}

test("SeriesIndex finds each row by its values, and nothing else", () => {
  const index = indexOf(["1|", "2"], ["1", "|2"], ["", "1|2"], ["1|2", ""]);
  assert.equal(index.find(["1|", "2"]), 0);
  assert.equal(index.find(["1", "|2"]), 1);
  assert.equal(index.find(["", "1|2"]), 2);
  assert.equal(index.find(["1|2", ""]), 3);
  assert.equal(index.find(["1", "2"]), -1);
  assert.equal(index.find(["", ""]), -1);
});

test("SeriesIndex compares the values that a short path has not looked at", () => {
  const index = indexOf(["a", "b", "c"]);
  assert.equal(index.find(["a", "b", "x"]), -1);
  assert.equal(index.find(["a", "x", "c"]), -1);
  assert.equal(index.find(["x", "b", "c"]), -1);
  assert.equal(index.find(["a", "b", "c"]), 0);
});

test("SeriesIndex does not take properties of objects for values", () => {
  const index = indexOf(["a", "b"]);
  for (const name of ["__proto__", "constructor", "toString", "size", "get"]) {
    assert.equal(index.find([name, "b"]), -1);
    assert.equal(index.find(["a", name]), -1);
  }
  const named = indexOf(["__proto__", "constructor"], ["__proto__", "x"]);
  assert.equal(named.find(["__proto__", "constructor"]), 0);
  assert.equal(named.find(["__proto__", "x"]), 1);
});

test("SeriesIndex holds the row itself while no other shares its prefix", () => {
  const index = indexOf(["a", "1", "x"], ["b", "1", "x"]);
  assert.equal(walk(index, "a"), 0);
  assert.equal(walk(index, "b"), 1);
  assert.equal(walk(index, "a", "1"), 0);
});

test("SeriesIndex expands as deep as two rows share a prefix", () => {
  const index = indexOf(["a", "1", "x"], ["a", "1", "y"], ["a", "2", "x"]);
  assert.equal(typeof walk(index, "a"), "object");
  assert.equal(typeof walk(index, "a", "1"), "object");
  assert.equal(walk(index, "a", "1", "x"), 0);
  assert.equal(walk(index, "a", "1", "y"), 1);
  assert.equal(walk(index, "a", "2"), 2);
});

test("SeriesIndex collapses through all levels that are left to one row", () => {
  const index = indexOf(["a", "1", "x"], ["a", "1", "y"]);
  index.remove(0);
  assert.equal(walk(index, "a"), 1);
  assert.equal(index.find(["a", "1", "y"]), 1);
  assert.equal(index.find(["a", "1", "x"]), -1);
});

test("SeriesIndex collapses no further than to where two rows part", () => {
  const index = indexOf(["a", "1", "x"], ["a", "1", "y"], ["a", "2", "x"]);
  index.remove(0);
  assert.equal(typeof walk(index, "a"), "object");
  assert.equal(walk(index, "a", "1"), 1);
  assert.equal(walk(index, "a", "2"), 2);
  index.remove(2);
  assert.equal(walk(index, "a"), 1);
});

test("SeriesIndex.step() from nowhere leads nowhere", () => {
  const index = indexOf(["a", "b"]);
  assert.equal(index.step(undefined, 0, "a"), undefined);
  assert.equal(walk(index, "x", "b"), undefined);
});

test("SeriesIndex.remove() of the last row leaves an empty index", () => {
  const index = indexOf(["a", "b"]);
  index.remove(0);
  assert.equal(index.find(["a", "b"]), -1);
  assert.equal(walk(index, "a"), undefined);
  index.insert(0);
  assert.equal(index.find(["a", "b"]), 0);
});
