/**
 * Expositions in one format whose cost depends on the changes since the previous
 * one.
 *
 * - Families that are stored as rows are cached as pages; see `CachedFamily`.
 *   All others are written each time.
 * - It writes the same bytes as `expose` for the same state.
 * - It yields between steps. Meanwhile its caller can do other work, even begin
 *   another exposition. The series of a page are read at the same moment; those
 *   of a family only if it needs a single step.
 * - The size of the cache is bounded by a budget, which caches can share.
 */
import { ByteWriter } from "../../base/mod.ts";
import { concatBytes } from "../../base/internal.ts";
import {
  type FamilyDesc,
  FilterSink,
  type Rows,
  type Source,
} from "../../model/mod.ts";
import {
  BLOCK,
  collectPart,
  descsOf,
  failPart,
  partsOf,
  rowsOf,
} from "../../model/internal.ts";
import type { ExposeOptions } from "../expose.ts";
import type { Format } from "../format.ts";
import { CachedFamily } from "./cached_family.ts";
import {
  CachedPage,
  consistentPages,
  EMPTY,
  type Page,
  type PageSizes,
  type PageSource,
  type PageWriter,
  transientPages,
  WRITE_COST,
} from "./consistent_pages.ts";
import { type CacheBudget, FamilyCache } from "./family_cache.ts";
import { ValuePatcher } from "./value_patcher.ts";

/** The default sizes. */
export const SIZES: PageSizes = {
  pageBytes: 12_288,
  pageRows: 128,
  pagesPerStep: 1,
  pagesPerBatch: 8,
};

/** Flush once this many bytes are buffered. */
const MAX_BUFFERED = 262_144;

/** A family is hot if a pass had to write more than this share of its pages. */
const HOT = 0.9;

/** Pages whose sizes are added up in one step. */
const COUNTED = 512;

/** Families below this many bytes are buffered, not handed on as pages. */
const MIN_HANDED_ON = 4096;

/** `ExpositionCache` for callers that have checked their options. */
export class PageCache {
  readonly #format: Format;
  readonly #sizes: PageSizes;
  readonly #families: FamilyCache<CachedFamily>;

  constructor(format: Format, budget: CacheBudget, sizes: PageSizes = SIZES) {
    this.#format = format;
    this.#sizes = sizes;
    this.#families = new FamilyCache(budget);
  }

  /** See `ExpositionCache.clear`. */
  clear(): void {
    this.#families.clear();
  }

  /** Yields pages that never change; see `ExpositionCache.owned`. */
  published(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Page[], void> {
    return this.#steps(source, options, published);
  }

  /** See `ExpositionCache.borrowed`. */
  borrowed(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Page[], void> {
    return this.#steps(source, options, (pages) => pages);
  }

  *#steps(
    source: Source,
    options: ExposeOptions,
    handOn: HandOn,
  ): Generator<readonly Page[], void> {
    const { except, only, observer } = options;
    const out = new ByteWriter(options.sizeHint ?? MIN_HANDED_ON);
    const encoder = this.#format.encoder(out);
    const { pageable } = encoder;
    const writer = pageable &&
      { encoder: pageable, out, patcher: new ValuePatcher() };
    const sink = only === undefined ? encoder : new FilterSink(encoder, only);
    const unseen = new Set(only === undefined ? this.#families.keys() : []);
    for (const part of partsOf(source)) {
      const rows = rowsOf(part);
      if (rows !== undefined) unseen.delete(rows);
      if (except?.has(part)) continue;
      if (only !== undefined && !descsOf(part).some(only)) continue;
      if (rows === undefined || writer === undefined) {
        collectPart(source, part, sink, observer);
      } else {
        yield* this.#part(source, part, rows, writer, options, handOn);
      }
      if (out.length < MAX_BUFFERED) continue;
      encoder.mark(); // everything before it is closed
      yield [takePage(out)];
    }
    encoder.end();
    if (out.length > 0) yield [takePage(out)];
    for (const rows of unseen) this.#families.forget(rows);
  }

  *#part(
    source: Source,
    part: Source,
    rows: Rows,
    writer: PageWriter,
    { observer }: ExposeOptions,
    handOn: HandOn,
  ): Generator<readonly Page[], void> {
    const { encoder } = writer;
    encoder.mark();
    let isHandedOn = false;
    try {
      let declared: FamilyDesc;
      do {
        encoder.rollback();
        if (rows.opening === undefined) rows.open();
        else for (const _ of rows.opening()) yield [];
        declared = rows.desc;
        const desc = encoder.reserveFamily(declared);
        const make = () => new CachedFamily(rows, desc, this.#sizes);
        const cached = rows.isComplete === false
          ? undefined
          : this.#families.of(rows, make);
        if (cached === undefined && rows.length <= BLOCK) {
          encoder.openFamily(desc);
          rows.emit(0, rows.length, encoder);
          return;
        }
        const pages = cached ?? transientPages(rows, desc, writer, this.#sizes);
        for (const step of this.#family(pages, rows, writer, handOn)) {
          if (step.length > 0) isHandedOn = true;
          yield step;
        }
      } while (!isHandedOn && rows.desc !== declared);
    } catch (error) {
      encoder.marks = undefined;
      encoder.rollback();
      this.#families.forget(rows);
      if (isHandedOn) throw error;
      failPart(source, part, error, observer);
    }
  }

  /** Reads all pages of a family, then hands them on. */
  *#family(
    source: PageSource,
    rows: Rows,
    writer: PageWriter,
    handOn: HandOn,
  ): Generator<readonly Page[], void> {
    const { encoder, out } = writer;
    const cached = source instanceof CachedFamily ? source : undefined;
    const { pagesPerStep, pagesPerBatch } = this.#sizes;
    const { written } = source;
    const stepWork = pagesPerStep * WRITE_COST;
    const { desc } = rows;
    const pages = yield* consistentPages(source, writer, stepWork);
    const isHot = cached !== undefined &&
      source.written - written > HOT * pages.length;
    cached?.close();
    if (cached !== undefined) this.#families.account(rows, cached);
    if (rows.desc !== desc) return; // labels were added in a pause
    const filled: CachedPage[] = [];
    let size = 0;
    for (let index = 0; index < pages.length; index++) {
      if (index > 0 && index % COUNTED === 0) yield [];
      const page = pages[index]!;
      if (page === EMPTY) continue;
      filled.push(page);
      size += page.bytes.length;
    }
    if (size === 0) return;
    encoder.writeFrame(source.head.length + size);
    out.append(source.head);
    const isShort = size < MIN_HANDED_ON;
    if (!isShort) {
      encoder.mark();
      yield [takePage(out)];
    }
    for (let from = 0; from < filled.length; from += pagesPerBatch) {
      const batch = filled.slice(from, from + pagesPerBatch);
      if (!isShort) yield handOn(checkedPages(batch, rows.desc), isHot);
      else for (const { bytes } of batch) out.append(bytes);
      for (const page of batch) source.release(page);
    }
  }
}

/** Turns pages of a family, which may be hot, into pages to hand on. */
type HandOn = (
  pages: readonly CachedPage[],
  isHot: boolean,
) => readonly Page[];

/**
 * Publishes pages: from now on a changed page is replaced. If nearly all pages
 * change, hands on a copy instead: it dies young, so that it costs the garbage
 * collector little.
 */
function published(
  pages: readonly CachedPage[],
  isHot: boolean,
): readonly Page[] {
  if (isHot) {
    return [new CachedPage(concatBytes(pages.map(({ bytes }) => bytes)))];
  }
  for (const page of pages) page.isPublished = true;
  return pages;
}

/** Returns `pages`; throws if the buffer of one was transferred meanwhile. */
function checkedPages(
  pages: readonly CachedPage[],
  { name }: FamilyDesc,
): readonly CachedPage[] {
  if (pages.every(({ bytes }) => bytes.length > 0)) return pages;
  // No page was empty when it was read. Since then another reader got the same
  // pages, and has transferred one.
  throw new TypeError(
    `Cannot write "${name}": the buffer of a page was transferred; ` +
      `transfer a copy, page.slice().buffer`,
  );
}

/** Returns a copy of everything in `out`, and empties it. */
function takePage(out: ByteWriter): Page {
  const page = new CachedPage(out.slice());
  out.rollback(0);
  return page;
}
