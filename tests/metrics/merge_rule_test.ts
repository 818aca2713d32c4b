import assert from "node:assert/strict";
import { test } from "node:test";
import { capture, merge, replay } from "../../src/model/mod.ts";
import { loose, setUp, valueOf } from "./fixtures.ts";

const help = "Help.";

test("gauge() with merge sets the rule for merging workers", () => {
  const snapshots = [3, 5].map((value) => {
    const { registry } = setUp({ selfMetrics: false });
    registry.gauge({ name: "most", help, merge: "max" }).set(value);
    registry.gauge({ name: "all", help, merge: "sum" }).set(value);
    return capture(registry, { worker: `${value}` });
  });
  const whole = replay(merge(snapshots));
  assert.equal(valueOf(whole, "most"), 5);
  assert.equal(valueOf(whole, "all"), 8);
});

test("gauge() with another merge rule is a conflict", () => {
  const { registry } = setUp();
  registry.gauge({ name: "x", help, merge: "max" });
  registry.gauge({ name: "x", help, merge: "max" });
  assert.throws(() => registry.gauge({ name: "x", help }), {
    name: "FamilyConflictError",
    message: /with merge max and not each-worker/,
  });
});

test("Registry refuses a merge rule that is unknown or does not fit the type", () => {
  const { registry } = setUp();
  assert.throws(
    () => loose(registry)["gauge"]!({ name: "x", help, merge: "mean" }),
    /merge is "mean"; give one of sum, max, min, last, each-worker/,
  );
  for (const merge of ["max", "min"] as const) {
    assert.throws(
      () => registry.histogram({ name: "x", help, merge }),
      new RegExp(`there is no ${merge} of a histogram; give merge: "sum"`),
    );
  }
});
