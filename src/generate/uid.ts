/** Identifiers that are the same at each run. */

/** The maximum length of a uid of Grafana. */
const MAX_UID = 40;

/** Returns letters, digits and dashes for any text; may be empty. */
export function slugOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}

/**
 * Returns the uid of a title: readable, and other than those of other titles. The
 * hash is FNV-1a, of 32 bits.
 */
export function uidOf(title: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(title)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  const ending = `-${hash.toString(16).padStart(8, "0")}`;
  const slug = slugOf(title).slice(0, MAX_UID - ending.length);
  return `${slug || "dashboard"}${ending}`;
}
