import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics } from "../../src/encode/mod.ts";
import { capture, merge, replay } from "../../src/model/mod.ts";
import { expositionOf } from "../../src/testing/mod.ts";
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

test("stateSet() with merge each-worker keeps the states of each worker", () => {
  const snapshots = ["1", "2"].map((worker) => {
    const { registry } = setUp({ selfMetrics: false });
    const states = ["a", "b"];
    const merge = "each-worker";
    registry.stateSet({ name: "st", help, states, merge }).set("a");
    registry.stateSet({ name: "in", help, states, merge, labels: ["zone"] })
      .at("eu").set("b");
    return capture(registry, { worker });
  });
  const lines = expositionOf(replay(merge(snapshots)), openMetrics).split("\n");
  for (const worker of ["1", "2"]) {
    assert.ok(lines.includes(`st{worker="${worker}",st="a"} 1`));
    assert.ok(lines.includes(`in{zone="eu",worker="${worker}",in="b"} 1`));
  }
});

test("Registry refuses the sum of what is 0 or 1", () => {
  const { registry } = setUp();
  const merge = "sum";
  assert.throws(
    () => registry.info({ name: "x_info", help, merge }),
    /there is no sum of infos; give merge: "max" or "last"/,
  );
  assert.throws(
    () => registry.stateSet({ name: "x", help, states: ["a"], merge }),
    /there is no sum of statesets; give merge: "max" or "last"/,
  );
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
