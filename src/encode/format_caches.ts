/**
 * One exposition cache per format: a format that nobody has asked for in a
 * while is emptied, and all of them share one budget.
 */
import type { Clock } from "../base/mod.ts";
import { type CacheBudget, ExpositionCache } from "./cache/exposition_cache.ts";
import type { Format } from "./format.ts";

/** Seconds; longer than any usual scrape interval. */
const MAX_UNUSED = 600;

interface FormatCache {
  readonly cache: ExpositionCache;
  /** When it was last asked for, on the monotonic clock. */
  used: number;
}

/** The exposition caches of one source. */
export class FormatCaches {
  readonly #budget: CacheBudget;
  readonly #clock: Clock;
  readonly #caches = new Map<string, FormatCache>();

  /** `maxBytes` is for all formats together. */
  constructor(maxBytes: number, clock: Clock) {
    this.#budget = { left: maxBytes };
    this.#clock = clock;
  }

  /** Returns the cache of `format`; empties those that have not been used. */
  of(format: Format): ExpositionCache {
    const now = this.#clock.mono();
    const key = `${format.id} ${format.contentType}`;
    let known = this.#caches.get(key);
    if (known === undefined) {
      known = { cache: new ExpositionCache(format, this.#budget), used: now };
      this.#caches.set(key, known);
    }
    known.used = now;
    for (const { cache, used } of this.#caches.values()) {
      // Emptied, not dropped: a slow reader may still fill it, and the bytes
      // that it takes from the budget must be found by the next call.
      if (now - used > MAX_UNUSED) cache.clear();
    }
    return known.cache;
  }
}
