import assert from "node:assert/strict";
import { test } from "node:test";
import { LabelColumns } from "../../src/metrics/label_columns.ts";
import { SeriesIndex } from "../../src/metrics/series_index.ts";

interface Rowed {
  readonly row: number;
}

type Index = SeriesIndex<Rowed>;

/** Returns an index of series whose values are `rows`. */
function indexOf(...rows: readonly (readonly string[])[]): Index {
  const arity = rows[0]?.length ?? 0;
  const columns = new LabelColumns(arity);
  const index: Index = new SeriesIndex(arity, columns);
  rows.forEach((values, row) => {
    columns.set(row, values);
    index.insert({ row });
  });
  return index;
}

/** Returns the row of the series that a walk reaches; -1 if there is none. */
function walk(index: Index, ...values: readonly string[]): number | "a level" {
  let place = index.start;
  values.forEach((value, at) => place = index.step(place, at, value));
  return place instanceof Map ? "a level" : place?.row ?? -1;
}

/** Returns the row of the series of these values; -1 if there is none. */
function find(index: Index, ...values: readonly string[]): number {
  return index.find(values)?.row ?? -1;
}

test("SeriesIndex.find() finds each series by its values only", () => {
  const index = indexOf(["1|", "2"], ["1", "|2"], ["", "1|2"], ["1|2", ""]);
  assert.equal(find(index, "1|", "2"), 0);
  assert.equal(find(index, "1", "|2"), 1);
  assert.equal(find(index, "", "1|2"), 2);
  assert.equal(find(index, "1|2", ""), 3);
  assert.equal(find(index, "1", "2"), -1);
  assert.equal(find(index, "", ""), -1);
});

test("SeriesIndex.find() compares the values that a short path has not used", () => {
  const index = indexOf(["a", "b", "c"]);
  assert.equal(find(index, "a", "b", "x"), -1);
  assert.equal(find(index, "a", "x", "c"), -1);
  assert.equal(find(index, "x", "b", "c"), -1);
  assert.equal(find(index, "a", "b", "c"), 0);
});

test("SeriesIndex.find() is not confused by names of object properties", () => {
  const index = indexOf(["a", "b"]);
  for (const name of ["__proto__", "constructor", "toString", "size", "get"]) {
    assert.equal(find(index, name, "b"), -1);
    assert.equal(find(index, "a", name), -1);
  }
  const named = indexOf(["__proto__", "constructor"], ["__proto__", "x"]);
  assert.equal(find(named, "__proto__", "constructor"), 0);
  assert.equal(find(named, "__proto__", "x"), 1);
});

test("SeriesIndex.step() reaches a series that shares its prefix with no other", () => {
  const index = indexOf(["a", "1", "x"], ["b", "1", "x"]);
  assert.equal(walk(index, "a"), 0);
  assert.equal(walk(index, "b"), 1);
  assert.equal(walk(index, "a", "1"), 0);
});

test("SeriesIndex.insert() expands only where two series share a prefix", () => {
  const index = indexOf(["a", "1", "x"], ["a", "1", "y"], ["a", "2", "x"]);
  assert.equal(walk(index, "a"), "a level");
  assert.equal(walk(index, "a", "1"), "a level");
  assert.equal(walk(index, "a", "1", "x"), 0);
  assert.equal(walk(index, "a", "1", "y"), 1);
  assert.equal(walk(index, "a", "2"), 2);
});

test("SeriesIndex.remove() collapses all levels that have one series left", () => {
  const index = indexOf(["a", "1", "x"], ["a", "1", "y"]);
  index.remove({ row: 0 });
  assert.equal(walk(index, "a"), 1);
  assert.equal(find(index, "a", "1", "y"), 1);
  assert.equal(find(index, "a", "1", "x"), -1);
});

test("SeriesIndex.remove() keeps the levels that two series still share", () => {
  const index = indexOf(["a", "1", "x"], ["a", "1", "y"], ["a", "2", "x"]);
  index.remove({ row: 0 });
  assert.equal(walk(index, "a"), "a level");
  assert.equal(walk(index, "a", "1"), 1);
  assert.equal(walk(index, "a", "2"), 2);
  index.remove({ row: 2 });
  assert.equal(walk(index, "a"), 1);
});

test("SeriesIndex.step() from undefined returns undefined", () => {
  const index = indexOf(["a", "b"]);
  assert.equal(index.step(undefined, 0, "a"), undefined);
  assert.equal(walk(index, "x", "b"), -1);
});

test("SeriesIndex.remove() of the last series leaves an empty index", () => {
  const index = indexOf(["a", "b"]);
  index.remove({ row: 0 });
  assert.equal(find(index, "a", "b"), -1);
  assert.equal(walk(index, "a"), -1);
  index.insert({ row: 0 });
  assert.equal(find(index, "a", "b"), 0);
});

test("SeriesIndex.find() finds a stale series", () => {
  const columns = new LabelColumns(2);
  const index = new SeriesIndex<Rowed>(2, columns);
  const stale = { row: ~0 };
  columns.set(0, ["a", "b"]);
  index.insert(stale);
  assert.equal(index.find(["a", "b"]), stale);
  assert.equal(index.find(["a", "x"]), undefined);
});

test("SeriesIndex.find() finds the only series without labels", () => {
  const index = new SeriesIndex<Rowed>(0, new LabelColumns(0));
  assert.equal(index.find([]), undefined);
  const only = { row: 0 };
  index.insert(only);
  assert.equal(index.find([]), only);
  index.remove(only);
  assert.equal(index.find([]), undefined);
});
