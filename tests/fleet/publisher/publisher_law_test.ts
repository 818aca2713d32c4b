/**
 * The law of a publisher: after any operations on a registry, its image is what
 * a simple model says.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import type { SlotState } from "../../../src/fleet/slot/slot.ts";
import { FakeImage } from "./fake_image.ts";
import { Model, runModel } from "./model.ts";
import { type Step, steps } from "./steps.ts";
import { World } from "./world.ts";

/** Returns the state that an earlier owner has left behind. */
function leftBy(earlier: readonly Step[]): SlotState {
  const world = new World();
  for (const each of earlier) world.run(each);
  world.publisher.take({ all: true });
  return world.image.state();
}

test("the image of a registry is what a simple model says", () => {
  fc.assert(
    fc.property(steps, steps, (earlier, later) => {
      const world = new World(leftBy(earlier));
      const model = new Model();
      model.adopt(new FakeImage(world.image.found));
      for (const key of model.published.keys()) {
        if (key.startsWith("level")) model.published.get(key)!.state = "absent";
      }
      for (const each of later) {
        runModel(model, world, each);
        world.run(each);
        if (each.do !== "take" && each.do !== "tombstone") continue;
        const shown = [...world.image.shown()].map((
          [key, { state, generation, cells }],
        ) => [key, { state, generation, cells }] as const);
        assert.deepEqual(new Map(shown), model.published);
      }
    }),
    { numRuns: 400 },
  );
});

test("what is published never falls, except by a tombstone", () => {
  fc.assert(
    fc.property(steps, steps, (earlier, later) => {
      const world = new World(leftBy(earlier));
      let before = world.image.shown();
      for (const each of later) {
        world.run(
          each.do === "record" ? { ...each, by: each.by / 10 } : each,
        );
        const after = world.image.shown();
        for (const [key, { generation, cells }] of before) {
          const row = after.get(key);
          if (key.startsWith("level") || row === undefined) continue;
          if (row.generation !== generation) continue;
          cells.forEach((cell, at) => assert.ok(row.cells[at]! >= cell, key));
        }
        for (const [key, { generation }] of before) {
          const family = key.slice(0, key.indexOf("["));
          const row = after.get(key);
          if (row?.generation === generation) continue;
          const labels = key.slice(family.length);
          assert.ok(world.image.removedOf(family, labels) >= generation, key);
        }
        before = after;
      }
    }),
    { numRuns: 400 },
  );
});

test("reading only what has changed is the same as reading everything", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const fast = new World();
      const full = new World();
      for (const each of all) {
        if (each.do === "take") {
          // After new numbers, everything is read again by its labels.
          full.publisher.renumber(full.image.compact(() => true));
        }
        fast.run(each);
        full.run(each);
        if (each.do !== "take") continue;
        assert.deepEqual(fast.image.shown(), full.image.shown());
        assert.deepEqual(fast.image.tombstones, full.image.tombstones);
        assert.equal(fast.publisher.take({ all: each.all }), false);
      }
    }),
    { numRuns: 400 },
  );
});
