/** The statistics of findings: confidence bounds and change points. */

/** Cases that were bad, and all cases. */
export interface Counted {
  readonly k: number;
  readonly n: number;
}

/** Standard deviations of confidence bounds; see the simulations of the rules. */
const Z = 3;

/**
 * Returns the lower bound of the share that `k` of `n` cases show, by Wilson's
 * score interval: the share of all cases is above it with a probability of 99.9 %.
 */
export function lowerBound(k: number, n: number): number {
  return n > 0 ? wilson(k, n, -Z) : 0;
}

/** Returns the upper bound that belongs to `lowerBound`; 1 without any case. */
export function upperBound(k: number, n: number): number {
  return n > 0 ? wilson(k, n, Z) : 1;
}

function wilson(k: number, n: number, z: number): number {
  const share = Math.min(1, k / n);
  const zz = (z * z) / n;
  const half = z * Math.sqrt((share * (1 - share) + zz / 4) / n);
  return Math.max(0, (share + zz / 2 + half) / (1 + zz));
}

/** Start of a change. */
export interface Change {
  /** The slot with which the change begins. */
  readonly slot: number;
  /**
   * Number of slots between the first and the last one that explain the data
   * nearly as well.
   */
  readonly spread: number;
}

/** Differences of log likelihoods up to this are no evidence (95 %). */
const UNDECIDED = 2;

/** Keeps logarithms of shares finite. */
const LEAST = 1e-4;

/**
 * Returns the slot of [from, to) since which a share of `now` explains the cases
 * better than `before` by most: the largest sum of log likelihood ratios up to the
 * end. The share can rise or fall.
 */
export function changePoint(
  count: (slot: number) => Counted,
  from: number,
  to: number,
  { before, now }: { readonly before: number; readonly now: number },
): Change {
  const [p0, p1] = [before, now].map((share) =>
    Math.min(1 - LEAST, Math.max(LEAST, share))
  ) as [number, number];
  const bad = Math.log(p1 / p0);
  const good = Math.log((1 - p1) / (1 - p0));
  const sums: number[] = [];
  let sum = 0;
  let best = -Infinity;
  let slot = to;
  for (let at = to - 1; at >= from; at--) {
    const { k, n } = count(at);
    sum += k * bad + Math.max(0, n - k) * good;
    sums.push(sum);
    if (sum > best) [best, slot] = [sum, at];
  }
  const near = sums.flatMap((sum, back) =>
    sum >= best - UNDECIDED ? [to - 1 - back] : []
  );
  const spread = near.length === 0 ? 0 : near[0]! - near.at(-1)!;
  return { slot, spread };
}
