/**
 * Parses what a client wants from the feed: `overview;f:3,7;traces;events:a,b`.
 *
 * Parts that are unknown, too long or too many are ignored, so that a newer
 * page works with an older server.
 */
import { selectedTopics } from "../../http/internal.ts";
import type { FamilyId } from "../protocol.ts";

/** The messages that a client wants beside `hello` and `findings`. */
export interface Want {
  /** Whether it wants all families that have a role. */
  readonly overview: boolean;
  /** Further families. */
  readonly families: ReadonlySet<FamilyId>;
  readonly traces: boolean;
  readonly health: boolean;
  readonly events: boolean;
  /** Topics of the events; undefined for all. */
  readonly topics: readonly string[] | undefined;
}

/** The maximum number of families beside those of the overview. */
const MAX_FAMILIES = 64;

/** The maximum number of parts. */
const MAX_PARTS = 16;

/** Parses the parameter `want`; null stands for `overview`. */
export function parseWant(text: string | null): Want {
  const parts = new Map(
    (text ?? "overview").split(";", MAX_PARTS).map((part) => {
      const colon = part.indexOf(":");
      return colon < 0
        ? [part, null]
        : [part.slice(0, colon), part.slice(colon + 1)];
    }),
  );
  return {
    overview: parts.has("overview"),
    families: new Set(familyIds(parts.get("f") ?? null)),
    traces: parts.has("traces"),
    health: parts.has("health"),
    events: parts.has("events"),
    topics: selectedTopics(parts.get("events") ?? null),
  };
}

/** Parses a list of ids of families. */
export function familyIds(list: string | null): FamilyId[] {
  return (list ?? "").split(",", MAX_FAMILIES)
    .filter((id) => /^[1-9][0-9]{0,8}$/.test(id))
    .map(Number);
}
