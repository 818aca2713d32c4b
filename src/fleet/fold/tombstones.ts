/** The tombstones of all slots. */

/** A tombstone, by the name of its family. */
export interface NamedTombstone {
  readonly name: string;
  /** The label values as JSON. */
  readonly labels: string;
  readonly generation: number;
}

/** The tombstones of all slots, and the highest one of each series. */
export class Tombstones {
  /** By slot: the highest generation of each series. */
  readonly #bySlot = new Map<number, Map<string, number>>();
  readonly #news: NamedTombstone[] = [];
  readonly #highest = new Map<string, number>();

  /** Adds a tombstone of a slot; returns its labels as they are stored. */
  add(slot: number, { name, labels, generation }: NamedTombstone): string {
    const canonical = canonicalLabels(labels);
    const key = keyOf(name, canonical);
    const known = this.#bySlot.get(slot) ?? new Map<string, number>();
    this.#bySlot.set(slot, known);
    known.set(key, Math.max(known.get(key) ?? -1, generation));
    if (generation > (this.#highest.get(key) ?? -1)) {
      this.#highest.set(key, generation);
      this.#news.push({ name, labels: canonical, generation });
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
    const key = keyOf(name, labels);
    let highest = -1;
    for (const known of this.#bySlot.values()) {
      highest = Math.max(highest, known.get(key) ?? -1);
    }
    return highest;
  }

  /** Returns those that were higher than all before, in the order of learning. */
  since(index: number): readonly NamedTombstone[] {
    return this.#news.slice(index);
  }
}

/** The labels end at their last bracket, so that no two keys are equal. */
function keyOf(name: string, labels: string): string {
  return `${labels}${name}`;
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
