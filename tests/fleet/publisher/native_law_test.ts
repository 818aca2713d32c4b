/** The law of native buckets that are published: they agree with the counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { checkHistogram } from "../../../src/model/internal.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import { extraFrom } from "../../../src/fleet/slot/extra.ts";
import { Publisher } from "../../../src/fleet/publisher/publisher.ts";
import type { SlotState } from "../../../src/fleet/slot/slot.ts";
import { FakeImage } from "./fake_image.ts";

const NAME = "sizes";

const value = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(0, Infinity, -Infinity),
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ observe: value }) },
  { weight: 3, arbitrary: fc.constant("take" as const) },
  fc.constantFrom("wait", "remove", "tombstone", "compact", "adopt" as const),
);

class World {
  readonly image: FakeImage;
  readonly publisher: Publisher;
  readonly #clock = new FakeClock();
  readonly #registry = createRegistry({ clock: this.#clock });
  readonly #sizes = this.#registry.histogram({
    name: NAME,
    help: "Sizes.",
    labels: ["k"],
    native: {
      schema: 2,
      maxBuckets: 4,
      maxZeroThreshold: 0.1,
      resetAfter: 10,
    },
  });

  constructor(found?: SlotState) {
    this.image = new FakeImage(found);
    const clock = this.#clock;
    this.publisher = new Publisher(this.image, this.#registry, { clock });
  }

  /** Does a step. */
  run(step: { readonly observe: number } | string): void {
    if (typeof step === "object") {
      this.#sizes.with({ k: "a" }).observe(step.observe);
    } else if (step === "take") this.publisher.take({ all: false });
    else if (step === "wait") this.#clock.advance(20);
    else if (step === "remove") this.#sizes.clear();
    else if (step === "compact") {
      this.publisher.renumber(this.image.compact(() => true));
    } else if (step === "tombstone") {
      const labels = '["a"]';
      const generation = this.image.removedOf(NAME, labels) + 1;
      const family = this.image.families.findIndex(({ desc }) =>
        desc.name === NAME
      );
      if (family < 0) return;
      this.image.addTombstone({ family, labels, generation });
      this.publisher.removed(NAME, labels, generation);
    }
  }
}

test("native buckets that are published agree with the counts", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      let world = new World();
      for (const each of steps) {
        if (each === "adopt") world = new World(world.image.state());
        else world.run(each);
        const { image } = world;
        const key = `${NAME}["a"]`;
        const row = image.shown().get(key);
        if (row === undefined) continue;
        const [count, sum] = row.cells;
        const text = JSON.stringify(image.extra(NAME, "a"));
        const { desc } = image.families.find(({ desc }) => desc.name === NAME)!;
        const extra = extraFrom(text, desc);
        assert.ok(extra?.native !== undefined);
        checkHistogram(desc, {
          count: count!,
          sum: sum!,
          bounds: new Float64Array(0),
          counts: Float64Array.of(count!),
          exemplars: [],
          native: extra.native,
        });
      }
    }),
    { numRuns: 1000 },
  );
});
