import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CoreRegistry,
  type CoreRegistryOptions,
  createCoreRegistry,
  createRegistry,
  FamilyConflictError,
} from "../../src/metrics/mod.ts";
import { expose, openMetrics, prometheusText } from "../../src/encode/mod.ts";
import { capture, familyDesc, Labels } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import {
  failuresOf,
  familyOf,
  loose,
  namesOf,
  overflowsOf,
  rejectionsOf,
  rowsOf,
  valueOf,
} from "./fixtures.ts";

const help = "Help.";

function coreOf(options: CoreRegistryOptions = {}): CoreRegistry {
  return createCoreRegistry({ clock: new FakeClock(), ...options });
}

/** Declares and records one of each that both registries have. */
function fill(registry: CoreRegistry): void {
  const hits = registry.counter({
    name: "hits_total",
    help,
    labels: ["path", "status"],
    values: { status: [200, 500] },
    known: [{ path: "/", status: 500 }],
    maxSeries: 3,
  });
  for (const path of ["/", "/a", "/b", "/c"]) {
    hits.with({ path, status: 200 }).inc(2);
  }
  hits.with({ path: "/", status: 404 as 200 }).inc();
  registry.gauge({ name: "load", help, namespace: "host" }).set(0.5);
  const seconds = registry.histogram({
    name: "wait_seconds",
    help,
    unit: "seconds",
    buckets: [0.1, 1],
    dropNaN: true,
  });
  for (const value of [0.05, 0.5, 5, NaN]) seconds.observe(value);
  registry.histogram({ name: "sizes", help, labels: ["of"] }).at("x")
    .observe(3, 2, { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" });
}

test("a core registry writes what a whole one writes, in any format", () => {
  const clock = new FakeClock();
  const core = createCoreRegistry({ clock });
  const whole = createRegistry({ clock });
  fill(core);
  fill(whole);
  for (const format of [prometheusText, openMetrics]) {
    const [mine, theirs] = [core, whole].map((registry) =>
      new TextDecoder().decode(expose(registry, format))
    );
    assert.equal(mine, theirs);
  }
});

test("a core registry counts what it could not record", () => {
  const core = coreOf();
  fill(core);
  assert.deepEqual(rejectionsOf(core), { label_value: 1, not_a_number: 1 });
  assert.deepEqual(overflowsOf(core), { hits_total: 2 });
});

test("a core registry tells of itself, unless it is told not to", () => {
  const own = [
    "barograph_rejected_observations_total",
    "barograph_series_overflows_total",
    "barograph_source_failures_total",
  ];
  const names = (registry: CoreRegistry) =>
    registry.descs.map(({ name }) => name);
  assert.deepEqual(names(coreOf()), own);
  assert.deepEqual(names(coreOf({ selfMetrics: false })), []);
});

test("a core registry refuses what a whole one refuses", () => {
  const core = coreOf();
  core.histogram({ name: "x", help });
  assert.throws(() => core.gauge({ name: "x_sum", help }), FamilyConflictError);
  assert.throws(() => core.gauge({ name: "x", help }), /with type histogram/);
  assert.throws(() => core.counter({ name: "hits", help }), /"hits_total"/);
  assert.throws(() => core.gauge({ name: "a.b", help }), /try "a_b"$/);
  assert.throws(() => core.gauge({ name: "y", help: "" }), /help must say/);
  assert.throws(
    () => loose(core).histogram!({ name: "y", help, native: true }),
    /no option "native"; give any of name, help/,
  );
  assert.deepEqual(namesOf(core), ["x"]);
});

test("a core registry has neither the other types nor scopes", () => {
  for (
    const method of [
      "summary",
      "info",
      "stateSet",
      "callbackCounter",
      "callbackGauge",
      "scope",
    ]
  ) assert.equal(loose(coreOf())[method], undefined, method);
});

test("a core registry exposes sources until they are disposed of", () => {
  const core = coreOf();
  let broken = false;
  const desc = familyDesc({ name: "x", type: "summary", help });
  const source = {
    descs: [desc],
    collect(): void {
      if (broken) throw new Error("broken");
    },
  };
  const added = core.add({
    ...source,
    collect(sink): void {
      source.collect();
      if (!sink.family(desc)) return;
      const none = new Float64Array(0);
      const view = { count: 1, sum: 2, quantiles: none, values: none };
      sink.summary(Labels.NONE, view, 0);
    },
  });
  assert.equal(familyOf(core, "x")!.summaries[0]!.sum, 2);
  assert.throws(() => core.gauge({ name: "x_count", help }));
  broken = true;
  capture(core);
  assert.deepEqual(failuresOf(core), { x: 2 });
  added[Symbol.dispose]();
  core.gauge({ name: "x_count", help }).set(1);
  assert.equal(valueOf(core, "x_count"), 1);
});

test("a core registry takes no source whose names need escaping", () => {
  const desc = familyDesc({ name: "a.b", type: "gauge", help }, "utf-8");
  const core = coreOf();
  assert.throws(() => core.add({ descs: [desc], collect() {} }), {
    name: "RangeError",
    message: /"a\.b".*try "a_b"/,
  });
});

test("a whole registry exposes a core one as it exposes any source", () => {
  const core = coreOf({ selfMetrics: false });
  core.gauge({ name: "x", help }).set(1);
  const whole = createRegistry({ clock: new FakeClock() });
  const added = whole.add(core);
  assert.equal(valueOf(whole, "x"), 1);
  assert.throws(() => whole.gauge({ name: "x", help }), FamilyConflictError);
  added[Symbol.dispose]();
  assert.deepEqual(namesOf(whole), []);
});

test("unregister() takes a family out of a core registry", () => {
  const core = coreOf();
  const held = core.counter({ name: "x_total", help });
  assert.equal(core.unregister("x_total"), true);
  assert.equal(core.unregister("x_total"), false);
  held.inc();
  assert.deepEqual(namesOf(core), []);
  core.counter({ name: "x_total", help: "Another." });
  assert.deepEqual(rowsOf(core, "x_total"), [[0]]);
});

test("a series of a core registry expires and comes back", () => {
  const clock = new FakeClock();
  const core = createCoreRegistry({ clock });
  const options = { name: "x", help, labels: ["a"], expireAfter: 10 } as const;
  const held = core.gauge(options).at("1");
  held.set(5);
  capture(core);
  clock.advance(10);
  assert.deepEqual(rowsOf(core, "x"), []);
  held.inc();
  assert.deepEqual(rowsOf(core, "x"), [["1", 6]]);
});
