/**
 * The caches of one source: pages and text for each format. All of them share
 * one budget, and caches that were not used for ten minutes are emptied.
 */
import type { Clock } from "../base/mod.ts";
import type { CacheBudget } from "./cache/family_cache.ts";
import { PageCache } from "./cache/page_cache.ts";
import { TextCache } from "./cache/text_cache.ts";
import type { Format } from "./format.ts";

/** Seconds after which an unused cache is emptied: many scrape intervals. */
const MAX_UNUSED = 600;

/** The caches of one source in one format. */
export class FormatCache {
  /** The cache of large expositions. */
  readonly pages: PageCache;
  /** The cache of small expositions; undefined if the format is binary. */
  readonly texts: TextCache | undefined;
  /** Bytes of the last exposition of all families; undefined before the first. */
  size: number | undefined;
  /** Whether the last exposition of all families was written as pages. */
  #isPaged = false;
  /** When it was last used, in seconds of the monotonic clock. */
  used = 0;

  constructor(format: Format, budget: CacheBudget) {
    const { textEncoder } = format;
    this.pages = new PageCache(format, budget);
    this.texts = textEncoder && new TextCache(textEncoder, budget);
  }

  /** See `isPaged=`. */
  get isPaged(): boolean {
    return this.#isPaged;
  }

  /**
   * Chooses a cache for expositions of all families; empties the other one, which
   * selections may have filled.
   */
  set isPaged(isPaged: boolean) {
    this.#isPaged = isPaged;
    if (isPaged) this.texts?.clear();
    else this.pages.clear();
  }

  /** Empties both caches. */
  clear(): void {
    this.pages.clear();
    this.texts?.clear();
  }
}

/** The caches of one source. */
export class FormatCaches {
  readonly #budget: CacheBudget;
  readonly #clock: Clock;
  readonly #caches = new Map<string, FormatCache>();

  /** `maxBytes` is the limit for all formats together. */
  constructor(maxBytes: number, clock: Clock) {
    this.#budget = { left: maxBytes };
    this.#clock = clock;
  }

  /** Returns the caches of `format`; empties those that were not used lately. */
  of(format: Format): FormatCache {
    const now = this.#clock.mono();
    const key = `${format.id} ${format.contentType}`;
    let known = this.#caches.get(key);
    if (known === undefined) {
      known = new FormatCache(format, this.#budget);
      this.#caches.set(key, known);
    }
    known.used = now;
    for (const cache of this.#caches.values()) {
      // Emptied, not removed: a slow reader may still fill it, and the next
      // call must find the bytes that it takes from the budget.
      if (now - cache.used > MAX_UNUSED) cache.clear();
    }
    return known;
  }
}
