import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assertAll, nat, property } from "../../support/property.ts";
import { type Reached, SlotModel } from "./slot_model.ts";

test("a slot keeps its laws, whatever happens between any two calls", () => {
  const reached: Reached = {
    crashes: 0,
    adoptions: 0,
    failures: 0,
    compactions: 0,
    nested: 0,
    unseen: 0,
  };
  const choices = array(nat(0xffff), { maxLength: 1500, size: "max" });
  assertAll(
    property(choices, (drawn) => new SlotModel(drawn, reached).run()),
    { numRuns: 80, endOnFailure: true },
  );
  for (const [what, times] of Object.entries(reached)) {
    assert.ok(times >= 20, `${what} were reached ${times} times only`);
  }
});
