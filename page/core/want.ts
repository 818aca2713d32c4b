/** Reads what a view wants of the feed; see `FeedEvents`. */
import type { FamilyId, FamilyInfo } from "../../src/dashboard/protocol.ts";

/**
 * Returns the families that a want names: those of `f:3,7`, and for `overview`
 * all that have a role.
 */
export function familiesOf(
  want: string,
  families: ReadonlyMap<FamilyId, FamilyInfo>,
): Set<FamilyId> {
  const found = new Set<FamilyId>();
  for (const part of want.split(";")) {
    if (part === "overview") {
      for (const { id, role } of families.values()) {
        if (role !== null) found.add(id);
      }
    } else if (part.startsWith("f:")) {
      for (const text of part.slice(2).split(",")) {
        const id = Number(text);
        if (families.has(id)) found.add(id);
      }
    }
  }
  return found;
}
