/**
 * Findings about a share of cases that is too large.
 *
 * - The bad cases must be spread over parts of a window: a burst is no finding.
 * - A finding closes when the share is under half of its limit, over at least a
 *   minute and as many cases as would have held 8 bad ones.
 */
import { type About, type Evidence, FindingState } from "./finding_state.ts";
import { changePoint, type Counted, upperBound } from "./share.ts";
import type { SlotCounts } from "./slot_counts.ts";

/** A window, in slots. */
export interface Window {
  readonly slots: number;
  /** Slots of each of the last `PARTS` parts, over which bad cases spread. */
  readonly part: number;
}

/** Number of parts of a window. */
export const PARTS = 6;

/** The terms under which a share is too large; frozen when a finding opens. */
export interface Terms {
  /** The usual share; null if there is no past to know it from. */
  readonly usual: number | null;
  /** The share that `share` must be above. */
  readonly limit: number;
  /** Bound in seconds that bad cases are above; null if there is none. */
  readonly above: number | null;
  /** Minimum number of bad cases. */
  readonly minimum: number;
  /** Number of parts of the window that must have bad cases. */
  readonly spread: number;
  readonly windows: readonly Window[];
  /** The share that cases show: itself, or a lower bound of it. */
  readonly share: (k: number, n: number) => number;
  /** Whether cases are counted, and closing waits for enough; not for seconds. */
  readonly isCounted: boolean;
  /** Counts the cases in the slots of [from, to). */
  readonly count: (from: number, to: number) => Counted;
  /** Returns the rule in words, for a window of `seconds`. */
  readonly threshold: (seconds: number) => string;
}

/** Least and most seconds of cases that closing takes. */
const SHORTEST = 60;
const LONGEST = 600;

/** Number of bad cases that the time of closing would have held. */
const ENOUGH = 8;

/** Evidence is renewed if these last seconds are part of the trouble. */
const NEWEST = 10;

/** The start of a change is exact within this many seconds. */
const EXACT = 45;

/** A share that is too large. */
export abstract class ShareState extends FindingState {
  protected readonly counts: SlotCounts;
  #terms: Terms | undefined;
  /** The share in the trouble, as measured when the finding opened. */
  #share = 0;
  /** Seconds before which nothing counts for the open finding. */
  #after = 0;

  constructor(about: About, counts: SlotCounts) {
    super(about);
    this.counts = counts;
  }

  /** Returns the terms to try at `now`, the ones that say most first. */
  protected abstract terms(now: number, after: number): readonly Terms[];

  protected override find(now: number, after: number): Evidence | undefined {
    this.counts.moveTo(this.#end(now) - 1);
    for (const terms of this.terms(now, after)) {
      const found = this.#test(terms, now, after);
      if (found === undefined) continue;
      this.#terms = terms;
      this.#after = after;
      this.counts.freeze();
      return { ...found, ...this.#since(terms, found, now) };
    }
    return undefined;
  }

  protected override renew(
    now: number,
    { since }: Evidence,
  ): Evidence | undefined {
    const terms = this.#terms!;
    const { seconds } = this.counts;
    const end = this.#end(now);
    // Windows show trouble after it has ended, and less and less of it.
    const newest = terms.count(end - NEWEST / seconds, end);
    if (!(newest.k > terms.limit * newest.n)) return undefined;
    const found = this.#test(terms, now, this.#after);
    if (found === undefined) return undefined;
    const { k, n } = terms.count(since / seconds, end);
    this.#share = k / n;
    return found;
  }

  protected override endOf(
    now: number,
    { since }: Evidence,
  ): number | undefined {
    this.counts.moveTo(this.#end(now) - 1);
    const terms = this.#terms!;
    const end = this.#end(now);
    const { seconds, oldest } = this.counts;
    const { isCounted } = terms;
    const wanted = isCounted ? ENOUGH / this.#share : 0;
    const longest = LONGEST / seconds;
    const count = (slot: number) => terms.count(slot, slot + 1);
    // Cases before the trouble must not help to close it.
    const from = Math.max(oldest, Math.round(since / seconds));
    let [k, n] = [0, 0];
    for (let slots = 1; slots <= Math.min(longest, end - from); slots++) {
      const slot = count(end - slots);
      k += slot.k;
      n += slot.n;
      const isLast = slots === longest;
      if (slots * seconds < SHORTEST || (n < wanted && !isLast)) continue;
      if (n > 0 && k / n >= terms.limit / 2) continue;
      const isCertain = !isCounted || upperBound(k, n) < this.#share;
      if (!isCertain && !isLast) continue;
      const shares = {
        before: this.#share,
        now: baseOf(terms, this.#share),
      };
      return changePoint(count, from, end, shares).slot * seconds;
    }
    return undefined;
  }

  protected override closed(until: number): void {
    this.counts.thaw(Math.ceil(until / this.counts.seconds));
  }

  /** Returns the end of the last complete slot. */
  #end(now: number): number {
    return Math.floor(now / this.counts.seconds);
  }

  #test(terms: Terms, now: number, after: number): Evidence | undefined {
    const { seconds } = this.counts;
    const end = this.#end(now);
    const first = Math.ceil(after / seconds);
    for (const { slots, part: size } of terms.windows) {
      const { k, n } = terms.count(Math.max(first, end - slots), end);
      if (k < terms.minimum || !(terms.share(k, n) > terms.limit)) continue;
      let spread = 0;
      for (let to = end; to > end - PARTS * size; to -= size) {
        const from = Math.max(first, to - size);
        const part = terms.count(from, to);
        if (part.k > terms.limit * part.n) spread++;
      }
      if (spread < terms.spread) continue;
      const { usual, limit, above } = terms;
      const window = Math.min(slots * seconds, now - after);
      const threshold = terms.threshold(slots * seconds);
      const since = now - window;
      const isSinceExact = false;
      return {
        ...{ window, k, n, usual, limit, above, since, isSinceExact },
        threshold,
      };
    }
    return undefined;
  }

  #since(
    terms: Terms,
    { k, n }: Evidence,
    now: number,
  ): Pick<Evidence, "since" | "isSinceExact"> {
    const { seconds, oldest } = this.counts;
    const end = this.#end(now);
    const from = Math.max(oldest, Math.ceil(this.#after / seconds));
    const find = (share: number) =>
      changePoint(
        (slot) => terms.count(slot, slot + 1),
        from,
        end,
        { before: baseOf(terms, share), now: share },
      );
    // The window can begin before the change: the share since then is larger.
    const { k: bad, n: all } = terms.count(find(k / n).slot, end);
    const { slot, spread } = find(bad / all);
    const last = terms.count(slot, end);
    this.#share = last.k / last.n;
    return {
      since: slot * seconds,
      isSinceExact: spread * seconds <= EXACT && slot > from,
    };
  }
}

/** Returns the share before the trouble, for a share in it. */
function baseOf({ usual, limit }: Terms, share: number): number {
  return usual ?? Math.min(limit, share) / 3;
}
