/** A registry with a publisher, for tests. */
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import {
  Publisher,
  type PublisherOptions,
} from "../../../src/fleet/publisher/publisher.ts";
import type { SlotState } from "../../../src/fleet/slot/slot.ts";
import { FakeImage } from "./fake_image.ts";

/** A registry and its publisher. */
export interface World {
  readonly clock: FakeClock;
  readonly registry: Registry;
  readonly image: FakeImage;
  readonly publisher: Publisher;
  take(): boolean;
}

/** Returns a registry and its publisher, which continues from `found`. */
export function world(
  found?: SlotState,
  options: Partial<PublisherOptions> = {},
): World {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, selfMetrics: false });
  const image = new FakeImage(found);
  const publisher = new Publisher(image, registry, {
    clock,
    slots: image,
    ...options,
  });
  const take = () => publisher.take({ all: true });
  return { clock, registry, image, publisher, take };
}

/** The options of a counter. */
export const HITS = {
  name: "hits_total",
  help: "Hits.",
  labels: ["path"],
} as const;
