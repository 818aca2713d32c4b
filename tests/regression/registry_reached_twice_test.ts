// Registries that were nested while they were empty could reach one another on
// two ways. What was declared later was then exposed twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, setUp } from "../metrics/fixtures.ts";

test("a registry cannot be reached from another on two ways", () => {
  const [top, left, right, bottom] = [1, 2, 3, 4].map(() => setUp().registry);
  top!.add(left!);
  top!.add(right!);
  left!.add(bottom!);
  assert.throws(() => right!.add(bottom!), /Cannot add a registry twice/);
  bottom!.gauge({ name: "x", help: "X." });
  assert.deepEqual(namesOf(top!), ["x"]);
});

test("nor when the second way is made from above", () => {
  const [top, left, right, bottom] = [1, 2, 3, 4].map(() => setUp().registry);
  left!.add(bottom!);
  right!.add(bottom!);
  top!.add(left!);
  assert.throws(() => top!.add(right!), /Cannot add a registry twice/);
  bottom!.gauge({ name: "x", help: "X." });
  assert.deepEqual(namesOf(top!), ["x"]);
});
