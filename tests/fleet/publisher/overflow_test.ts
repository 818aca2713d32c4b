/** How a publisher follows an overflow series that gives way to a real one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HITS, world } from "./set_up.ts";

test("the overflow series counts once if a real one takes its labels", () => {
  const { registry, image, take } = world();
  for (const isTaken of [true, false]) {
    const name = `few_${isTaken}_total`;
    const few = registry.counter({ ...HITS, name, maxSeries: 2 });
    few.with({ path: "a" }).inc(1);
    few.with({ path: "b" }).inc(2);
    few.with({ path: "c" }).inc(4);
    if (isTaken) take();
    few.remove({ path: "b" });
    few.with({ path: "overflow" }).inc(8);
    take();
    assert.deepEqual(image.row(name, "overflow").cells, [12]);
    assert.deepEqual(image.row(name, "overflow_2").cells, [0]);
    few.with({ path: "d" }).inc(16);
    few.with({ path: "overflow" }).inc(32);
    take();
    assert.deepEqual(image.row(name, "overflow").cells, [44]);
    assert.deepEqual(image.row(name, "overflow_2").cells, [16]);
    assert.equal(take(), false);
  }
});

test("the overflow series of a native histogram counts once", () => {
  const { registry, image, take } = world();
  const few = registry.histogram({
    ...HITS,
    name: "few",
    native: true,
    maxSeries: 1,
  });
  few.with({ path: "a" }).observe(1);
  few.with({ path: "b" }).observe(2);
  take();
  few.remove({ path: "a" });
  few.with({ path: "overflow" }).observe(4);
  few.with({ path: "c" }).observe(8);
  take();
  const [native, count] = ["overflow", "overflow_2"].map((path) =>
    image.extra("few", path) as { readonly native: readonly unknown[] }
  ).map(({ native }) => (native[3] as number[]).slice(2)).map((counts) =>
    counts.reduce((a, b) => a + b, 0)
  );
  assert.deepEqual([native, count], [2, 1]);
  assert.equal(image.row("few", "overflow").cells[0], 2);
  assert.equal(image.row("few", "overflow_2").cells[0], 1);
});
