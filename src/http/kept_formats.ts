/**
 * What is kept between scrapes, by format: a format that nobody has asked for
 * in a while is given up, and all of them together have one bound.
 */
import type { Clock } from "../base/mod.ts";
import { type Format, type KeepBudget, Retained } from "../encode/mod.ts";

/** Seconds: longer than any scrape interval that is usual. */
const UNUSED = 600;

interface Kept {
  readonly retained: Retained;
  /** On the monotonic clock. */
  used: number;
}

/** What is kept of one source. */
export class KeptFormats {
  readonly #budget: KeepBudget;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  /** `most` is in bytes, for all formats together. */
  constructor(most: number, clock: Clock) {
    this.#budget = { left: most };
    this.#clock = clock;
  }

  /** What is kept in `format`; the others are looked at as well. */
  of(format: Format): Retained {
    const now = this.#clock.mono();
    const key = `${format.id} ${format.contentType}`;
    let known = this.#kept.get(key);
    if (known === undefined) {
      known = { retained: new Retained(format, this.#budget), used: now };
      this.#kept.set(key, known);
    }
    known.used = now;
    for (const { retained, used } of this.#kept.values()) {
      // Cleared, and not dropped: a reader that is slow may still fill it, and
      // what it takes of the budget must be found at the next look.
      if (now - used > UNUSED) retained.clear();
    }
    return known.retained;
  }
}
