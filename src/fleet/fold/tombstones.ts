/** The tombstones of all slots. */
import { seriesKey } from "../slot/labels.ts";

/** A tombstone, by the name of its family. */
export interface NamedTombstone {
  readonly name: string;
  /** The label values as JSON. */
  readonly labels: string;
  readonly generation: number;
}

/** The tombstones that stand in the slots. */
export class Tombstones {
  /** By slot: the highest generation of each series. */
  readonly #bySlot = new Map<number, Map<string, number>>();
  #fresh: NamedTombstone[] = [];

  /** Adds a tombstone of a slot; returns its labels as they are stored. */
  add(slot: number, { name, labels, generation }: NamedTombstone): string {
    const canonical = canonicalLabels(labels);
    const key = seriesKey(name, canonical);
    const known = this.#bySlot.get(slot) ?? new Map<string, number>();
    this.#bySlot.set(slot, known);
    if (generation > (known.get(key) ?? -1)) {
      known.set(key, generation);
      this.#fresh.push({ name, labels: canonical, generation });
    }
    return canonical;
  }

  /** Forgets what a slot says. */
  clear(slot: number): void {
    this.#bySlot.delete(slot);
  }

  /** Returns the highest generation that some slot has removed, or -1. */
  removedOf(name: string, labels: string): number {
    if (this.#bySlot.size === 0) return -1;
    const key = seriesKey(name, labels);
    let highest = -1;
    for (const known of this.#bySlot.values()) {
      highest = Math.max(highest, known.get(key) ?? -1);
    }
    return highest;
  }

  /** Returns those that were added since the last call. */
  takeFresh(): readonly NamedTombstone[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}

function canonicalLabels(labels: string): string {
  try {
    const values: unknown = JSON.parse(labels);
    return JSON.stringify(
      Array.isArray(values)
        ? values.map((value: string) => value.toWellFormed())
        : values,
    );
  } catch {
    return labels;
  }
}
