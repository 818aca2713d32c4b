/**
 * Expositions in one format whose cost depends on what has changed since the
 * last one.
 *
 * - Families whose series stand in rows are cached as pages; see
 *   `CachedFamily`. Everything else is written each time.
 * - The result is, byte for byte, what `expose` writes of the same state.
 * - It yields between steps: meanwhile its caller may do something else, even
 *   begin another exposition. A family that needs a single step shows one
 *   moment, and so does each page of a larger one.
 * - The size of the cache is bounded, together with others on the same budget.
 */
import { ByteWriter } from "../../base/mod.ts";
import { concatBytes } from "../../base/internal.ts";
import {
  type FamilyDesc,
  FilterSink,
  type Rows,
  type Source,
} from "../../model/mod.ts";
import { collectPart, failPart, partsOf } from "../../model/internal.ts";
import type { ExposeOptions } from "../expose.ts";
import type { Format } from "../format.ts";
import { CachedFamily, type PageSizes } from "./cached_family.ts";
import {
  type Bytes,
  CachedPage,
  consistentPages,
  EMPTY,
  needsTransientPages,
  type Page,
  type PageSource,
  type PageWriter,
  transientPages,
  WRITE_COST,
} from "./consistent_pages.ts";
import { ValuePatcher } from "./value_patcher.ts";

const SIZES: PageSizes = {
  pageBytes: 12_288,
  pageRows: 128,
  pagesPerStep: 8,
};

/** Flush once this many bytes are buffered. */
const MAX_BUFFERED = 262_144;

/** A family is hot if more than this share of its pages had to be written. */
const HOT = 0.9;

/** A family below this many bytes is copied rather than handed on as pages. */
const MIN_HANDED_ON = 4096;

/** A limit of cached bytes that several caches share. */
export interface CacheBudget {
  /** The bytes that are left; the caches count it down and up. */
  left: number;
}

/** The cached pages of sources in one format. */
export class ExpositionCache {
  readonly #format: Format;
  readonly #budget: CacheBudget;
  readonly #sizes: PageSizes;
  readonly #families = new Map<Rows, CachedFamily>();
  /** The families that did not fit into the budget, with their sizes. */
  readonly #tooLarge = new WeakMap<Rows, number>();

  /** `budget` may be shared with caches of other formats or sources. */
  constructor(format: Format, budget: CacheBudget, sizes: PageSizes = SIZES) {
    this.#format = format;
    this.#budget = budget;
    this.#sizes = sizes;
  }

  /** Empties the cache. */
  clear(): void {
    for (const rows of this.#families.keys()) this.#forget(rows);
  }

  /**
   * Writes `source` step by step. Each step is a list of any number of byte
   * arrays that never change, and takes about a tenth of a millisecond, or one
   * or two if its pages are new.
   *
   * @throws The error of a part if nobody observes failures, or if half of its
   *   family has been handed out already.
   */
  *owned(
    source: Source,
    options: ExposeOptions = {},
  ): Generator<readonly Bytes[], void> {
    for (const pages of this.#steps(source, options, published)) {
      yield pages.map(({ bytes }) => bytes);
    }
  }

  /**
   * Writes `source` step by step as `owned` does, as borrowed pages: they must
   * be read before the next step. An unchanged page is the same object with the
   * same revision in the next exposition.
   */
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
    for (const part of [...partsOf(source)]) {
      if (part.rows !== undefined) unseen.delete(part.rows);
      if (except?.has(part)) continue;
      if (only !== undefined && !part.descs.some(only)) continue;
      if (part.rows === undefined || writer === undefined) {
        collectPart(source, part, sink, observer);
      } else {
        yield* this.#part(source, part, part.rows, writer, options, handOn);
      }
      if (out.length < MAX_BUFFERED) continue;
      encoder.mark(); // nothing before it is open any more
      yield [takePage(out)];
    }
    encoder.end();
    if (out.length > 0) yield [takePage(out)];
    for (const rows of unseen) this.#forget(rows);
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
      const desc = encoder.reserveFamily(rows.desc);
      rows.open();
      const cached = this.#cachedOf(rows, desc);
      if (cached === undefined && !needsTransientPages(rows, encoder)) {
        encoder.openFamily(desc);
        rows.emit(0, rows.length, encoder);
        return;
      }
      const pages = cached ?? transientPages(rows, desc, writer);
      for (const step of this.#family(pages, rows, writer, handOn)) {
        if (step.length > 0) isHandedOn = true;
        yield step;
      }
    } catch (error) {
      encoder.marks = undefined;
      encoder.rollback();
      this.#forget(rows);
      if (isHandedOn) throw error;
      failPart(source, part, error, observer);
    }
  }

  /** Hands on a whole family after each of its pages was read. */
  *#family(
    source: PageSource,
    rows: Rows,
    writer: PageWriter,
    handOn: HandOn,
  ): Generator<readonly Page[], void> {
    const { encoder, out } = writer;
    const cached = source instanceof CachedFamily ? source : undefined;
    const perStep = cached === undefined ? 1 : this.#sizes.pagesPerStep;
    const { work } = source;
    const all = yield* consistentPages(source, writer, perStep * WRITE_COST);
    const isHot = cached !== undefined &&
      source.work - work > HOT * WRITE_COST * all.length;
    if (cached !== undefined) this.#account(rows, cached);
    const filled = all.filter((page) => page !== EMPTY);
    let size = 0;
    for (const { bytes } of filled) size += bytes.length;
    if (size === 0) return;
    encoder.writeFrame(source.head.length + size);
    out.append(source.head);
    const isShort = size < MIN_HANDED_ON;
    if (!isShort) {
      encoder.mark();
      yield [takePage(out)];
    }
    const max = Math.ceil(perStep);
    for (let from = 0; from < filled.length; from += max) {
      const pages = filled.slice(from, from + max);
      if (!isShort) yield handOn(checkedPages(pages, rows.desc), isHot);
      else for (const { bytes } of pages) out.append(bytes);
      for (const page of pages) page.pins--;
    }
  }

  #cachedOf(rows: Rows, desc: FamilyDesc): CachedFamily | undefined {
    const known = this.#families.get(rows);
    if (known !== undefined) return known;
    if (this.#budget.left <= (this.#tooLarge.get(rows) ?? 0)) return undefined;
    const cached = new CachedFamily(rows, desc, this.#sizes);
    this.#families.set(rows, cached);
    return cached;
  }

  #account(rows: Rows, cached: CachedFamily): void {
    cached.close();
    if (this.#families.get(rows) !== cached) return; // forgotten meanwhile
    this.#budget.left -= cached.size - cached.accounted;
    cached.accounted = cached.size;
    if (this.#budget.left >= 0) return;
    this.#tooLarge.set(rows, cached.size);
    this.#forget(rows);
  }

  #forget(rows: Rows): void {
    const cached = this.#families.get(rows);
    if (cached === undefined) return;
    this.#families.delete(rows);
    this.#budget.left += cached.accounted;
  }
}

/** Turns the pages of a family, hot or not, into those that are handed on. */
type HandOn = (
  pages: readonly CachedPage[],
  isHot: boolean,
) => readonly Page[];

/**
 * Publishes pages: from now on a changed page is replaced. Where nearly all
 * pages change, copies are handed on instead: they die young, which garbage
 * collectors hardly notice.
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

/** Returns `pages`, none of which was empty when it was read. */
function checkedPages(
  pages: readonly CachedPage[],
  { name }: FamilyDesc,
): readonly CachedPage[] {
  if (pages.every(({ bytes }) => bytes.length > 0)) return pages;
  // Another reader was handed the same pages meanwhile.
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
