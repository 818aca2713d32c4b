/**
 * One exposition cache per format. All of them share one budget, and a cache
 * that was not used for ten minutes is emptied.
 */
import type { Clock } from "../base/mod.ts";
import { type CacheBudget, PageCache } from "./cache/page_cache.ts";
import type { Format } from "./format.ts";

/** Seconds after which an unused cache is emptied: many scrape intervals. */
const MAX_UNUSED = 600;

interface FormatCache {
  readonly cache: PageCache;
  /** When it was last used, in seconds of the monotonic clock. */
  used: number;
}

/** The exposition caches of one source. */
export class FormatCaches {
  readonly #budget: CacheBudget;
  readonly #clock: Clock;
  readonly #caches = new Map<string, FormatCache>();

  /** `maxBytes` is the limit for all formats together. */
  constructor(maxBytes: number, clock: Clock) {
    this.#budget = { left: maxBytes };
    this.#clock = clock;
  }

  /** Returns the cache of `format`; empties caches that were not used lately. */
  of(format: Format): PageCache {
    const now = this.#clock.mono();
    const key = `${format.id} ${format.contentType}`;
    let known = this.#caches.get(key);
    if (known === undefined) {
      known = { cache: new PageCache(format, this.#budget), used: now };
      this.#caches.set(key, known);
    }
    known.used = now;
    for (const { cache, used } of this.#caches.values()) {
      // Emptied, not removed: a slow reader may still fill it, and the next
      // call must find the bytes that it takes from the budget.
      if (now - used > MAX_UNUSED) cache.clear();
    }
    return known.cache;
  }
}
