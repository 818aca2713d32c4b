/** How a publisher writes the series of a registry, case by case. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type InstrumentKind, mark, Series } from "../../../src/metrics/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { partsOf, rowsOf } from "../../../src/model/internal.ts";
import { HITS, world } from "./set_up.ts";

test("a counter is published with its start, and only while it changes", () => {
  const { registry, image, publisher, take, clock } = world();
  const hits = registry.counter(HITS);
  assert.equal(take(), true);
  assert.deepEqual(publisher.declared, [0]);
  assert.equal(take(), false);
  hits.with({ path: "/" }).inc(2);
  const start = clock.unix();
  assert.equal(take(), true);
  assert.deepEqual(image.row("hits_total", "/"), {
    state: "held",
    generation: 0,
    cells: [2],
    start,
  });
  assert.equal(take(), false);
});

test("each type has its cells", () => {
  const { registry, image, take, clock } = world();
  registry.histogram({ name: "h", help: "H.", buckets: [1, 2] }).observe(2, 3);
  registry.summary({ name: "s", help: "S.", quantiles: [0.5] }).observe(4);
  registry.gauge({ name: "g", help: "G." }).set(-5);
  registry.gauge({ name: "l", help: "L.", merge: "last" }).set(6);
  registry.info({ name: "i_info", help: "I.", labels: ["v"] }).set({ v: "1" });
  registry.stateSet({ name: "st", help: "St.", states: ["a", "b"] }).set("b");
  take();
  const now = clock.unix();
  assert.deepEqual(image.row("h").cells, [0, 3, 0, 6]);
  assert.deepEqual(image.row("s").cells, [1, 4]);
  assert.deepEqual(image.row("g").cells, [-5]);
  assert.deepEqual(image.row("l").cells, [6, now]);
  assert.deepEqual(image.row("i_info", "1").cells, [1, now]);
  assert.deepEqual(image.row("st", "a").cells, [0, now]);
  assert.deepEqual(image.row("st", "b").cells, [1, now]);
});

test("the second cell of the rule last is when the value last changed", () => {
  const { registry, image, take, clock } = world();
  const gauge = registry.gauge({ name: "l", help: "L.", merge: "last" });
  gauge.set(NaN);
  take();
  const first = clock.unix();
  clock.advance(5);
  gauge.set(NaN);
  assert.equal(take(), false);
  assert.deepEqual(image.row("l").cells, [NaN, first]);
  gauge.set(1);
  take();
  assert.deepEqual(image.row("l").cells, [1, first + 5]);
});

test("counters continue from what an earlier owner published, gauges do not", () => {
  const first = world();
  first.registry.counter(HITS).with({ path: "/" }).inc(5);
  first.registry.counter(HITS).with({ path: "/old" }).inc(7);
  first.registry.gauge({ name: "g", help: "G." }).set(3);
  first.registry.histogram({ name: "h", help: "H.", buckets: [1] }).observe(1);
  first.take();
  const { registry, image, take } = world(first.image.state());
  assert.equal(image.row("hits_total", "/").state, "absent");
  assert.equal(image.row("g").state, "absent");
  const hits = registry.counter(HITS).with({ path: "/" });
  hits.inc();
  registry.histogram({ name: "h", help: "H.", buckets: [1] }).observe(9);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [6]);
  assert.equal(image.row("hits_total", "/").state, "held");
  assert.deepEqual(image.row("hits_total", "/old").cells, [7]);
  assert.equal(image.row("hits_total", "/old").state, "absent");
  assert.deepEqual(image.row("h").cells, [1, 1, 10]);
  assert.equal(image.row("g").state, "absent");
  hits.inc();
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [7]);
});

test("a family with other buckets begins anew beside the adopted one", () => {
  const first = world();
  first.registry.histogram({ name: "h", help: "H.", buckets: [1] }).observe(1);
  first.take();
  const { registry, image, publisher, take } = world(first.image.state());
  registry.histogram({ name: "h", help: "H.", buckets: [2] }).observe(1);
  take();
  assert.deepEqual(publisher.declared, [1]);
  assert.deepEqual([...image.cells.subarray(0, 6)], [1, 0, 1, 1, 0, 1]);
});

test("rows are found again after a compaction", () => {
  const first = world();
  first.registry.counter(HITS).with({ path: "/" }).inc(5);
  first.take();
  const { registry, image, publisher, take } = world(first.image.state());
  const hits = registry.counter(HITS);
  hits.with({ path: "/x" }).inc(3);
  hits.with({ path: "/" }).inc(1);
  take();
  hits.remove({ path: "/x" });
  publisher.renumber(image.compact((row) => image.states[row] !== 0));
  hits.with({ path: "/" }).inc(1);
  hits.with({ path: "/x" }).inc(1);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [7]);
  assert.deepEqual(image.row("hits_total", "/x").cells, [1]);
  assert.equal(image.rows.length, 2);
  assert.equal(take(), false);
});

class SidesSeries extends Series {
  set(at: number, value: number): void {
    this.store.cells[2 * this.row + at] = value;
    mark(this.store.marks, this.row);
  }
}

/** Writes a series per side, but only once it has a value. */
const sides: InstrumentKind<{ set(at: number, value: number): void }> = {
  id: "test/sides",
  type: "gauge",
  rules: {},
  ownLabel: () => "side",
  plan: () => ({
    layout: () => ({
      width: 2,
      isPlain: true,
      tracksStart: false,
      series: (store, row) => new SidesSeries(store, row),
      emit({ cells }, row, labels, sink) {
        ["left", "right"].forEach((side, at) => {
          labels.last = side;
          const value = cells[2 * row + at]!;
          if (value !== 0) sink.number(labels, value, 0);
        });
      },
    }),
  }),
};

test("a kind that skips series does not confuse their rows", () => {
  const { registry, image, take } = world();
  const doors = registry.declare(sides, {
    name: "doors",
    help: "Doors.",
    labels: ["room"],
  });
  doors.with({ room: "a" }).set(1, 10);
  doors.with({ room: "b" }).set(1, 20);
  take();
  doors.with({ room: "a" }).set(0, 30);
  take();
  assert.deepEqual(image.row("doors", "a", "left").cells, [30]);
  assert.deepEqual(image.row("doors", "a", "right").cells, [10]);
  assert.deepEqual(image.row("doors", "b", "right").cells, [20]);
});

class OutsideSeries extends Series {
  readonly state = { value: 0 };
}

/** Keeps its value outside of cells. */
const outside: InstrumentKind<OutsideSeries> = {
  id: "test/outside",
  type: "summary",
  rules: {},
  plan: () => ({
    layout: () => {
      const all: OutsideSeries[] = [];
      return {
        width: 1,
        isPlain: false,
        tracksStart: false,
        series: (store, row) => all[row] = new OutsideSeries(store, row),
        emit(_, row, labels, sink) {
          const none = new Float64Array(0);
          const count = all[row]!.state.value;
          const view = { count, sum: 0, quantiles: none, values: none };
          sink.summary(labels, view, 0);
        },
      };
    },
  }),
};

test("a kind that keeps its state outside of cells is read each time", () => {
  const { registry, image, take } = world();
  const jobs = registry.declare(outside, { name: "jobs", help: "Jobs." });
  take();
  jobs.state.value = 7;
  assert.equal(take(), true);
  assert.deepEqual(image.row("jobs").cells, [7, 0]);
});

test("only series that have recorded are read, also those with native buckets", () => {
  const { registry, image, take } = world();
  const sizes = registry.histogram({
    name: "sizes",
    help: "Sizes.",
    labels: ["k"],
    native: true,
  });
  const all = Array.from({ length: 40 }, (_, i) => sizes.with({ k: `${i}` }));
  for (const each of all) each.observe(1);
  const part = partsOf(registry as unknown as Source)[0]!;
  const rows = rowsOf(part)!;
  const emit = rows.emit.bind(rows);
  const read: number[] = [];
  rows.emit = (from, to, sink) => {
    for (let row = from; row < to; row++) read.push(row);
    emit(from, to, sink);
  };
  take();
  assert.equal(read.length, 40);
  read.length = 0;
  assert.equal(take(), false);
  all[20]!.observe(2);
  assert.equal(take(), true);
  assert.deepEqual(read, [20]);
  assert.deepEqual(image.row("sizes", "20").cells, [2, 3]);
});
