/**
 * Which tombstones of a slot can be dropped: those that hide no row of another slot.
 *
 * Why that is safe: a tombstone was published before the other slots were read. A
 * row of its generation that another member publishes later is the first one of that
 * series in its slot, so it has no counts that were ever hidden. Members that still
 * know the tombstone begin with a later generation, and the others with an earlier
 * one; both count, because all rows count that no tombstone hides.
 */
import { seriesKey } from "../slot/labels.ts";
import type { SlotState, Tombstone } from "../slot/slot.ts";

type Log = Pick<SlotState, "families" | "tombstones">;

/** Returns whether a tombstone of `own` hides a row of one of the other slots. */
export function hidesIn(
  others: readonly (SlotState | undefined)[],
  own: Log,
): (tombstone: Tombstone) => boolean {
  /** By labels and name of what was removed: the lowest generation elsewhere. */
  const lowest = new Map<string, number>();
  for (const tombstone of own.tombstones) {
    lowest.set(keyOf(own, tombstone), Infinity);
  }
  for (const state of others) {
    for (const row of state?.rows ?? []) {
      const key = keyOf(state!, row);
      const known = lowest.get(key);
      if (known === undefined || known <= row.generation) continue;
      lowest.set(key, row.generation);
    }
  }
  return (tombstone) =>
    lowest.get(keyOf(own, tombstone))! <= tombstone.generation;
}

function keyOf(
  { families }: Pick<Log, "families">,
  { family, labels }: { readonly family: number; readonly labels: string },
): string {
  return seriesKey(families[family]!.desc.name, labels);
}
