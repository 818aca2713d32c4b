/** Label sets, values and changes of series, the same for every client. */

/** Names of the three labels. */
export const NAMES = ["method", "route", "user"] as const;

const METHODS = ["GET", "POST", "PUT"];

/** Returns three labels; `user` is different for each series. */
export function labelsOf(i: number) {
  return {
    method: METHODS[i % 3]!,
    route: `/api/v1/route${i % 12}`,
    user: `user-${i}`,
  };
}

/** Returns seconds that are spread over most default buckets. */
export function valueOf(i: number, k: number): number {
  return (i * 31 + k * 977) % 3000 / 1000;
}

/** Series, each of which can be changed. */
export interface Changeable {
  readonly size: number;
  /** Changes the value of series `i`. */
  change(i: number): void;
}

/**
 * Returns a function that changes `count` series: all of them, or pseudo-random
 * ones, the same in each run.
 */
export function changer(
  { size, change }: Changeable,
  count: number,
): () => void {
  let state = 1;
  return () => {
    for (let i = 0; i < count; i++) {
      if (count >= size) {
        change(i);
        continue;
      }
      state = Math.imul(state, 1664525) + 1013904223 >>> 0;
      change(Math.floor(state / 2 ** 32 * size));
    }
  };
}
