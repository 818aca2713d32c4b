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
import {
  BLOCK,
  collectPart,
  descsOf,
  failPart,
  partsOf,
  rowsOf,
} from "../../model/internal.ts";
import type { ExposeOptions } from "../expose.ts";
import type { Format, PageableEncoder } from "../format.ts";
import {
  consistentPages,
  type ConsistentSource,
  sumOfPage,
  WRITE_COST,
} from "./consistent_pages.ts";
import { type CacheBudget, type Cached, FamilyCache } from "./family_cache.ts";
import { FamilyText } from "./family_text.ts";
import type { Segments } from "./text_patcher.ts";

/** Approximate bytes of a block beside its text. */
const BLOCK_COST = 100;

/** The text of the series in one block of rows. */
interface TextBlock {
  readonly text: string;
  /** The version of the block when it was written. */
  readonly version: number;
  /** The text without its values; undefined until it has changed once. */
  readonly segments: Segments | undefined;
}

/** The text of one family, block by block. */
class TextFamily implements ConsistentSource<TextBlock, void>, Cached {
  size = 0;
  accounted = 0;
  work = 0;
  readonly #rows: Rows;
  readonly #text: FamilyText;
  readonly #blocks: TextBlock[] = [];
  /** By block: `#changesOf` when it was written. */
  readonly #seen: number[] = [];

  /** `desc` is the description of `rows`, with escaped names. */
  constructor(rows: Rows, desc: FamilyDesc, encoderOf: EncoderOf) {
    this.#rows = rows;
    this.#text = new FamilyText(rows, desc, encoderOf);
  }

  /** The metadata. */
  get head(): string {
    return this.#text.head;
  }

  get count(): number {
    return Math.ceil(this.#rows.length / BLOCK);
  }

  read(index: number): TextBlock {
    const changes = this.#changesOf(index);
    const known = this.#blocks[index];
    if (known !== undefined && this.#seen[index] === changes) {
      this.work++;
      return known;
    }
    const block = this.#write(index, known);
    this.work += WRITE_COST;
    this.#blocks[index] = block;
    this.#seen[index] = changes;
    this.size += sizeOf(block) - (known === undefined ? 0 : sizeOf(known));
    return block;
  }

  #write(index: number, known: TextBlock | undefined): TextBlock {
    const from = index * BLOCK;
    const to = Math.min(from + BLOCK, this.#rows.length);
    const version = this.versionOf(index);
    if (known === undefined) {
      return { text: this.#text.write(from, to), version, segments: undefined };
    }
    const { segments } = known;
    if (segments !== undefined && known.version === version) {
      const text = this.#text.patch(segments, from, to);
      if (text !== undefined) return { text, version, segments };
    }
    return { ...this.#text.writeSegments(from, to), version };
  }

  versionOf(index: number): number {
    return sumOfPage(this.#rows.changes.versions, index, BLOCK);
  }

  /** Nothing is to be released: text does not change. */
  release(): void {}

  /** Returns a sum that grows with each change of the block's rows. */
  #changesOf(index: number): number {
    const { numbers } = this.#rows.changes;
    return sumOfPage(numbers, index, BLOCK) + this.versionOf(index);
  }
}

/** Returns whether `rows` can be cached; false if they throw, as collecting will. */
function isComplete(rows: Rows): boolean {
  try {
    return rows.isComplete !== false;
  } catch {
    return false;
  }
}

function sizeOf({ text, segments }: TextBlock): number {
  return BLOCK_COST + (segments === undefined ? 1 : 2) * text.length;
}

type EncoderOf = NonNullable<Format["textEncoder"]>;

/** Caches the expositions of sources in one text format as strings. */
export class TextCache {
  readonly #encoderOf: EncoderOf;
  readonly #families: FamilyCache<TextFamily>;

  constructor(encoderOf: EncoderOf, budget: CacheBudget) {
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
    const sink = only === undefined ? encoder : new FilterSink(encoder, only);
    const unseen = new Set(only === undefined ? this.#families.keys() : []);
    for (const part of partsOf(source)) {
      const rows = rowsOf(part);
      if (rows !== undefined) unseen.delete(rows);
      if (except?.has(part)) continue;
      if (only !== undefined && !descsOf(part).some(only)) continue;
      if (rows === undefined || pageable === undefined || !isComplete(rows)) {
        collectPart(source, part, sink, observer);
        yield [out.take()];
      } else yield* this.#part(source, part, rows, pageable, observer);
    }
    encoder.mark(); // everything is closed
    encoder.end();
    yield [out.take()];
    for (const rows of unseen) this.#families.forget(rows);
  }

  /** Writes a part with rows, and hands it on when it is complete. */
  *#part(
    source: Source,
    part: Source,
    rows: Rows,
    encoder: PageableEncoder,
    observer: ExposeOptions["observer"],
  ): Generator<readonly string[], void> {
    encoder.mark();
    const texts: string[] = [];
    try {
      let declared: FamilyDesc;
      let family: TextFamily;
      let blocks: readonly TextBlock[];
      do {
        encoder.rollback();
        declared = rows.desc;
        const desc = encoder.reserveFamily(declared);
        rows.open();
        const make = () => new TextFamily(rows, desc, this.#encoderOf);
        family = this.#families.of(rows, make) ?? make();
        blocks = yield* consistentPages(family, undefined, WRITE_COST);
        this.#families.account(rows, family);
      } while (rows.desc !== declared); // labels were added in a pause
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
