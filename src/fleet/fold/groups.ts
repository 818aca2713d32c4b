/** The statesets of which the newest states count: all states are those of one slot. */
import type { Entry } from "./entry.ts";
import type { SlotRows } from "./merge_picks.ts";
import { HELD } from "../slot/slot.ts";

/** The slot that counts for each stateset of a family. */
export class Groups {
  readonly #newest = new Map<string, SlotRows>();

  /** Finds the slot with the newest state; `rowOf` returns a row of it, or -1. */
  choose(
    entries: Iterable<Entry>,
    slots: readonly SlotRows[],
    rowOf: (entry: Entry, slot: number) => number,
  ): void {
    const newest = this.#newest;
    const times = new Map<string, number>();
    newest.clear();
    for (const entry of entries) {
      const group = groupOf(entry.values);
      slots.forEach((slot, s) => {
        const row = rowOf(entry, s);
        if (row < 0 || slot.states[row] !== HELD || !slot.isLive) return;
        if (slot.generations[row]! <= entry.removed) return;
        const time = slot.cells[slot.at[row]! + 1]!;
        const latest = times.get(group) ?? -Infinity;
        const known = newest.get(group);
        const isNewer = known === undefined || time > latest ||
          (time === latest && slot.slot < known.slot);
        if (!isNewer) return;
        times.set(group, time);
        newest.set(group, slot);
      });
    }
  }

  /** Returns whether a slot counts for the stateset with these label values. */
  has(slot: SlotRows, values: readonly string[]): boolean {
    return this.#newest.get(groupOf(values)) === slot;
  }
}

/** Identifies the stateset to which a state belongs. */
function groupOf(values: readonly string[]): string {
  return JSON.stringify(values.slice(0, -1));
}
