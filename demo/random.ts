/** Pseudo-random numbers, the same in every run. */

/** Returns a generator of numbers from 0 up to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a duration in seconds whose median is `median`: log-normal. */
export function duration(random: () => number, median: number): number {
  // Irwin–Hall: the sum of 6 uniform numbers has variance 1/2.
  let sum = -3;
  for (let i = 0; i < 6; i++) sum += random();
  return median * Math.exp(sum * 0.6);
}
