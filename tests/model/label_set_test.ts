import assert from "node:assert/strict";
import { test } from "node:test";
import { Labels } from "../../src/model/mod.ts";

test("Labels.value() returns values in the order of the names", () => {
  const labels = new Labels(["a", "b"], ["1", "2"]);
  assert.deepEqual(labels.names, ["a", "b"]);
  assert.equal(labels.value(0), "1");
  assert.equal(labels.value(1), "2");
});

test("Labels.value() returns an empty text for a missing value", () => {
  const labels = new Labels(["a", "b"], ["1"]);
  assert.equal(labels.value(1), "");
  assert.equal(labels.value(7), "");
});

test("Labels.NONE has neither names nor values", () => {
  assert.deepEqual(Labels.NONE.names, []);
  assert.equal(Labels.NONE.value(0), "");
});
