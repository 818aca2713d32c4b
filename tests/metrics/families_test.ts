import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import { FamilyConflictError } from "../../src/metrics/mod.ts";
import {
  familyDesc,
  Labels,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import {
  failuresOf,
  loose,
  namesOf,
  overflowsOf,
  rejectionsOf,
  rowsOf,
  setUp,
  valueOf,
} from "./fixtures.ts";

/** Returns a collector of gauges, which throws if it is `broken`. */
function collector(...names: readonly string[]): Source & { broken: boolean } {
  const descs = names.map((name) =>
    familyDesc({ name, type: "gauge", help: "Collected." })
  );
  return {
    descs,
    broken: false,
    collect(sink: Sink): void {
      for (const desc of descs) {
        if (sink.family(desc)) sink.number(Labels.NONE, 7, 0);
      }
      if (this.broken) throw new Error("broken");
    },
  };
}

test("Registry.add() exposes a source until the result is disposed", () => {
  const { registry } = setUp();
  const added = registry.add(collector("x", "y"));
  assert.deepEqual(namesOf(registry), ["x", "y"]);
  assert.equal(valueOf(registry, "x"), 7);
  added[Symbol.dispose]();
  assert.deepEqual(namesOf(registry), []);
});

test("Registry.add() frees no name of a later source on a second disposal", () => {
  const { registry } = setUp();
  const first = registry.add(collector("x"));
  first[Symbol.dispose]();
  registry.add(collector("x"));
  first[Symbol.dispose]();
  assert.deepEqual(namesOf(registry), ["x"]);
  assert.throws(() => registry.gauge({ name: "x", help: "X." }), /"x"/);
});

test("Registry.add() removes no source that was added again on a second disposal", () => {
  const { registry } = setUp();
  const source = collector("x");
  const first = registry.add(source);
  first[Symbol.dispose]();
  registry.add(source);
  first[Symbol.dispose]();
  assert.deepEqual(namesOf(registry), ["x"]);
  assert.throws(() => registry.gauge({ name: "x", help: "X." }), /"x"/);
});

test("Registry.add() conflicts with declared names, in either order", () => {
  const { registry } = setUp();
  registry.histogram({ name: "h", help: "H." });
  assert.throws(() => registry.add(collector("h_count")), FamilyConflictError);
  registry.add(collector("x"));
  assert.throws(
    () => registry.gauge({ name: "x", help: "X." }),
    FamilyConflictError,
  );
  assert.deepEqual(namesOf(registry), ["h", "x"]);
});

test("Registry.add() reserves no name of a source that conflicts", () => {
  const { registry } = setUp();
  registry.gauge({ name: "b", help: "B." });
  assert.throws(() => registry.add(collector("a", "b")), FamilyConflictError);
  registry.gauge({ name: "a", help: "A." });
  assert.throws(() => registry.add(collector("c", "c")), FamilyConflictError);
  registry.gauge({ name: "c", help: "C." });
  assert.deepEqual(namesOf(registry), ["b", "a", "c"]);
});

test("Registry.add() refuses a source with an illegal description", () => {
  const { registry } = setUp();
  const desc = { ...collector("x").descs[0]!, name: "_a" };
  assert.throws(() => registry.add({ descs: [desc], collect: () => {} }), {
    name: "RangeError",
    message: /"_a".*try "a"/,
  });
});

test("Registry.add() refuses a source that is exposed already", () => {
  const { registry } = setUp();
  const source = collector("x");
  const added = registry.add(source);
  assert.throws(() => registry.add(source), /Cannot add a source twice/);
  added[Symbol.dispose]();
  registry.add(source);
  assert.deepEqual(namesOf(registry), ["x"]);
});

test("Registry.add() exposes the parts of a source that do not fail", () => {
  const { registry } = setUp();
  const parts = [collector("a"), collector("b"), collector("c")];
  parts[1]!.broken = true;
  const whole: Source = {
    descs: parts.flatMap((part) => part.descs),
    parts,
    collect: (sink) => parts.forEach((part) => part.collect(sink)),
  };
  registry.add(whole);
  assert.deepEqual(namesOf(registry), ["a", "c"]);
  assert.deepEqual(failuresOf(registry), { b: 2 });
});

test("Registry.collect() leaves out and counts a source that throws, and tries it again", () => {
  const { registry } = setUp();
  registry.gauge({ name: "a", help: "A." });
  const source = collector("x");
  registry.add(source);
  source.broken = true;
  assert.deepEqual(namesOf(registry), ["a"]);
  assert.deepEqual(failuresOf(registry), { x: 2 });
  source.broken = false;
  assert.deepEqual(namesOf(registry), ["a", "x"]);
});

test("Registry counts the failure of a source without descriptions as unnamed", () => {
  const { registry } = setUp();
  registry.add({
    descs: [],
    collect(): void {
      throw new Error("nameless");
    },
  });
  namesOf(registry);
  assert.deepEqual(failuresOf(registry), { unnamed: 2 });
});

test("Registry.add() of a registry exposes its later declarations too", () => {
  const [{ registry: parent }, { registry: child }] = [setUp(), setUp()];
  child.gauge({ name: "before", help: "B." });
  parent.gauge({ name: "own", help: "O." });
  const added = parent.add(child);
  child.gauge({ name: "after", help: "A." }).set(3);
  assert.deepEqual(namesOf(parent), ["own", "before", "after"]);
  assert.equal(valueOf(parent, "after"), 3);
  added[Symbol.dispose]();
  assert.deepEqual(namesOf(parent), ["own"]);
  assert.deepEqual(namesOf(child), ["before", "after"]);
});

test("Registry.add() of a registry exposes no self-metrics of it", () => {
  const [{ registry: parent }, { registry: child }] = [setUp(), setUp()];
  parent.add(child);
  const names = parent.descs.map(({ name }) => name);
  const own = setUp().registry.descs.map(({ name }) => name);
  assert.deepEqual(names, own);
});

test("Registry reserves names in all registries that expose it", () => {
  const [{ registry: parent }, { registry: child }] = [setUp(), setUp()];
  parent.gauge({ name: "taken", help: "T." });
  parent.add(child);
  assert.throws(
    () => child.gauge({ name: "taken", help: "T." }),
    FamilyConflictError,
  );
  assert.deepEqual(namesOf(child), []);
  child.gauge({ name: "childs", help: "C." });
  assert.throws(
    () => parent.gauge({ name: "childs", help: "C." }),
    FamilyConflictError,
  );
});

test("Registry reserves no name of a refused declaration in any registry", () => {
  const [{ registry: parent }, { registry: child }] = [setUp(), setUp()];
  parent.gauge({ name: "x_count", help: "X." });
  parent.add(child);
  assert.throws(() => child.histogram({ name: "x", help: "X." }));
  child.gauge({ name: "x", help: "X." });
  child.gauge({ name: "x_sum", help: "X." });
  assert.deepEqual(namesOf(parent), ["x_count", "x", "x_sum"]);
});

test("Registry.add() refuses a registry with a conflicting family", () => {
  const [{ registry: parent }, { registry: child }] = [setUp(), setUp()];
  parent.histogram({ name: "x", help: "X." });
  child.gauge({ name: "fine", help: "F." });
  child.gauge({ name: "x_sum", help: "X." });
  assert.throws(() => parent.add(child), FamilyConflictError);
  parent.gauge({ name: "fine", help: "F." });
  assert.deepEqual(namesOf(parent), ["x", "fine"]);
});

test("Registry.add() of a registry frees its names on disposal", () => {
  const [{ registry: parent }, { registry: child }] = [setUp(), setUp()];
  const added = parent.add(child);
  child.gauge({ name: "x", help: "X." });
  child.gauge({ name: "gone", help: "G." });
  child.unregister("gone");
  parent.gauge({ name: "gone", help: "G." });
  added[Symbol.dispose]();
  parent.gauge({ name: "x", help: "X." });
  child.gauge({ name: "y", help: "Y." });
  assert.deepEqual(namesOf(parent), ["gone", "x"]);
  added[Symbol.dispose]();
  assert.throws(() => parent.add(child), FamilyConflictError);
});

test("Registry.add() refuses a registry that exposes this one", () => {
  const { registry: a } = setUp();
  const { registry: b } = setUp();
  const { registry: c } = setUp();
  const message = "Cannot add a registry to itself, or to one that was added " +
    "to it";
  assert.throws(() => a.add(a), { name: "RangeError", message });
  assert.throws(() => a.add(a.scope({ prefix: "s_" })), { message });
  a.add(b);
  b.add(c);
  assert.throws(() => b.add(a), { message });
  assert.throws(() => c.add(a), { message });
  assert.throws(() => a.add(b), /Cannot add a registry twice/);
});

test("Registry counts rejections and overflows in outer registries too", () => {
  const { registry: top } = setUp();
  const { registry: middle } = setUp();
  const { registry: bottom } = setUp();
  top.add(middle);
  const added = middle.add(bottom);
  const counter = bottom.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
    maxSeries: 1,
  });
  counter.at("1").inc(-1);
  counter.at("2");
  for (const registry of [top, middle, bottom]) {
    assert.deepEqual(rejectionsOf(registry), { negative: 1 });
    assert.deepEqual(overflowsOf(registry), { x_total: 1 });
  }
  added[Symbol.dispose]();
  counter.at("1").inc(-1);
  assert.deepEqual(rejectionsOf(top), { negative: 1 });
  assert.deepEqual(rejectionsOf(bottom), { negative: 2 });
});

test("Registry.parts begin with target_info of an added source", () => {
  const { registry } = setUp();
  registry.gauge({ name: "a", help: "A." });
  registry.add({
    descs: [familyDesc({ name: "target_info", type: "info", help: "T." })],
    collect(sink): void {
      if (sink.family(this.descs[0]!)) sink.number(Labels.NONE, 1, 0);
    },
  });
  assert.deepEqual(namesOf(registry), ["target_info", "a"]);
});

test("Registry.parts contain an added source", () => {
  const { registry } = setUp({ selfMetrics: false });
  const source = collector("x");
  registry.add(source);
  assert.deepEqual([...registry.parts], [source]);
});

test("Registry.add() accepts a source that another registry exposes", () => {
  const [{ registry: first }, { registry: second }] = [setUp(), setUp()];
  const source = collector("x");
  first.add(source);
  second.add(source);
  assert.deepEqual(rowsOf(first, "x"), rowsOf(second, "x"));
  assert.equal(loose(first).unregister!("x"), false);
});

test("Registry.unregister() frees the names of a family that encoders compare", () => {
  const { registry } = setUp({ selfMetrics: false });
  registry.gauge({ name: "x", help: "X." }).set(1);
  const [removed] = registry.parts;
  registry.unregister("x");
  registry.gauge({ name: "x", help: "X." }).set(2);
  const [present] = registry.parts;
  const both: Source = {
    descs: [],
    parts: [removed!, present!],
    collect() {},
  };
  assert.throws(() => expose(both, prometheusText), FamilyConflictError);
});
