/** How a publisher writes exemplars and native buckets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeImage } from "./fake_image.ts";
import { world } from "./set_up.ts";

test("exemplars are published by cell, and older ones of an earlier owner stay", () => {
  const first = world();
  const labels = { trace_id: "1" };
  first.registry.histogram({ name: "h", help: "H.", buckets: [1] })
    .observe(0.5, 1, labels);
  first.registry.counter({ name: "c_total", help: "C." }).inc(1, labels);
  first.take();
  const time = first.clock.unix();
  assert.deepEqual(first.image.extra("c_total"), {
    exemplars: [[1, time, labels]],
  });
  const { registry, image, take } = world(first.image.state());
  const second = { trace_id: "2" };
  registry.histogram({ name: "h", help: "H.", buckets: [1] })
    .observe(5, 1, second);
  take();
  assert.deepEqual(image.extra("h"), {
    exemplars: [[0.5, time, labels], [5, time, second]],
  });
  assert.equal(take(), false);
});

test("native buckets continue, and begin anew after a tombstone", () => {
  const native = { name: "n", help: "N.", native: { schema: 0 } } as const;
  const first = world();
  first.registry.histogram(native).observe(3, 2);
  first.take();
  assert.equal(first.take(), false);
  const { registry, image, publisher, take } = world(first.image.state());
  const sizes = registry.histogram(native);
  sizes.observe(3);
  sizes.observe(0);
  take();
  assert.deepEqual(image.row("n").cells, [4, 9]);
  assert.deepEqual(nativeOf(image), [0, 2 ** -128, 1, [2, 0, 3], [0, 0]]);
  image.addTombstone({ family: 0, generation: 0, labels: "[]" });
  publisher.removed("n", "[]", 0);
  assert.deepEqual(image.row("n").cells, [0, 0]);
  assert.deepEqual(nativeOf(image), [0, 2 ** -128, 0, [2, 0, 0], [0, 0]]);
  sizes.observe(5, 7);
  take();
  assert.deepEqual(image.row("n").cells, [7, 35]);
  assert.deepEqual(nativeOf(image), [0, 2 ** -128, 0, [2, 0, 0, 7], [0, 0]]);
});

function nativeOf(image: FakeImage): unknown {
  return (image.extra("n") as { native: unknown }).native;
}

test("a native histogram that resets itself continues", () => {
  const { registry, image, take, clock } = world();
  const sizes = registry.histogram({
    name: "n",
    help: "N.",
    native: { schema: 0, maxBuckets: 2, resetAfter: 10 },
  });
  sizes.observe(1);
  sizes.observe(2);
  take();
  clock.advance(20);
  sizes.observe(1000, 3); // resets
  take();
  assert.equal(image.row("n").cells[0], 5);
  assert.deepEqual(nativeOf(image), [
    0,
    2 ** -128,
    0,
    [0, 0, 1, 1, ...new Array(8).fill(0), 3],
    [0, 0],
  ]);
});
