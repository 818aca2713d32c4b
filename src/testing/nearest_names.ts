/** Suggests known names for a misspelt one, for error messages. */

/** The maximum number of suggestions. */
const MAX_NAMES = 3;
/** The minimum length for containment: short names occur in others by chance. */
const MIN_SHARED = 4;

/**
 * Returns up to three of `known`, the likeliest first: names that contain
 * `name` or are contained in it, then names by edit distance.
 */
export function nearestNames(
  name: string,
  known: readonly string[],
): readonly string[] {
  return [...new Set(known)]
    .map((other) => [other, distance(name, other)] as const)
    .sort(([, a], [, b]) => a - b) // stable: the first declared wins
    .slice(0, MAX_NAMES)
    .map(([other]) => other);
}

function distance(a: string, b: string): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const within = short.length >= MIN_SHARED && long.includes(short);
  return within ? 0 : edits(a, b);
}

/** Returns the edit distance: characters to insert, delete or replace. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
