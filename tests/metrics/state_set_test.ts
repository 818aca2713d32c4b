import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics } from "../../src/encode/mod.ts";
import { expositionOf } from "../../src/testing/mod.ts";
import { loose, rejectionsOf, rowsOf, setUp } from "./fixtures.ts";

const PHASE = {
  name: "phase",
  help: "The phase.",
  states: ["starting", "ready", "draining"],
} as const;

test("stateSet() exposes all states as inactive before one is set", () => {
  const { registry } = setUp();
  const phase = registry.stateSet(PHASE);
  assert.deepEqual(phase.active, []);
  assert.deepEqual(rowsOf(registry, "phase"), [
    ["starting", 0],
    ["ready", 0],
    ["draining", 0],
  ]);
});

test("StateSet.set() makes a state the only active one", () => {
  const { registry } = setUp();
  const phase = registry.stateSet(PHASE);
  phase.set("ready");
  phase.set("draining");
  assert.deepEqual(phase.active, ["draining"]);
  assert.deepEqual(
    rowsOf(registry, "phase").map(([, value]) => value),
    [0, 0, 1],
  );
  phase.set(undefined);
  assert.deepEqual(phase.active, []);
});

test("StateSet.toggle() does not change other states", () => {
  const { registry } = setUp();
  const phase = registry.stateSet(PHASE);
  phase.toggle("draining", true);
  phase.toggle("starting", true);
  phase.toggle("starting", true);
  assert.deepEqual(phase.active, ["starting", "draining"]);
  phase.toggle("draining", false);
  phase.toggle("ready", false);
  assert.deepEqual(phase.active, ["starting"]);
});

test("StateSet drops and counts a state that was not declared", () => {
  const { registry } = setUp();
  const phase = registry.stateSet(PHASE);
  phase.set("ready");
  const bad = ["broken", "", "toString", null, 5, {}];
  for (const state of bad) loose(phase).set!(state);
  loose(phase).toggle!("broken", true);
  loose(phase).toggle!(undefined, true);
  assert.deepEqual(phase.active, ["ready"]);
  assert.deepEqual(rejectionsOf(registry), { label_value: bad.length + 2 });
});

test("StateSet.set() throws on an unknown state in a strict registry", () => {
  const { registry } = setUp({ strict: true });
  const phase = registry.stateSet(PHASE);
  assert.throws(() => loose(phase).set!("broken"), {
    name: "RangeError",
    message: /^Cannot record "broken" in stateset "phase": label value, /,
  });
});

test("stateSet() with labels has separate states per label set", () => {
  const { registry } = setUp();
  const phase = registry.stateSet({ ...PHASE, labels: ["worker", "zone"] });
  phase.at("1", "a").set("ready");
  phase.with({ zone: "b", worker: "2" }).set("draining");
  assert.deepEqual(phase.at("1", "a").active, ["ready"]);
  assert.deepEqual(rowsOf(registry, "phase"), [
    ["1", "a", "starting", 0],
    ["1", "a", "ready", 1],
    ["1", "a", "draining", 0],
    ["2", "b", "starting", 0],
    ["2", "b", "ready", 0],
    ["2", "b", "draining", 1],
  ]);
  assert.equal(phase.size, 2);
  assert.equal(phase.remove({ worker: "1" }), 1);
  assert.equal(rowsOf(registry, "phase").length, 3);
});

test("stateSet() hides the label of the state from bind() and remove()", () => {
  const { registry } = setUp();
  const phase = registry.stateSet({ ...PHASE, labels: ["worker"] });
  phase.at("1").set("ready");
  assert.throws(() => loose(phase).bind!({ phase: "ready" }), /Cannot bind/);
  assert.equal(loose(phase).remove!({ phase: "ready" }), 0);
  assert.equal(phase.size, 1);
});

test("stateSet() records states beyond maxSeries in the overflow series", () => {
  const { registry } = setUp();
  const phase = registry.stateSet({
    ...PHASE,
    labels: ["worker"],
    maxSeries: 1,
  });
  phase.at("1").set("ready");
  phase.at("2").set("draining");
  assert.deepEqual(rowsOf(registry, "phase").slice(3), [
    ["overflow", "starting", 0],
    ["overflow", "ready", 0],
    ["overflow", "draining", 1],
  ]);
});

test("stateSet() copies the states", () => {
  const { registry } = setUp();
  const states = ["a", "b"];
  const phase = registry.stateSet({ name: "phase", help: "P.", states });
  states[0] = "c";
  phase.set("a");
  assert.deepEqual(phase.active, ["a"]);
});

test("StateSet.active returns a copy", () => {
  const { registry } = setUp();
  const phase = registry.stateSet(PHASE);
  phase.set("ready");
  (phase.active as string[]).length = 0;
  assert.deepEqual(phase.active, ["ready"]);
});

test("StateSet.toggle() of a removed series starts again without a state", () => {
  const { registry } = setUp();
  const phase = registry.stateSet({ ...PHASE, labels: ["worker"] });
  const held = phase.at("1");
  held.set("ready");
  phase.clear();
  assert.deepEqual(held.active, []);
  held.toggle("draining", true);
  assert.deepEqual(held.active, ["draining"]);
  assert.equal(phase.at("1"), held);
});

test("stateSet() is written as one line per state, with a label of its name", () => {
  const registry = setUp().registry;
  const phase = registry.stateSet({
    name: "phase",
    help: "Help.",
    states: ["a", "b"],
    labels: ["worker"],
  });
  phase.with({ worker: "1" }).set("b");
  assert.equal(
    expositionOf(registry, openMetrics),
    "# TYPE phase stateset\n# HELP phase Help.\n" +
      'phase{worker="1",phase="a"} 0\nphase{worker="1",phase="b"} 1\n# EOF\n',
  );
  assert.match(expositionOf(registry), /# TYPE phase gauge/);
});

test("stateSet() refuses illegal states", () => {
  for (const states of [[], ["a", "a"], [""]]) {
    assert.throws(
      () => setUp().registry.stateSet({ name: "phase", help: "Help.", states }),
      /give different names/,
    );
  }
});
