/** The public cache of expositions: checks options, and uses a `PageCache`. */
import {
  type OptionRule,
  readOptions,
  rule,
  type SchemaOf,
  wholeNumber,
  wrongOption,
} from "../../base/internal.ts";
import type { Source } from "../../model/mod.ts";
import { checkedOptions, type ExposeOptions } from "../expose.ts";
import type { Format } from "../format.ts";
import type { Bytes, Page, PageSizes } from "./consistent_pages.ts";
import type { CacheBudget } from "./family_cache.ts";
import { PageCache, SIZES } from "./page_cache.ts";

/** Caches the expositions of sources in one format as pages. */
export class ExpositionCache {
  readonly #pages: PageCache;

  /**
   * `budget` may be shared with caches of other formats or sources.
   *
   * @throws {TypeError | RangeError} If `budget.left` is missing, or if a
   *   property of `budget` or `sizes` is wrong or does not exist.
   */
  constructor(
    format: Format,
    budget: CacheBudget,
    sizes: Partial<PageSizes> = {},
  ) {
    const action = "Cannot cache expositions";
    const left = rule<number>(
      // Below 0 while a cache has more than is left.
      (value) => typeof value === "number" && !Number.isNaN(value),
      "bytes, such as 2 ** 28",
    );
    const read = readOptions(action, { left }, budget);
    if (read.left === undefined) {
      throw wrongOption(action, "left", undefined, left);
    }
    const schema = {
      pageBytes: positive(SIZES.pageBytes),
      pageRows: positive(SIZES.pageRows),
      pagesPerStep: positive(SIZES.pagesPerStep),
      pagesPerBatch: wholeNumber(SIZES.pagesPerBatch),
    } satisfies SchemaOf<PageSizes>;
    const checkedSizes = readOptions(action, schema, sizes);
    this.#pages = new PageCache(format, budget, checkedSizes);
  }

  /** Empties the cache and returns its bytes to the budget. */
  clear(): void {
    this.#pages.clear();
  }

  /**
   * Writes `source` step by step. Each step yields a list, perhaps empty, of
   * byte arrays that never change. A step takes about 0.1 ms, or up to 2 ms if
   * its pages are new.
   *
   * @throws The error of a part if nobody observes failures, or if some of its
   *   bytes were handed out already.
   * @throws {TypeError | RangeError} If an option is wrong or does not exist.
   */
  owned(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Bytes[], void> {
    return bytesOf(this.#pages.published(source, checkedOptions(options)));
  }

  /**
   * Writes `source` step by step like `owned`, but yields borrowed pages: they
   * must be read before the next step. In the next exposition an unchanged page
   * is the same object with the same revision.
   *
   * @throws {TypeError | RangeError} If an option is wrong or does not exist.
   */
  borrowed(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Page[], void> {
    return this.#pages.borrowed(source, checkedOptions(options));
  }
}

function* bytesOf(
  steps: Iterable<readonly Page[]>,
): Generator<readonly Bytes[], void> {
  for (const pages of steps) yield pages.map(({ bytes }) => bytes);
}

function positive(fallback: number): OptionRule<number> {
  return rule<number>(
    (value) => typeof value === "number" && value > 0,
    `a number above 0, such as ${fallback}`,
    fallback,
  );
}
