/** Words for figures in thresholds. */

/** Returns a share with two digits, such as `2.5 %`; small ones as `< 0.1 %`. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** Returns seconds as `30 s`, `2 min`, or `150 ms`. */
export function span(seconds: number): string {
  if (seconds < 1) return `${Number((1000 * seconds).toPrecision(3))} ms`;
  if (seconds < 120 && seconds % 60 !== 0) {
    return `${Number(seconds.toPrecision(3))} s`;
  }
  return `${Number((seconds / 60).toPrecision(3))} min`;
}
