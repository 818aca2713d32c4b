// Registries that were nested while empty could reach one another in two ways.
// Families declared later were then exposed twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, setUp } from "../metrics/fixtures.ts";

test("add() refuses a registry that is already reachable", () => {
  const [top, left, right, bottom] = [1, 2, 3, 4].map(() => setUp().registry);
  top!.add(left!);
  top!.add(right!);
  left!.add(bottom!);
  assert.throws(() => right!.add(bottom!), /Cannot add a registry twice/);
  bottom!.gauge({ name: "x", help: "X." });
  assert.deepEqual(namesOf(top!), ["x"]);
});

test("add() refuses a parent that makes a registry reachable twice", () => {
  const [top, left, right, bottom] = [1, 2, 3, 4].map(() => setUp().registry);
  left!.add(bottom!);
  right!.add(bottom!);
  top!.add(left!);
  assert.throws(() => top!.add(right!), /Cannot add a registry twice/);
  bottom!.gauge({ name: "x", help: "X." });
  assert.deepEqual(namesOf(top!), ["x"]);
});
