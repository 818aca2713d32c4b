/** How a publisher ends series: removal, expiry, tombstones of others. */
import assert from "node:assert/strict";
import { test } from "node:test";
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

test("a series that was never published can be removed", () => {
  const { registry, image, take } = world();
  const hits = registry.counter(HITS);
  take();
  hits.with({ path: "/" }).inc();
  hits.remove({ path: "/" });
  assert.deepEqual(image.tombstones, [
    { family: 0, generation: 0, labels: '["/"]' },
  ]);
  assert.equal(take(), true);
  hits.with({ path: "/" }).inc();
  take();
  assert.equal(image.row("hits_total", "/").generation, 1);
});

test("a stateset that is removed gets a tombstone per state", () => {
  const { registry, image, take } = world();
  const states = registry.stateSet({
    name: "st",
    help: "St.",
    labels: ["job"],
    states: ["a", "b"],
  });
  states.with({ job: "x" }).set("a");
  take();
  states.clear();
  assert.deepEqual(image.tombstones.map(({ labels }) => labels), [
    '["x","a"]',
    '["x","b"]',
  ]);
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

test("a family that is unregistered is removed; one declared again begins anew", () => {
  const { registry, image, publisher, take } = world();
  registry.counter(HITS).with({ path: "/" }).inc(5);
  take();
  registry.unregister("hits_total");
  registry.counter(HITS).with({ path: "/" }).inc(1);
  take();
  assert.deepEqual(image.row("hits_total", "/").cells, [1]);
  assert.equal(image.row("hits_total", "/").generation, 1);
  assert.deepEqual(publisher.declared, [0]);
  registry.unregister("hits_total");
  assert.equal(take(), true);
  assert.equal(image.shown().size, 0);
  assert.deepEqual(publisher.declared, []);
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

test("an older tombstone changes nothing", () => {
  const { registry, image, publisher, take } = world();
  const hits = registry.counter(HITS);
  publisher.removed("hits_total", '["/"]', 4);
  publisher.removed("hits_total", '["/"]', 2);
  hits.with({ path: "/" }).inc();
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
