/**
 * A route that answers slower than usual.
 *
 * Quantiles are never compared: a quantile of few requests jumps. Requests
 * above a bound of the buckets are counted, where the past of the route chooses
 * the bound:
 *
 * - tail: above twice the usual p95; what is several times slower.
 * - body: above the usual p75, for more than 45 %; what is slower for most.
 *
 * Requests that fail are no part of it, now or in the past: see `routes.ts`.
 */
import type { About } from "./finding_state.ts";
import { type Counted, lowerBound } from "./share.ts";
import { PARTS, ShareState, type Terms, type Window } from "./share_state.ts";
import { SlotCounts } from "./slot_counts.ts";
import { percent, span } from "./words.ts";

/** Seconds of a slot: the shortest window has 6 of them. */
export const SLOW_SLOT = 10;

/** One way of being slow. */
interface Way {
  /** The bound is the first one of at least `times` this quantile of the past. */
  readonly quantile: number;
  readonly times: number;
  /** The limit is the largest of this share and `usually` times the usual one. */
  readonly lowest: number;
  readonly usually: number;
  readonly windows: readonly Window[];
}

const [MINUTE, FIVE] = [60, 300].map((seconds) => ({
  slots: seconds / SLOW_SLOT,
  part: seconds / SLOW_SLOT / PARTS,
})) as [Window, Window];

const WAYS: readonly Way[] = [
  {
    quantile: 0.95,
    times: 2,
    lowest: 0.1,
    usually: 3,
    windows: [MINUTE, FIVE],
  },
  // Waves of load move the body of a minute: 44 false findings in 200 hours.
  { quantile: 0.75, times: 1, lowest: 0.45, usually: 1.8, windows: [FIVE] },
];

const MINIMUM = 5;
const SPREAD = 4;

/** Minimum number of past requests; fewer are not enough for a p95. */
const KNOWN = 100;

/** The rule `slow` for one route. */
export class SlowRoute extends ShareState {
  /** Upper bounds of the cells, in seconds, without +Inf. */
  readonly bounds: readonly number[];

  constructor(about: About, bounds: readonly number[]) {
    super(about, new SlotCounts(bounds.length + 2, SLOW_SLOT));
    this.bounds = bounds;
  }

  /** The cell with all requests, after those of the bounds and of +Inf. */
  get #all(): number {
    return this.bounds.length + 1;
  }

  /** Counts `requests` in `slot` whose durations are in a cell. */
  observe(slot: number, cell: number, requests: number): void {
    this.counts.add(slot, cell, requests);
    this.counts.add(slot, this.#all, requests);
  }

  protected override terms(): readonly Terms[] {
    const { past } = this.counts;
    const requests = past[this.#all]!;
    if (requests < KNOWN) return [];
    return WAYS.flatMap((way) => {
      const usual = way.times * quantileOf(past, this.bounds, way.quantile);
      const cell = this.bounds.findIndex((bound) => bound >= usual);
      if (cell < 0) return [];
      let above = 0;
      for (let at = cell + 1; at < this.#all; at++) above += past[at]!;
      return [this.#terms(way, cell, (above + 0.5) / (requests + 1))];
    });
  }

  #terms(way: Way, cell: number, usual: number): Terms {
    const limit = Math.max(way.lowest, way.usually * usual);
    const above = this.bounds[cell]!;
    return {
      usual,
      limit,
      above,
      minimum: MINIMUM,
      spread: SPREAD,
      windows: way.windows,
      share: lowerBound,
      isCounted: true,
      count: (from, to) => this.#count(cell, from, to),
      threshold: (seconds) =>
        `For certain more than ${percent(limit)} of the requests in ` +
        `${span(seconds)} that did not fail took more than ${span(above)} ` +
        `(lower Wilson bound, z = 3), in ${SPREAD} of ${PARTS} parts of it; ` +
        `usual are ${percent(usual)}. ` +
        "The bound is the first one of the buckets above " +
        `${way.times === 1 ? "" : "twice "}the usual p${100 * way.quantile}.`,
    };
  }

  #count(cell: number, from: number, to: number): Counted {
    return {
      k: this.counts.sum(cell + 1, from, to, this.#all - cell - 1),
      n: this.counts.sum(this.#all, from, to),
    };
  }
}

/** Returns a quantile of counts by cell, all last, interpolated in its cell. */
function quantileOf(
  counts: Readonly<Float64Array>,
  bounds: readonly number[],
  quantile: number,
): number {
  let rank = quantile * counts.at(-1)!;
  for (let cell = 0; cell < bounds.length; cell++) {
    const count = counts[cell]!;
    if (count > 0 && rank <= count) {
      const low = bounds[cell - 1] ?? 0;
      return low + (bounds[cell]! - low) * rank / count;
    }
    rank -= count;
  }
  return Infinity;
}
