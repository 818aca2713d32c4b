/** Finds the rows that add to the series of a family, for their removal. */
import type { KnownRow } from "../publisher/image.ts";
import { matches, type Pattern } from "../slot/labels.ts";
import type { SlotFamily } from "../slot/slot.ts";
import type { Entry } from "./entry.ts";
import type { SlotRows } from "./merge_picks.ts";

/**
 * Returns the rows that no tombstone hides, of those entries that a pattern
 * matches; `rowOf` returns the row of a slot, or -1.
 */
export function* knownRows(
  family: SlotFamily,
  entries: Iterable<Entry>,
  pattern: Pattern,
  slots: readonly SlotRows[],
  rowOf: (entry: Entry, slot: number) => number,
): Generator<KnownRow> {
  const isStateset = family.desc.type === "stateset";
  for (const entry of entries) {
    const values = [...entry.values];
    // Without the label of members.
    if (entry.slot >= 0) values.splice(isStateset ? -2 : -1, 1);
    if (!matches(pattern, values)) continue;
    const labels = JSON.stringify(values);
    for (const { slot, generations } of slots) {
      const generation = generations[rowOf(entry, slot)] ?? -1;
      if (generation > entry.removed) yield { family, labels, generation };
    }
  }
}
