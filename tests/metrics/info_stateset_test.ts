import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics } from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";

const help = "Help.";

test("an info states its labels, and set() replaces what it stated", () => {
  const registry = createRegistry();
  const info = registry.info({
    name: "build_info",
    help,
    labels: ["version", "revision"],
  });
  info.set({ version: "1.0", revision: "a" });
  info.set({ version: "1.1", revision: "b" });
  assert.equal(info.size, 1);
  assert.equal(
    expositionOf(registry, openMetrics),
    '# TYPE build info\n# HELP build Help.\nbuild_info{version="1.1",' +
      'revision="b"} 1\n# EOF\n',
  );
});

test("an info can state several things and take them back", () => {
  const registry = createRegistry();
  const info = registry.info({
    name: "pod_info",
    help,
    labels: ["pod", "node"],
  });
  info.add({ pod: "a", node: "1" });
  info.add({ pod: "b", node: "1" });
  info.add({ pod: "b", node: "1" });
  assert.equal(info.size, 2);
  assert.equal(info.remove({ pod: "a" }), 1);
  assert.equal(info.remove({ node: "1" }), 1);
  assert.equal(info.size, 0);
});

test("an info known at declaration stands from the start", () => {
  const registry = createRegistry();
  registry.info({
    name: "build_info",
    help,
    labels: ["version"],
    known: [{ version: "2" }],
  });
  assert.equal(valueOf(registry, "build_info", { version: "2" }), 1);
});

test("a stateset holds the state that was set, and only it", () => {
  const registry = createRegistry();
  const phase = registry.stateSet({
    name: "phase",
    help,
    states: ["starting", "ready", "draining"],
  });
  assert.deepEqual(phase.active, []);
  phase.set("ready");
  assert.deepEqual(phase.active, ["ready"]);
  phase.set("draining");
  assert.deepEqual(phase.active, ["draining"]);
  phase.toggle("ready", true);
  assert.deepEqual(phase.active, ["ready", "draining"]);
  phase.toggle("ready", false);
  phase.set(undefined);
  assert.deepEqual(phase.active, []);
});

test("a stateset writes one line a state, its label named as itself", () => {
  const registry = createRegistry();
  const phase = registry.stateSet({
    name: "phase",
    help,
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

test("an unknown state changes nothing and is counted", () => {
  const registry = createRegistry();
  const phase = registry.stateSet({ name: "phase", help, states: ["a", "b"] });
  phase.set("a");
  phase.set("c" as "a");
  phase.toggle("c" as "a", true);
  assert.deepEqual(phase.active, ["a"]);
  const name = "barograph_rejected_observations_total";
  assert.equal(valueOf(registry, name, { reason: "label_value" }), 2);
});

test("bad states throw", () => {
  for (const states of [[], ["a", "a"], [""]]) {
    assert.throws(
      () => createRegistry().stateSet({ name: "phase", help, states }),
      /give different names/,
    );
  }
});
