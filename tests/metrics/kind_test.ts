import assert from "node:assert/strict";
import { test } from "node:test";
import {
  counter,
  createBareRegistry,
  createRegistry,
  FamilyConflictError,
  histogram,
  type InstrumentKind,
  type Layout,
  mark,
  noopRegistry,
  Series,
  stateSets,
} from "../../src/metrics/mod.ts";
import { capture, merge, replay } from "../../src/model/mod.ts";
import { labelsOf, loose, rowsOf, setUp, valueOf } from "./fixtures.ts";

/** One series of a low-water mark: the least value so far. */
interface LowWater {
  record(value: number): void;
  readonly value: number;
}

/** The options of low-water marks. */
interface LowWaterOptions {
  readonly start?: number;
  readonly note?: string | undefined;
}

class LowWaterSeries extends Series implements LowWater {
  record(value: number): void {
    const { row, store } = this;
    if (row < 0) return (store.revive(this) as LowWaterSeries).record(value);
    if (!(value < store.cells[2 * row]!)) return;
    store.cells[2 * row] = value + 0;
    mark(store.marks, row);
  }

  get value(): number {
    return this.store.cellOf(this, 0);
  }
}

const planned: unknown[] = [];

/** Two cells per row; the second one is never used. */
const lowWaters: InstrumentKind<LowWater, LowWaterOptions> = {
  id: "test/low_water",
  type: "gauge",
  title: "low-water mark",
  merge: "min",
  rules: {
    start: {
      accepts: (value) => typeof value === "number",
      advice: "a number, such as 100",
      fallback: 100,
      isShown: true,
    },
    note: {
      accepts: (value) => typeof value === "string",
      advice: "a text",
      fallback: undefined,
      isShown: false,
    },
  },
  plan(options) {
    planned.push(options.start, options.note);
    const layout: Layout<LowWaterSeries> = {
      width: 2,
      isPlain: true,
      tracksStart: false,
      initial: options.start,
      series: (store, row) => new LowWaterSeries(store, row),
      emit: (store, row, labels, sink) =>
        sink.number(labels, store.cells[2 * row]!, 0),
    };
    return { terms: { start: `${options.start}` }, layout: () => layout };
  },
};

const LEVEL = { name: "level", help: "Level." } as const;

test("InstrumentKind.plan() receives its own options with their defaults", () => {
  planned.length = 0;
  const registry = createRegistry();
  registry.declare(lowWaters, LEVEL);
  registry.declare(lowWaters, { ...LEVEL, name: "x", start: 5, note: "n" });
  assert.deepEqual(planned, [100, undefined, 5, "n"]);
});

test("Layout.initial is the first value of a series, also in a reused row", () => {
  const { registry } = setUp();
  const family = registry.declare(lowWaters, { ...LEVEL, labels: ["k"] });
  family.at("a").record(7);
  family.at("b");
  assert.deepEqual(rowsOf(registry, "level"), [["a", 7], ["b", 100]]);
  family.remove({ k: "a" });
  family.at("c");
  assert.deepEqual(rowsOf(registry, "level"), [["c", 100], ["b", 100]]);
});

test("Layout.initial is in every cell of a new row after the table has grown", () => {
  const { registry } = setUp();
  const family = registry.declare(lowWaters, { ...LEVEL, labels: ["k"] });
  for (let i = 0; i < 50; i++) family.at(`${i}`);
  assert.ok(rowsOf(registry, "level").every(([, value]) => value === 100));
  const { store } = family.at("49") as LowWaterSeries;
  assert.ok(store.cells.subarray(0, 100).every((cell) => cell === 100));
});

test("RowStore.reset() resets a row to the initial value", () => {
  const { registry } = setUp();
  const family = registry.declare(lowWaters, { ...LEVEL, labels: ["k"] });
  const [a, b] = [family.at("a"), family.at("b")] as LowWaterSeries[];
  a!.record(1);
  b!.record(2);
  b!.store.reset(b!.row);
  assert.deepEqual(rowsOf(registry, "level"), [["a", 1], ["b", 100]]);
});

test("Layout.initial is the value of a removed series, which starts again from it", () => {
  const { registry } = setUp();
  const family = registry.declare(lowWaters, { ...LEVEL, labels: ["k"] });
  const held = family.at("a");
  held.record(3);
  family.remove({ k: "a" });
  assert.equal(held.value, 100);
  held.record(50);
  assert.equal(held.value, 50);
  assert.deepEqual(rowsOf(registry, "level"), [["a", 50]]);
});

test("Layout.initial does not apply to an expired series, which keeps its value", () => {
  const { registry, clock } = setUp();
  const options = { ...LEVEL, labels: ["k"], expireAfter: 10 } as const;
  const family = registry.declare(lowWaters, options);
  const held = family.at("a");
  held.record(3);
  capture(registry);
  clock.advance(20);
  assert.deepEqual(rowsOf(registry, "level"), []);
  assert.equal(held.value, 3);
  held.record(2);
  assert.deepEqual(rowsOf(registry, "level"), [["a", 2]]);
});

test("InstrumentKind.merge is the rule for merging workers", () => {
  const worker = (value: number) => {
    const { registry } = setUp();
    registry.declare(lowWaters, LEVEL).record(value);
    return capture(registry);
  };
  const merged = replay(merge([worker(9), worker(4), worker(6)]));
  assert.equal(valueOf(merged, "level"), 4);
});

test("InstrumentKind.merge yields to the option merge of a declaration", () => {
  const { registry } = setUp();
  registry.declare(lowWaters, { ...LEVEL, merge: "sum" }).record(1);
  assert.equal(capture(registry).families[0]!.desc.merge, "sum");
});

test("InstrumentPlan.terms must be repeated by a second declaration", () => {
  const { registry } = setUp();
  const first = registry.declare(lowWaters, { ...LEVEL, start: 5 });
  assert.equal(registry.declare(lowWaters, { ...LEVEL, start: 5 }), first);
  assert.throws(
    () => registry.declare(lowWaters, LEVEL),
    (error: Error) =>
      error instanceof FamilyConflictError &&
      /with start 5 and not 100/.test(error.message),
  );
});

test("InstrumentKind.id distinguishes kinds of the same type", () => {
  const { registry } = setUp();
  const copy = { ...lowWaters };
  const first = registry.declare(lowWaters, LEVEL);
  assert.equal(registry.declare(copy, LEVEL), first);
  assert.throws(
    () => registry.declare({ ...lowWaters, id: "test/other" }, LEVEL),
    (error: Error) =>
      error instanceof FamilyConflictError &&
      /with kind test\/low_water and not test\/other/.test(error.message),
  );
  assert.throws(
    () => registry.gauge({ ...LEVEL, merge: "min" }),
    FamilyConflictError,
  );
});

test("InstrumentKind.title is in the error of a wrong option", () => {
  const { registry } = setUp();
  const declare = (options: object) => () =>
    loose(registry)["declare"]!(lowWaters, { ...LEVEL, ...options });
  assert.throws(declare({ start: "5" }), {
    name: "TypeError",
    message: 'Cannot declare low-water mark "level": start is "5"; ' +
      "give a number, such as 100",
  });
  assert.throws(declare({ note: 5 }), {
    name: "TypeError",
    message: 'Cannot declare low-water mark "level": note is of type number; ' +
      "give a text",
  });
  assert.throws(declare({ strat: 5 }), {
    name: "TypeError",
    message: /there is no option "strat"; give any of name, .*, start, note$/,
  });
});

test("BareRegistry.declare() accepts built-in kinds", () => {
  const registry = createBareRegistry({ selfMetrics: false });
  registry.declare(stateSets, {
    name: "phase",
    help: "Phase.",
    labels: ["app"],
    states: ["up", "down"],
  }).at("x").set("up");
  assert.deepEqual(labelsOf(registry, "phase"), [["x", "up"], ["x", "down"]]);
});

test("noopRegistry.declare() returns the no-op series of the kind", () => {
  const noop: LowWater = { record() {}, value: -1 };
  const kind = { ...lowWaters, noop };
  const single = noopRegistry.declare(kind, LEVEL);
  single.record(1);
  assert.equal(single.value, -1);
  const family = noopRegistry.declare(kind, { ...LEVEL, labels: ["k"] });
  for (
    const series of [
      family.with({ k: "a" }),
      family.at("a"),
      family.bind({ k: "a" }),
    ]
  ) {
    series.record(1);
    assert.equal(series.value, -1);
  }
  assert.equal(family.size, 0);
});

test("counter() and histogram() declare on noopRegistry", () => {
  counter({ name: "a_total", help: "A." }, noopRegistry).inc();
  const options = { name: "b", help: "B.", labels: ["k"] } as const;
  histogram(options, noopRegistry).with({ k: "x" }).observe(1);
});

test("createRegistry() refuses misspelt options and lists the legal ones", () => {
  assert.throws(() => createRegistry({ clok: 1 } as never), {
    name: "TypeError",
    message: 'Cannot make a registry: there is no option "clok"; ' +
      "give any of clock, selfMetrics, strict, names, exemplars",
  });
  assert.throws(() => createBareRegistry({ strict: "yes" } as never), {
    name: "TypeError",
    message:
      "Cannot make a registry: strict is of type string; give true or false",
  });
});
