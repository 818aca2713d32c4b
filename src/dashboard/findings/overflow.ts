/**
 * A family that has as many series as it may have, or nearly so.
 *
 * Any observation in the overflow series is certain: it waits for no statistics.
 */
import { type Evidence, FindingState } from "./finding_state.ts";
import { SlotCounts } from "./slot_counts.ts";
import { percent, span } from "./words.ts";

/** Seconds of a slot. */
export const OVERFLOW_SLOT = 10;

/** Seconds in which the family has overflowed, or has grown. */
const WINDOW = 600;

/** The share of its limit from which on a family is nearly full. */
const NEARLY = 0.9;

/** Returns whether a family is nearly full. */
export function isNearlyFull(series: number, limit: number): boolean {
  return series >= NEARLY * limit;
}

/** The rule `overflow` for one family that is full. */
export class FullFamily extends FindingState {
  readonly #counts = new SlotCounts(1, OVERFLOW_SLOT);
  #first: number | undefined;
  #last = 0;

  constructor(name: string) {
    super({
      id: `overflow:${name}`,
      rule: "overflow",
      subject: { family: name },
      family: name,
    });
  }

  /** Counts look-ups of new label sets in `slot` that the family has refused. */
  observe(slot: number, lookUps: number): void {
    this.#counts.add(slot, 0, lookUps);
    this.#first ??= slot;
    this.#last = slot;
  }

  protected override find(now: number, after: number): Evidence | undefined {
    return this.#last * OVERFLOW_SLOT < after
      ? undefined
      : this.#evidence(now, after);
  }

  protected override renew(now: number): Evidence | undefined {
    return this.#evidence(now, 0);
  }

  protected override endOf(now: number): number | undefined {
    const end = (this.#last + 1) * OVERFLOW_SLOT;
    return now - end >= WINDOW ? end : undefined;
  }

  protected override closed(): void {
    this.#first = undefined;
  }

  #evidence(now: number, after: number): Evidence | undefined {
    const end = Math.floor(now / OVERFLOW_SLOT);
    const from = Math.max(after, now - WINDOW) / OVERFLOW_SLOT;
    const k = this.#counts.sum(0, Math.floor(from), end);
    if (k === 0) return undefined;
    return {
      window: Math.min(WINDOW, now),
      k,
      n: k,
      usual: null,
      limit: null,
      above: null,
      since: (this.#first ?? this.#last) * OVERFLOW_SLOT,
      isSinceExact: true,
      threshold:
        `The family was at its limit of series within ${
          span(WINDOW)
        }, and new ` +
        "label sets were counted in its overflow series.",
    };
  }
}

/** The rule `overflow` for one family that is nearly full and grows. */
export class NearlyFullFamily extends FindingState {
  #series: number;
  #limit = 0;
  /** The largest number of series yet, and the end of the slot that had it. */
  #most: number;
  #rose: number | undefined;
  #crossed: number | undefined;
  readonly #isFull: () => boolean;

  /**
   * `known` is the number of series before the first slot; `isFull` returns
   * whether there is an open finding that the family is full.
   */
  constructor(name: string, known: number, isFull: () => boolean) {
    super({
      id: `filling:${name}`,
      rule: "overflow",
      subject: { family: name },
      family: name,
    });
    this.#series = this.#most = known;
    this.#isFull = isFull;
  }

  override isReported(now: number): boolean {
    return !this.#isFull() && super.isReported(now);
  }

  get isNearlyFull(): boolean {
    return isNearlyFull(this.#series, this.#limit);
  }

  /** Takes the number of series at the end of `slot`. */
  observe(
    slot: number,
    { series, limit }: { readonly series: number; readonly limit: number },
  ): void {
    const end = (slot + 1) * OVERFLOW_SLOT;
    if (series > this.#most) {
      this.#most = series;
      this.#rose = end;
    }
    const was = isNearlyFull(this.#series, limit);
    const is = isNearlyFull(series, limit);
    if (is && !was) this.#crossed = end;
    if (!is) this.#most = series;
    [this.#series, this.#limit] = [series, limit];
  }

  protected override find(now: number, after: number): Evidence | undefined {
    const rose = this.#rose;
    if (rose === undefined || rose <= after || now - rose > WINDOW) {
      return undefined;
    }
    if (this.#isFull() || !this.isNearlyFull) return undefined;
    return {
      window: WINDOW,
      // One more is there for the overflow series.
      k: Math.min(this.#series, this.#limit),
      n: this.#limit,
      usual: null,
      limit: NEARLY,
      above: null,
      since: Math.max(after, this.#crossed ?? rose),
      isSinceExact: this.#crossed !== undefined && this.#crossed > after,
      threshold:
        `The family has at least ${
          percent(NEARLY)
        } of the series that it may ` +
        `have, and has grown within ${span(WINDOW)}.`,
    };
  }

  protected override renew(now: number): Evidence | undefined {
    return this.find(now, 0);
  }

  protected override endOf(now: number): number | undefined {
    if (this.find(now, 0) !== undefined) return undefined;
    return this.#isFull() || !this.isNearlyFull ? now : this.#rose;
  }
}
