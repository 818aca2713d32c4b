import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics } from "../../src/encode/mod.ts";
import { expositionOf, valueOf } from "../../src/testing/mod.ts";
import { labelsOf, loose, overflowsOf, rowsOf, setUp } from "./fixtures.ts";

function declare(maxSeries?: number) {
  const { registry } = setUp();
  const info = registry.info({
    name: "build_info",
    help: "The build.",
    labels: ["version", "revision"],
    ...(maxSeries === undefined ? {} : { maxSeries }),
  });
  return { registry, info };
}

test("info() has no series before one is set", () => {
  const { registry, info } = declare();
  assert.equal(info.size, 0);
  assert.deepEqual(rowsOf(registry, "build_info"), []);
});

test("Info.set() replaces all earlier label sets", () => {
  const { registry, info } = declare();
  info.set({ version: "1", revision: "a" });
  info.set({ revision: "b", version: 2 });
  assert.deepEqual(rowsOf(registry, "build_info"), [["2", "b", 1]]);
  info.set({ revision: "b", version: 2 });
  assert.deepEqual(rowsOf(registry, "build_info"), [["2", "b", 1]]);
});

test("Info.add() adds each label set once", () => {
  const { registry, info } = declare();
  info.add({ version: "1", revision: "a" });
  info.add({ version: "1", revision: "b" });
  info.add({ version: "1", revision: "a" });
  assert.equal(info.size, 2);
  assert.deepEqual(labelsOf(registry, "build_info"), [["1", "a"], ["1", "b"]]);
});

test("Info.remove() removes the label sets with these labels", () => {
  const { registry, info } = declare();
  info.add({ version: "1", revision: "a" });
  info.add({ version: "1", revision: "b" });
  info.add({ version: "2", revision: "a" });
  assert.equal(info.remove({ version: "9" }), 0);
  assert.equal(loose(info).remove!({ release: "1" }), 0);
  assert.equal(info.remove({ version: "1" }), 2);
  assert.deepEqual(labelsOf(registry, "build_info"), [["2", "a"]]);
  assert.equal(info.remove({}), 1);
  assert.equal(info.size, 0);
});

test("info() is limited by maxSeries", () => {
  const { registry, info } = declare(2);
  for (let i = 0; i < 5; i++) info.add({ version: i, revision: "a" });
  assert.equal(info.size, 2);
  assert.deepEqual(labelsOf(registry, "build_info").at(-1), [
    "overflow",
    "overflow",
  ]);
  assert.deepEqual(overflowsOf(registry), { build_info: 3 });
});

test("Info.set() in a scope replaces only the label sets of that scope", () => {
  const { registry } = setUp();
  const options = { name: "x_info", help: "X.", labels: ["v"] } as const;
  const first = registry.scope({ labels: { part: "one" } }).info(options);
  const second = registry.scope({ labels: { part: "two" } }).info(options);
  first.set({ v: "1" });
  second.set({ v: "1" });
  first.set({ v: "2" });
  assert.equal(first.size, 1);
  assert.deepEqual(
    labelsOf(registry, "x_info").toSorted(),
    [["one", "2"], ["two", "1"]],
  );
});

test("info() is written with _info in the sample, but not in the metadata", () => {
  const registry = setUp().registry;
  const info = registry.info({
    name: "build_info",
    help: "Help.",
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

test("info() with known label sets has them from the declaration on", () => {
  const registry = setUp().registry;
  registry.info({
    name: "build_info",
    help: "Help.",
    labels: ["version"],
    known: [{ version: "2" }],
  });
  assert.equal(valueOf(registry, "build_info", { version: "2" }), 1);
});
