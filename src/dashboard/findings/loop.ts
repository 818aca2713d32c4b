/**
 * An event loop that is late, by three rules on how late a timer ran.
 *
 * - Neither the largest delay nor a quantile decides: the first one is large in
 *   every hour, and a loop that is held runs few timers.
 * - A delay counts as the lower bound of its bucket: at least so late.
 */
import type { Counted } from "./share.ts";
import { PARTS, ShareState, type Terms, type Window } from "./share_state.ts";
import { SlotCounts } from "./slot_counts.ts";
import { percent, span } from "./words.ts";

/** Seconds of a slot. */
export const LOOP_SLOT = 10;

const [MINUTE, TEN] = [60, 600].map((seconds) => ({
  slots: seconds / LOOP_SLOT,
  part: seconds / LOOP_SLOT / PARTS,
})) as [Window, Window];

/** Delays are summed in whole milliseconds, which have no rounding errors. */
const MS = 1000;

/** A rule: what counts, and how much of it is too much. */
interface Way {
  /** Delays above this many seconds count. */
  readonly above: number;
  /** Whether they count as the seconds that they last, or as one each. */
  readonly counts: "seconds" | "times";
  readonly window: Window;
  readonly minimum: number;
  readonly limit: number;
  readonly spread: number;
}

const WAYS: readonly Way[] = [
  {
    above: 0.1,
    counts: "seconds",
    window: MINUTE,
    minimum: 0,
    limit: 0.02,
    spread: 3,
  },
  {
    above: 0.05,
    counts: "seconds",
    window: MINUTE,
    minimum: 0,
    limit: 0.05,
    spread: 3,
  },
  // A second each half minute is in too few parts of a minute.
  {
    above: 1,
    counts: "times",
    window: TEN,
    minimum: 3,
    limit: 2 / 600,
    spread: 0,
  },
];

/** The rule `loop`. */
export class LateLoop extends ShareState {
  constructor(family: string) {
    super(
      { id: "loop", rule: "loop", subject: {}, family },
      new SlotCounts(WAYS.length, LOOP_SLOT),
    );
  }

  /** Counts delays of `slot` in the bucket above `lower`, in seconds. */
  observe(slot: number, lower: number, delays: number): void {
    for (const [cell, { above, counts }] of WAYS.entries()) {
      if (lower < above) continue;
      const each = counts === "seconds" ? Math.round(lower * MS) : 1;
      this.counts.add(slot, cell, each * delays);
    }
  }

  protected override terms(): readonly Terms[] {
    return WAYS.map((way, cell) => ({
      usual: null,
      limit: way.limit,
      above: way.above,
      minimum: way.minimum,
      spread: way.spread,
      windows: [way.window],
      share: (k, n) => k / n,
      isCounted: way.counts === "times",
      count: (from, to) => this.#count(cell, way, from, to),
      threshold: (seconds) => wordsOf(way, seconds),
    }));
  }

  /** `n` is in seconds, as is `k` unless it counts times. */
  #count(cell: number, { counts }: Way, from: number, to: number): Counted {
    const sum = this.counts.sum(cell, from, to);
    return {
      k: counts === "seconds" ? sum / MS : sum,
      n: (to - Math.max(0, from)) * LOOP_SLOT,
    };
  }
}

function wordsOf(
  { above, counts, minimum, limit, spread }: Way,
  seconds: number,
): string {
  const late = `later than ${span(above)}`;
  return counts === "times"
    ? `A timer ran ${late} at least ${minimum} times in ${span(seconds)}.`
    : `Timers ran ${late} for more than ${percent(limit)} of ` +
      `${span(seconds)}, in ${spread} of ${PARTS} parts of it.`;
}
