/**
 * Publishes a registry: takes passes over it into the image of a slot.
 *
 * - Of tables, only the blocks that have changed are read, and the labels of a
 *   series only once.
 * - Tables say which series are removed and which expire; a table that is no
 *   longer a part was unregistered, which removes its series. Other parts just
 *   stop writing a series.
 */
import type { Clock } from "../../base/mod.ts";
import { callSafely } from "../../base/internal.ts";
import type {
  FamilyDesc,
  Rows,
  ScrapeObserver,
  Source,
} from "../../model/mod.ts";
import {
  BLOCK,
  collectPart,
  failPart,
  partsOf,
  rowsOf,
} from "../../model/internal.ts";
import type { Counted } from "./counted.ts";
import type { Entry, Image, ImageFamily } from "./image.ts";
import { ImageRows } from "./image_rows.ts";
import { ImageSink, PublishedPart } from "./image_sink.ts";
import { longer } from "../slot/columns.ts";
import { StagingSink } from "./staging_sink.ts";

/** Options of a publisher. */
export interface PublisherOptions {
  readonly clock: Clock;
  /** Returns whether a family is left out. Default: none is. */
  readonly skips?: ((desc: FamilyDesc) => boolean) | undefined;
  /** The counts of the registry when it left the same fleet. Default: none. */
  readonly counted?: Counted | undefined;
}

/** Options of one pass. */
export interface TakeOptions {
  /** Whether callbacks and added sources are read, too. */
  readonly all: boolean;
  /** The parts whose refresh has failed: they are not read. */
  readonly absent?: ReadonlySet<Source> | undefined;
  /** Called with each part that throws, after the observer of the registry. */
  readonly failed?: ((part: Source, error: unknown) => void) | undefined;
}

/** A part that is stored as rows. */
class PublishedTable extends PublishedPart {
  readonly rows: Rows;
  /** By block: the counters of changes when it was last written. */
  readonly numbers: number[] = [];
  readonly versions: number[] = [];
  desc: FamilyDesc | undefined;
  /** The cells when they were last written. */
  #cells: Float64Array = new Float64Array(0);
  #listener: Rows["released"];

  constructor(rows: Rows) {
    super();
    this.rows = rows;
  }

  /** Has `listener` called with each series that is removed or expires. */
  listen(listener: NonNullable<Rows["released"]>): void {
    this.#listener = listener;
    this.rows.released = listener;
  }

  /** Ends the calls, unless another publisher has taken over the table. */
  stopListening(): void {
    if (this.rows.released === this.#listener) this.rows.released = undefined;
  }

  /** Takes the cells of a row; returns whether they have changed. */
  takeCells(row: number): boolean {
    const { width, cells, length } = this.rows;
    if (this.#cells.length < length * width) {
      this.#cells = longer(this.#cells, cells.length);
    }
    const known = this.#cells;
    let hasChanged = false;
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (Object.is(known[i], cells[i])) continue;
      known[i] = cells[i]!;
      hasChanged = true;
    }
    return hasChanged;
  }

  /** Lets the next pass write all blocks. */
  forget(): void {
    this.desc = undefined;
    this.numbers.length = 0;
    this.versions.length = 0;
  }
}

/** Takes passes over one registry into one image. */
export class Publisher {
  readonly #source: Source;
  readonly #rows: ImageRows;
  readonly #skips: (desc: FamilyDesc) => boolean;
  readonly #sink: ImageSink;
  /** Writes series that are removed or expire, also within a pass. */
  readonly #ends: ImageSink;
  readonly #staging: StagingSink;
  readonly #parts = new Map<Source, PublishedPart>();
  /** The parts of the last pass. */
  #list: readonly Source[] = [];

  constructor(image: Image, source: Source, options: PublisherOptions) {
    this.#source = source;
    this.#rows = new ImageRows(image, options.clock, options.counted);
    this.#skips = options.skips ?? (() => false);
    this.#sink = new ImageSink(this.#rows);
    this.#ends = new ImageSink(this.#rows);
    this.#staging = new StagingSink(this.#skips);
  }

  /** The numbers of the families that the registry has declared, rising. */
  get declared(): readonly number[] {
    const numbers = new Set<number>();
    for (const { families } of this.#parts.values()) {
      for (const { number } of families) if (number >= 0) numbers.add(number);
    }
    return [...numbers].sort((a, b) => a - b);
  }

  /**
   * Takes the rows of the registry's own tables; with `all` also what callbacks
   * and added sources write. Of a part that throws, what was published stays,
   * except gauges and the like. Returns whether the image has changed since the
   * last call.
   */
  take({ all, absent, failed }: TakeOptions): boolean {
    const parts = partsOf(this.#source);
    this.#dropMissing(parts);
    const observer: ScrapeObserver = {
      failed: (part, error) => failed?.(part, error),
    };
    for (const part of parts) {
      const rows = rowsOf(part);
      if (rows !== undefined) this.#takeTable(part, rows, observer);
      else if (all) this.#takeOther(part, absent?.has(part) === true, observer);
    }
    const { isChanged } = this.#rows;
    this.#rows.isChanged = false;
    return isChanged;
  }

  /**
   * Takes a tombstone of another member: the rows up to `generation` end here.
   * A series that the registry has begins at zero.
   */
  removed(name: string, labels: string, generation: number): void {
    this.#rows.removed(name, labels, generation);
  }

  /** Returns the rows that are in use: the others can be dropped. */
  used(): Set<number> {
    return this.#rows.used();
  }

  /** Takes the new numbers of rows after the slot was compacted. */
  renumber(numbers: Int32Array): void {
    this.#rows.renumber(numbers);
    for (const part of this.#parts.values()) {
      for (const entry of part.entries) {
        if (!this.#rows.isLive(entry)) part.entries.delete(entry);
      }
      part.firsts.length = 0;
      part.current = undefined;
      if (part instanceof PublishedTable) part.forget();
    }
  }

  /**
   * Stops listening to the tables of the registry. Returns what it has counted.
   */
  close(): Counted {
    for (const part of this.#parts.values()) {
      if (part instanceof PublishedTable) part.stopListening();
    }
    return this.#rows.counted();
  }

  /** Drops the parts that the registry no longer has. */
  #dropMissing(parts: readonly Source[]): void {
    const before = this.#list;
    const isSame = parts.length === before.length &&
      parts.every((part, at) => part === before[at]);
    if (isSame) return;
    this.#list = [...parts];
    const present = new Set(parts);
    for (const [source, part] of this.#parts) {
      if (present.has(source)) continue;
      this.#parts.delete(source);
      this.#rows.isChanged = true;
      if (part instanceof PublishedTable) this.#unregister(part);
      else this.#leave(part.entries);
    }
  }

  /** Removes the series of a table that is no longer registered. */
  #unregister(part: PublishedTable): void {
    part.stopListening();
    for (const entry of part.entries) {
      if (!this.#rows.isLive(entry)) continue;
      this.#rows.remove(entry.family, entry.labels);
    }
  }

  /** Takes it that the registry no longer has these series. */
  #leave(entries: Iterable<Entry>): void {
    for (const entry of entries) this.#rows.leave(entry);
  }

  #takeTable(source: Source, rows: Rows, observer: ScrapeObserver): void {
    let part = this.#parts.get(source) as PublishedTable | undefined;
    if (part === undefined) {
      part = new PublishedTable(rows);
      this.#parts.set(source, part);
      this.#listen(part);
    }
    if (this.#skips(rows.desc)) return this.#skip(part);
    try {
      rows.open();
      this.#writeBlocks(part);
    } catch (error) {
      part.forget();
      this.#fail(part);
      failPart(this.#source, source, error, observer);
    }
  }

  #skip(part: PublishedTable): void {
    if (part.families.size === 0) return;
    for (const family of part.families) this.#undeclare(part, family);
    part.forget();
    this.#leave(part.entries);
  }

  /** Writes the blocks of a table that have changed. */
  #writeBlocks(part: PublishedTable): void {
    const { rows, numbers, versions, firsts } = part;
    const { desc, length, changes } = rows;
    const { isComplete = true, countsInCells = isComplete } = rows;
    const sink = this.#sink;
    sink.begin(part, true);
    if (part.desc !== desc) {
      part.forget();
      sink.family(desc);
      part.desc = desc;
    }
    const blocks = Math.ceil(length / BLOCK);
    let isOpen = false;
    for (let block = 0; block < blocks; block++) {
      const number = changes.numbers[block]!;
      const version = changes.versions[block]!;
      const isSame = versions[block] === version;
      if (isSame && countsInCells && numbers[block] === number) continue;
      if (!isOpen) isOpen = sink.family(desc);
      const to = Math.min((block + 1) * BLOCK, length);
      for (let row = block * BLOCK; row < to; row++) {
        const hasChanged = part.takeCells(row);
        if (isSame && countsInCells && !hasChanged) continue;
        if (!isSame) firsts[row] = undefined;
        sink.row = row;
        sink.count = 0;
        rows.emit(row, row + 1, sink);
      }
      numbers[block] = number;
      versions[block] = version;
    }
  }

  /** Follows the series of a table that are removed or expire. */
  #listen(part: PublishedTable): void {
    const { rows } = part;
    part.listen((row, isExpired) =>
      callSafely(() => {
        if (this.#skips(rows.desc)) return;
        this.#ends.begin(part, true, isExpired ? "expired" : "removed");
        this.#ends.family(rows.desc);
        rows.emit(row, row + 1, this.#ends);
      }, undefined)
    );
  }

  #takeOther(
    source: Source,
    isAbsent: boolean,
    observer: ScrapeObserver,
  ): void {
    const part = this.#parts.get(source) ?? new PublishedPart();
    this.#parts.set(source, part);
    if (isAbsent) return this.#fail(part);
    let hasFailed = false;
    const staging = this.#staging;
    collectPart(this.#source, source, staging, {
      failed: (failing, error) => {
        hasFailed = true;
        observer.failed!(failing, error);
      },
    });
    if (hasFailed) return this.#fail(part);
    part.pass++;
    this.#sink.begin(part, false);
    staging.commit(this.#sink);
    for (const entry of part.entries) {
      if (entry.pass !== part.pass) this.#rows.leave(entry);
    }
    for (const family of part.families) {
      if (this.#skips(family.desc)) this.#undeclare(part, family);
    }
  }

  #undeclare(part: PublishedPart, family: ImageFamily): void {
    part.families.delete(family);
    part.current = undefined;
    this.#rows.isChanged = true;
  }

  /** Keeps what a part has published, except what has no past. */
  #fail(part: PublishedPart): void {
    for (const entry of part.entries) {
      if (!entry.family.isCumulative) this.#rows.leave(entry);
    }
  }
}
