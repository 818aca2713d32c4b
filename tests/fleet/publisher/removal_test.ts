/** How a publisher ends series: removal, expiry, tombstones of others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { familyDesc } from "../../../src/model/mod.ts";
import { ABSENT, HELD } from "../../../src/fleet/slot/slot.ts";
import { Publisher } from "../../../src/fleet/publisher/publisher.ts";
import { FakeImage } from "./fake_image.ts";
import { HITS, world } from "./set_up.ts";

test("a series that is removed gets a tombstone, and begins again at zero", () => {
  const { registry, image, publisher, take } = world();
  const hits = registry.counter(HITS);
  hits.with({ path: "/" }).inc(5);
  take();
  hits.remove({ path: "/" });
  assert.equal(take(), true);
  assert.deepEqual(image.tombstones, [
    { family: 0, generation: 0, labels: '["/"]' },
  ]);
  assert.equal(image.shown().size, 0);
  hits.with({ path: "/" }).inc();
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [1]);
  assert.equal(image.row("hits_total", "/").generation, 1);
  hits.clear();
  hits.with({ path: "/" }).inc(2);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [2]);
  assert.equal(image.row("hits_total", "/").generation, 2);
  assert.equal(publisher.take({ all: false }), false);
});

test("a series that nobody has published gets no tombstone", () => {
  const { registry, image, take } = world();
  const hits = registry.counter(HITS);
  take();
  hits.with({ path: "/" }).inc();
  hits.remove({ path: "/" });
  hits.remove({ path: "/nothing" });
  hits.clear();
  assert.deepEqual(image.tombstones, []);
  hits.with({ path: "/" }).inc();
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [1]);
});

test("gauges, infos and states of a member are removed without a tombstone", () => {
  const { registry, image, take } = world();
  const states = registry.stateSet({
    name: "st",
    help: "St.",
    labels: ["job"],
    states: ["a", "b"],
  });
  const gauge = registry.gauge({ name: "g", help: "G.", labels: ["job"] });
  const build = registry.info({ name: "i_info", help: "I.", labels: ["v"] });
  states.with({ job: "x" }).set("a");
  gauge.with({ job: "x" }).set(1);
  gauge.with({ job: "y" }).set(2);
  build.set({ v: "1" });
  take();
  states.remove({ job: "x" });
  gauge.remove({ job: "x" });
  build.set({ v: "2" });
  assert.equal(take(), true);
  assert.deepEqual(image.tombstones, []);
  assert.equal(image.searches, 0); // it may read files
  assert.equal(image.row("st", "x", "a").state, "absent");
  assert.equal(image.row("st", "x", "b").state, "absent");
  assert.equal(image.row("g", "x").state, "absent");
  assert.equal(image.row("g", "y").state, "held");
  assert.equal(image.row("i_info", "1").state, "absent");
  assert.equal(image.row("i_info", "2").state, "held");
  gauge.with({ job: "x" }).set(3);
  take();
  assert.deepEqual(image.row("g", "x").cells, [3]);
  assert.equal(image.row("g", "x").state, "held");
});

test("a series that has expired can be removed", () => {
  for (const removal of ["remove", "clear"]) {
    const { registry, image, take, clock } = world();
    const hits = registry.counter({ ...HITS, expireAfter: 10 });
    hits.with({ path: "/" }).inc(5);
    take();
    clock.advance(10);
    take();
    assert.equal(image.row("hits_total", "/").state, "expired");
    if (removal === "remove") hits.remove({ path: "/" });
    else hits.clear();
    assert.equal(image.shown().size, 0, removal);
    assert.equal(take(), true);
    hits.with({ path: "/" }).inc(2);
    take();
    assert.deepEqual(image.row("hits_total", "/").cells, [2]);
  }
});

test("series that only an earlier owner had, or other members have, can be removed", () => {
  const first = world();
  const { registry: before } = first;
  before.counter(HITS).with({ path: "/old" }).inc(7);
  const sizes = { ...HITS, name: "h", buckets: [1, 2] } as const;
  before.histogram(sizes).with({ path: "/old" }).observe(1);
  first.take();
  const { registry, image, take } = world(first.image.state());
  image.others.push({
    family: first.image.families[0]!,
    labels: '["/theirs"]',
    generation: 3,
  });
  // Both are declared after the last take, and have no series.
  registry.counter(HITS).clear();
  registry.histogram(sizes).clear();
  assert.equal(image.shown().size, 0);
  assert.equal(image.removedOf("hits_total", '["/theirs"]'), 3);
  assert.equal(take(), true);
});

test("a removal ends the highest generation that any member has", () => {
  const { registry, image, take } = world();
  const hits = registry.counter(HITS);
  hits.with({ path: "/" }).inc(1);
  take();
  image.others.push({
    family: image.families[0]!,
    labels: '["/"]',
    generation: 4,
  });
  hits.remove({ path: "/" });
  assert.equal(image.removedOf("hits_total", '["/"]'), 4);
  assert.equal(image.tombstones.length, 1);
});

test("a registry that is exposed by the published one is followed, too", () => {
  const { registry, image, take } = world();
  const inner = createRegistry({ selfMetrics: false });
  const hits = inner.counter(HITS);
  const exposed = registry.add(inner);
  hits.with({ path: "/" }).inc(5);
  take();
  hits.clear();
  assert.equal(image.tombstones.length, 1);
  hits.with({ path: "/" }).inc(5);
  take();
  exposed[Symbol.dispose]();
  take();
  assert.equal(image.row("hits_total", "/").state, "absent");
  hits.clear(); // of a registry that is no longer exposed
  assert.equal(image.tombstones.length, 1);
  using _exposed = registry.add(inner);
  hits.with({ path: "/" }).inc(1);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [6]);
});

test("a registry that is exposed again has not begun anew", () => {
  const { registry, image, take } = world();
  const inner = createRegistry({ selfMetrics: false });
  const hits = inner.counter(HITS).with({ path: "/" });
  hits.inc(5);
  for (let round = 0; round < 3; round++) {
    using _exposed = registry.add(inner);
    take();
    hits.inc(1);
    take();
    assert.deepEqual(image.row("hits_total", "/").cells, [6 + round]);
  }
});

test("a series that expires keeps its value, and continues", () => {
  const { registry, image, take, clock } = world();
  const hits = registry.counter({ ...HITS, expireAfter: 10 });
  const held = hits.with({ path: "/" });
  held.inc(5);
  take();
  held.inc(1);
  clock.advance(5);
  registry.collect(IGNORING); // notices the record before the publisher does
  clock.advance(10);
  take();
  assert.equal(image.row("hits_total", "/").state, "expired");
  assert.deepEqual(image.row("hits_total", "/").cells, [6]);
  held.inc();
  take();
  assert.equal(image.row("hits_total", "/").state, "held");
  assert.deepEqual(image.row("hits_total", "/").cells, [7]);
  clock.advance(5);
  take();
  clock.advance(10);
  take();
  assert.equal(image.row("hits_total", "/").state, "expired");
  hits.with({ path: "/" }).inc(9); // a new series, which begins at zero
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [16]);
  assert.deepEqual(image.tombstones, []);
});

const IGNORING = {
  family: () => true,
  number() {},
  histogram() {},
  summary() {},
};

test("a family that is unregistered leaves its counts, and one declared again adds to them", () => {
  const { registry, image, publisher, take } = world();
  const gauge = registry.gauge({ name: "g", help: "G." });
  registry.counter(HITS).with({ path: "/" }).inc(5);
  gauge.set(1);
  take();
  registry.counter(HITS).with({ path: "/" }).inc(2);
  registry.unregister("hits_total");
  // In the same instant, so that it has the same start.
  registry.counter(HITS).with({ path: "/" }).inc(7);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [14]);
  assert.deepEqual(publisher.declared, [0, 1]);
  registry.unregister("hits_total");
  registry.unregister("g");
  assert.equal(take(), true);
  assert.deepEqual(image.tombstones, []);
  assert.deepEqual(image.row("hits_total", "/").cells, [14]);
  assert.equal(image.row("hits_total", "/").state, "absent");
  assert.equal(image.row("g").state, "absent");
  assert.deepEqual(publisher.declared, []);
});

test("a series of a family that is no longer registered cannot be removed", () => {
  const { registry, image, take } = world();
  const hits = registry.counter(HITS);
  hits.with({ path: "/" }).inc(5);
  take();
  registry.unregister("hits_total");
  hits.clear();
  take();
  assert.deepEqual(image.tombstones, []);
  assert.deepEqual(image.row("hits_total", "/").cells, [5]);
});

test("what is removed before its family is unregistered stays so", () => {
  const { registry, image, take } = world();
  const hits = registry.counter(HITS);
  hits.with({ path: "/" }).inc(5);
  take();
  hits.clear();
  registry.unregister("hits_total");
  take();
  assert.equal(image.shown().size, 0);
});

test("a tombstone of another member ends a row, and its successor is at zero", () => {
  const { registry, image, publisher, take } = world();
  const hits = registry.counter(HITS).with({ path: "/" });
  const sizes = registry.histogram({ name: "h", help: "H.", buckets: [1] });
  hits.inc(0.1);
  hits.inc(0.2);
  sizes.observe(3);
  take();
  image.addTombstone({ family: 0, generation: 4, labels: '["/"]' });
  publisher.removed("hits_total", '["/"]', 4);
  image.addTombstone({ family: 1, generation: 0, labels: "[]" });
  publisher.removed("h", "[]", 0);
  assert.deepEqual(image.row("hits_total", "/").cells, [0]);
  assert.equal(image.row("hits_total", "/").generation, 5);
  assert.equal(image.row("hits_total", "/").state, "held");
  hits.inc();
  sizes.observe(0.5);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [
    1.3 - 0.30000000000000004,
  ]);
  assert.deepEqual(image.row("h").cells, [1, 0, 0.5]);
  publisher.removed("hits_total", '["/"]', 4);
  publisher.removed("unknown_total", "[]", 4);
  assert.equal(take(), false);
});

test("a series that another member removes after it has expired needs no row", () => {
  const { registry, image, publisher, take, clock } = world();
  const held = registry.counter({ ...HITS, expireAfter: 10 })
    .with({ path: "/" });
  held.inc(5);
  take();
  clock.advance(10);
  take();
  assert.equal(publisher.used().size, 1);
  image.addTombstone({ family: 0, generation: 0, labels: '["/"]' });
  publisher.removed("hits_total", '["/"]', 0);
  assert.equal(publisher.used().size, 0);
  held.inc(2);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [2]);
  assert.equal(publisher.used().size, 1);
});

test("a series begins after the highest tombstone of all slots", () => {
  const { registry, image, publisher, take } = world();
  image.addFamily({
    desc: familyDesc({ name: "hits_total", type: "counter", help: "Hits." }),
    bounds: [],
    isNative: false,
  });
  image.addTombstone({ family: 0, generation: 4, labels: '["/"]' });
  publisher.removed("hits_total", '["/"]', 4);
  publisher.removed("hits_total", '["/"]', 2);
  registry.counter(HITS).with({ path: "/" }).inc();
  take();
  assert.equal(image.row("hits_total", "/").generation, 5);
});

test("of two rows of an earlier owner, the newer generation continues", () => {
  const first = world();
  first.registry.counter(HITS).with({ path: "/" }).inc(5);
  first.take();
  const [row] = first.image.rows;
  const { image } = first;
  const later = image.addRow({ ...row!, generation: 1 });
  image.cells[image.rows[later]!.at] = 7;
  for (const order of [[0, 1], [1, 0]]) {
    const state = image.state();
    const rows = order.map((at) => state.rows[at]!);
    const { registry, image: adopted, take } = world({ ...state, rows });
    registry.counter(HITS).with({ path: "/" }).inc();
    take();
    assert.deepEqual([...adopted.cells.subarray(0, 2)], [5, 8]);
    const states = rows.map((_, row) => adopted.states[row]);
    const expected = rows.map(({ generation }) =>
      generation === 1 ? HELD : ABSENT
    );
    assert.deepEqual(states, expected);
  }
});

test("a gauge stays after a tombstone of another member", () => {
  const { registry, image, publisher, take } = world();
  registry.gauge({ name: "g", help: "G." }).set(5);
  take();
  image.addTombstone({ family: 0, generation: 0, labels: "[]" });
  publisher.removed("g", "[]", 0);
  assert.deepEqual(image.row("g").cells, [5]);
  assert.equal(image.row("g").generation, 1);
});

test("a publisher that is closed no longer follows the registry", () => {
  const { registry, image, publisher, take } = world();
  const hits = registry.counter(HITS);
  hits.with({ path: "/" }).inc();
  take();
  publisher.close();
  hits.clear();
  assert.deepEqual(image.tombstones, []);
});

test("a publisher that is closed leaves the registry to a later one", () => {
  const { registry, image, publisher, take, clock } = world();
  const hits = registry.counter(HITS);
  hits.with({ path: "/" }).inc();
  take();
  const later = new FakeImage(image.state());
  new Publisher(later, registry, { clock }).take({ all: true });
  publisher.close();
  hits.clear();
  assert.deepEqual(image.tombstones, []);
  assert.equal(later.tombstones.length, 1);
});
