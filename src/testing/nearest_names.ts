/** Names that may have been meant, for messages. */

/** More would be a list, and no advice. */
const MOST_NAMES = 3;
/** Fewer letters are in many names by chance. */
const LEAST_SHARED = 4;

/**
 * Up to three of `known`, the likeliest first: those that hold `name` or are
 * held by it, then those of the fewest letters to change.
 */
export function nearestNames(
  name: string,
  known: readonly string[],
): readonly string[] {
  return [...new Set(known)]
    .map((other) => [other, distance(name, other)] as const)
    .sort(([, a], [, b]) => a - b) // stable: of equals, the first declared
    .slice(0, MOST_NAMES)
    .map(([other]) => other);
}

function distance(a: string, b: string): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const within = short.length >= LEAST_SHARED && long.includes(short);
  return within ? 0 : edits(a, b);
}

/** How many letters to put in, take out or replace. */
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
