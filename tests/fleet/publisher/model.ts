/** A simple model of a publisher: it knows no rows, only sums. */
import { type FakeImage, keyOf, type StateName } from "./fake_image.ts";
import {
  EXPIRE_AFTER,
  keyFor,
  type Label,
  LABELS,
  type Name,
  NAMES,
  type Step,
} from "./steps.ts";
import type { World } from "./world.ts";

/** A series as the model knows it. */
interface Known {
  generation: number;
  state: StateName;
  /** What is published, as numbers by cell. */
  cells: number[];
}

/** A series in the registry, as the model knows it. */
interface Live {
  /** What was recorded since the last take. */
  pending: number[];
  /** The value, if it is a gauge. */
  value: number;
  hasRecorded: boolean;
  seen: number;
}

/** What the image must say: kept apart from how it is done. */
export class Model {
  readonly published = new Map<string, Known>();
  readonly removed = new Map<string, number>();
  readonly live = new Map<string, Live>();
  /** The series that the registry had at a take, and that were not removed since. */
  readonly mine = new Set<string>();
  /** Families that were unregistered since the last take. */
  readonly unregistered = new Set<Name>();
  /** The families that were there at a take, or a removal. */
  readonly known = new Set<Name>();
  /** Their series when they were unregistered. */
  readonly last = new Map<string, Live>();
  /** By label: what the callback last reported, at a take. */
  readonly reported = new Map<string, number>();
  now = 0;

  nextGeneration(key: string): number {
    return (this.removed.get(key) ?? -1) + 1;
  }

  adopt(image: FakeImage): void {
    for (const [key, { cells, generation, state }] of image.shown()) {
      this.published.set(key, {
        cells: [...cells],
        generation,
        state: state === "held" ? "absent" : state,
      });
    }
    for (const { family, labels, generation } of image.tombstones) {
      const key = keyOf(image.families[family]!.desc.name, labels);
      const known = this.removed.get(key) ?? -1;
      this.removed.set(key, Math.max(known, generation));
    }
  }

  record(name: Name, label: Label, by: number): void {
    const key = keyFor(name, label);
    const live = this.live.get(key) ?? {
      pending: zeros(name),
      value: 0,
      hasRecorded: true,
      seen: this.now,
    };
    this.live.set(key, live);
    live.hasRecorded = true;
    live.value = by;
    if (name === "sizes") {
      live.pending[by > 4 ? 1 : 0]! += 1;
      live.pending[2]! += by;
    } else live.pending[0]! += by;
  }

  remove(name: Name, label: Label | undefined): void {
    this.#endUnregistered();
    this.known.add(name);
    for (const each of LABELS) {
      const key = keyFor(name, each);
      if (label !== undefined && label !== each) continue;
      this.live.delete(key);
      const known = this.published.get(key);
      if (known === undefined) continue;
      if (name === "level") {
        known.state = "absent";
        continue;
      }
      this.mine.delete(key);
      this.removed.set(key, known.generation);
      this.published.delete(key);
    }
  }

  /** The old series are gone; what they have counted stays. */
  redeclare(name: Name): void {
    const isKnown = this.known.delete(name);
    for (const each of LABELS) {
      const key = keyFor(name, each);
      const live = this.live.get(key);
      this.live.delete(key);
      if (isKnown && live !== undefined) this.last.set(key, live);
    }
    if (isKnown) this.unregistered.add(name);
  }

  tombstone(key: string, generation: number): void {
    if (generation <= (this.removed.get(key) ?? -1)) return;
    const known = this.published.get(key);
    this.removed.set(key, generation);
    if (known === undefined || known.generation > generation) return;
    if (!this.mine.has(key) || known.state === "absent") {
      this.published.delete(key);
      this.mine.delete(key);
      return;
    }
    known.generation = generation + 1;
    if (!key.startsWith("level")) known.cells = known.cells.map(() => 0);
  }

  take(reports: Partial<Record<Label, number>> | undefined): void {
    this.#endUnregistered();
    for (const name of NAMES) this.known.add(name);
    for (const [key, live] of this.live) {
      const known = this.#publish(key, live);
      if (live.hasRecorded) live.seen = this.now;
      else if (key.startsWith("idle") && this.now - live.seen >= EXPIRE_AFTER) {
        known.state = "expired";
        this.live.delete(key);
      }
      live.hasRecorded = false;
    }
    if (reports !== undefined) this.#report(reports);
  }

  #endUnregistered(): void {
    for (const [key, live] of this.last) this.#publish(key, live);
    this.last.clear();
    for (const name of this.unregistered) {
      for (const label of LABELS) {
        const known = this.published.get(keyFor(name, label));
        if (known?.state === "held") known.state = "absent";
      }
    }
    this.unregistered.clear();
  }

  #publish(key: string, live: Live): Known {
    const known = this.published.get(key) ??
      { generation: this.nextGeneration(key), state: "held", cells: [] };
    this.published.set(key, known);
    this.mine.add(key);
    known.state = "held";
    if (key.startsWith("level")) known.cells = [live.value];
    else {
      known.cells = live.pending.map((sum, i) => sum + (known.cells[i] ?? 0));
    }
    live.pending.fill(0);
    return known;
  }

  #report(reports: Partial<Record<Label, number>>): void {
    for (const each of LABELS) {
      const key = keyOf("reported_total", JSON.stringify([each]));
      const total = reports[each];
      const known = this.published.get(key);
      if (total === undefined) {
        if (known?.state === "held") known.state = "absent";
        continue;
      }
      const before = this.reported.get(key) ?? 0;
      const added = total >= before ? total - before : total;
      this.reported.set(key, total);
      this.published.set(key, {
        generation: known?.generation ?? this.nextGeneration(key),
        state: "held",
        cells: [(known?.cells[0] ?? 0) + added],
      });
    }
  }
}

function zeros(name: Name): number[] {
  return name === "sizes" ? [0, 0, 0] : [0];
}

/** Does a step in the model, before `world` does it. */
export function runModel(model: Model, world: World, step: Step): void {
  switch (step.do) {
    case "record":
      return model.record(step.name, step.label, step.by);
    case "remove":
      return model.remove(step.name, step.label);
    case "redeclare":
      return model.redeclare(step.name);
    case "wait":
      model.now += step.seconds;
      return;
    case "take":
      return model.take(step.all ? world.reports : undefined);
    case "tombstone": {
      const { name, label, ahead } = step;
      const key = keyFor(name, label);
      const isDeclared = world.image.families.some(({ desc }) =>
        desc.name === name
      );
      if (isDeclared) model.tombstone(key, model.nextGeneration(key) + ahead);
    }
  }
}
