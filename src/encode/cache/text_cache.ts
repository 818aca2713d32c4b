/**
 * The text of small expositions, which are sent whole.
 *
 * - It is written as strings; see `StringWriter`. The text of each block of rows
 *   is kept until a row of the block changes.
 * - Writing happens step by step, like that of pages. The series of a block are
 *   read at the same moment.
 * - Text is never overwritten: what was handed out stays as it is.
 */
import { StringWriter } from "../../base/internal.ts";
import {
  type FamilyDesc,
  FilterSink,
  type Rows,
  type Source,
} from "../../model/mod.ts";
import { BLOCK, collectPart, failPart, partsOf } from "../../model/internal.ts";
import type { ExposeOptions } from "../expose.ts";
import type { Format, PageableEncoder } from "../format.ts";
import {
  consistentPages,
  type ConsistentSource,
  sumOfPage,
  WRITE_COST,
} from "./consistent_pages.ts";
import { type CacheBudget, type Cached, FamilyCache } from "./family_cache.ts";

/** Approximate bytes of a block beside its text. */
const BLOCK_COST = 100;

/** An encoder and the writer that it fills. */
interface TextTarget {
  readonly encoder: PageableEncoder;
  readonly out: StringWriter;
}

/** The text of the series in one block of rows. */
interface TextBlock {
  readonly text: string;
  /** The version of the block when it was written. */
  readonly version: number;
}

/** The text of one family, block by block. */
class TextFamily implements ConsistentSource<TextBlock, TextTarget>, Cached {
  size = 0;
  accounted = 0;
  work = 0;
  /** The metadata; empty until it is written. */
  head = "";
  readonly #rows: Rows;
  /** The description, with escaped names. */
  readonly #desc: FamilyDesc;
  readonly #blocks: TextBlock[] = [];
  /** By block: `#changesOf` when it was written. */
  readonly #seen: number[] = [];
  /** The encoder in which the family is open. */
  #open: PageableEncoder | undefined;

  constructor(rows: Rows, desc: FamilyDesc) {
    this.#rows = rows;
    this.#desc = desc;
  }

  get count(): number {
    return Math.ceil(this.#rows.length / BLOCK);
  }

  read(index: number, { encoder, out }: TextTarget): TextBlock {
    const changes = this.#changesOf(index);
    const known = this.#blocks[index];
    if (known !== undefined && this.#seen[index] === changes) {
      this.work++;
      return known;
    }
    if (this.#open !== encoder) {
      encoder.beginFamily(this.#desc);
      this.head = out.take();
      this.#open = encoder;
    }
    const rows = this.#rows;
    const from = index * BLOCK;
    rows.emit(from, Math.min(from + BLOCK, rows.length), encoder);
    this.work += WRITE_COST;
    const block = { text: out.take(), version: this.versionOf(index) };
    this.#blocks[index] = block;
    this.#seen[index] = changes;
    this.size += block.text.length - (known?.text.length ?? -BLOCK_COST);
    return block;
  }

  versionOf(index: number): number {
    return sumOfPage(this.#rows.changes.versions, index, BLOCK);
  }

  /** Nothing is to be released: text does not change. */
  release(): void {}

  /** Ends a pass: forgets its encoder. */
  close(): void {
    this.#open = undefined;
  }

  /** Returns a sum that grows with each change of the block's rows. */
  #changesOf(index: number): number {
    const { numbers } = this.#rows.changes;
    return sumOfPage(numbers, index, BLOCK) + this.versionOf(index);
  }
}

/** Caches the expositions of sources in one text format as strings. */
export class TextCache {
  readonly #encoderOf: NonNullable<Format["textEncoder"]>;
  readonly #families: FamilyCache<TextFamily>;

  constructor(
    encoderOf: NonNullable<Format["textEncoder"]>,
    budget: CacheBudget,
  ) {
    this.#encoderOf = encoderOf;
    this.#families = new FamilyCache(budget);
  }

  /** Empties the cache and returns its bytes to the budget. */
  clear(): void {
    this.#families.clear();
  }

  /**
   * Writes `source` step by step. Each step yields a list, perhaps empty, of
   * strings; a step writes at most one block or one part without rows.
   */
  *texts(
    source: Source,
    { except, only, observer }: ExposeOptions = {},
  ): Generator<readonly string[], void> {
    const out = new StringWriter();
    const encoder = this.#encoderOf(out);
    const { pageable } = encoder;
    const target = pageable && { encoder: pageable, out };
    const sink = only === undefined ? encoder : new FilterSink(encoder, only);
    const unseen = new Set(only === undefined ? this.#families.keys() : []);
    for (const part of [...partsOf(source)]) {
      if (part.rows !== undefined) unseen.delete(part.rows);
      if (except?.has(part)) continue;
      if (only !== undefined && !part.descs.some(only)) continue;
      if (part.rows === undefined || target === undefined) {
        collectPart(source, part, sink, observer);
        yield [out.take()];
      } else yield* this.#part(source, part, part.rows, target, observer);
    }
    encoder.mark(); // nothing is open any more
    encoder.end();
    yield [out.take()];
    for (const rows of unseen) this.#families.forget(rows);
  }

  /** Writes a part with rows, and hands it on when it is complete. */
  *#part(
    source: Source,
    part: Source,
    rows: Rows,
    target: TextTarget,
    observer: ExposeOptions["observer"],
  ): Generator<readonly string[], void> {
    const { encoder } = target;
    encoder.mark();
    const texts: string[] = [];
    try {
      const desc = encoder.reserveFamily(rows.desc);
      rows.open();
      const make = () => new TextFamily(rows, desc);
      const family = this.#families.of(rows, make) ?? make();
      const blocks = yield* consistentPages(family, target, WRITE_COST);
      family.close();
      this.#families.account(rows, family);
      for (const { text } of blocks) if (text !== "") texts.push(text);
      if (texts.length > 0) texts.unshift(family.head);
    } catch (error) {
      encoder.rollback();
      this.#families.forget(rows);
      failPart(source, part, error, observer);
    }
    yield texts;
  }
}
