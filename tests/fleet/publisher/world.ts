/** A registry that is published into an image. */
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import { Publisher } from "../../../src/fleet/publisher/publisher.ts";
import type { SlotState } from "../../../src/fleet/slot/slot.ts";
import { FakeImage } from "./fake_image.ts";
import {
  EXPIRE_AFTER,
  keyFor,
  type Label,
  LABELS,
  type Name,
  NAMES,
  type Step,
} from "./steps.ts";

/** A registry, and the image that it is published into. */
export class World {
  readonly clock = new FakeClock();
  readonly registry: Registry;
  readonly image: FakeImage;
  readonly publisher: Publisher;
  /** Handles that are held for a while, as programs do. */
  readonly held = new Map<string, { record(by: number): void }>();
  reports: Partial<Record<Label, number>> = {};

  constructor(found?: SlotState) {
    const { clock } = this;
    this.registry = createRegistry({ clock, selfMetrics: false });
    for (const each of NAMES) this.declare(each);
    this.registry.callbackCounter({
      name: "reported_total",
      help: "Reported.",
      labels: ["k"],
      read: (report) => {
        for (const [k, total] of Object.entries(this.reports)) {
          report(total, { k });
        }
      },
    });
    this.image = new FakeImage(found);
    this.publisher = new Publisher(this.image, this.registry, {
      clock,
      slots: this.image,
    });
  }

  declare(name: Name): (label: Label) => { record(by: number): void } {
    const options = { name, help: "Help.", labels: ["k"] } as const;
    const { registry } = this;
    if (name === "sizes") {
      const family = registry.histogram({ ...options, buckets: [4] });
      return (k) => {
        const series = family.with({ k });
        return { record: (by) => series.observe(by) };
      };
    }
    if (name === "level") {
      const family = registry.gauge(options);
      return (k) => {
        const series = family.with({ k });
        return { record: (by) => series.set(by) };
      };
    }
    const expireAfter = name === "idle_total" ? EXPIRE_AFTER : undefined;
    const family = registry.counter({
      ...options,
      ...expireAfter !== undefined && { expireAfter },
    });
    return (k) => {
      const series = family.with({ k });
      return { record: (by) => series.inc(by) };
    };
  }

  record(name: Name, label: Label, by: number, isHeld: boolean): void {
    const key = keyFor(name, label);
    const made = isHeld ? this.held.get(key) : undefined;
    const series = made ?? this.declare(name)(label);
    this.held.set(key, series);
    series.record(by);
  }

  remove(name: Name, label: Label | undefined): void {
    const options = { name, help: "Help.", labels: ["k"] } as const;
    const { registry } = this;
    const family = name === "sizes"
      ? registry.histogram({ ...options, buckets: [4] })
      : name === "level"
      ? registry.gauge(options)
      : registry.counter({
        ...options,
        ...name === "idle_total" && { expireAfter: EXPIRE_AFTER },
      });
    family.remove(label === undefined ? {} : { k: label });
  }

  redeclare(name: Name): void {
    this.registry.unregister(name);
    this.declare(name);
    for (const each of LABELS) this.held.delete(keyFor(name, each));
  }

  run(step: Step): void {
    switch (step.do) {
      case "record":
        return this.record(step.name, step.label, step.by, step.by % 2 === 0);
      case "remove":
        return this.remove(step.name, step.label);
      case "redeclare":
        return this.redeclare(step.name);
      case "report":
        this.reports = step.reports;
        return;
      case "wait":
        return this.clock.advance(step.seconds);
      case "take":
        this.publisher.take({ all: step.all });
        return;
      case "compact": {
        const { image } = this;
        const numbers = image.compact((row) => {
          const { family, labels, generation } = image.rows[row]!;
          const { name } = image.families[family]!.desc;
          return generation > image.removedOf(name, labels);
        });
        return this.publisher.renumber(numbers);
      }
      case "tombstone": {
        const { image } = this;
        const { name, label, ahead } = step;
        const labels = JSON.stringify([label]);
        const generation = this.#generationOf(name, label) + ahead;
        const family = image.families.findIndex(({ desc }) =>
          desc.name === name
        );
        if (family < 0) return;
        image.addTombstone({ family, labels, generation });
        this.publisher.removed(name, labels, generation);
      }
    }
  }

  #generationOf(name: Name, label: Label): number {
    return this.image.removedOf(name, JSON.stringify([label])) + 1;
  }
}
