/**
 * Publishes a registry: takes passes over it into the image of a slot.
 *
 * - Of tables, only the blocks that have changed are read, and the labels of a
 *   series only once.
 * - The registry says which series are removed, which expire, and which get other
 *   labels. A part that has gone, as when its family was unregistered, leaves its
 *   counts behind.
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
import { scopeIn, type SeriesFollower } from "../../metrics/internal.ts";
import type { Counted } from "./counted.ts";
import type { Image, KnownSlots } from "./image.ts";
import { ImageRows } from "./image_rows.ts";
import { ImageSink, PublishedPart } from "./image_sink.ts";
import { longer } from "../slot/columns.ts";
import type { ProcessCounts } from "./process_counts.ts";
import { StagingSink } from "./staging_sink.ts";

/** Options of a publisher. */
export interface PublisherOptions {
  readonly clock: Clock;
  /** The counts of the registry when it left the same fleet. Default: none. */
  readonly counted?: Counted | undefined;
  /** The contents of all slots. Default: there is no other member. */
  readonly slots?: KnownSlots | undefined;
}

/** No slots: there is no other member. */
const NO_SLOTS: KnownSlots = { removedOf: () => -1, rowsOf: () => [] };

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

  constructor(rows: Rows, table: number) {
    super(table);
    this.rows = rows;
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
export class Publisher implements SeriesFollower {
  readonly #source: Source;
  readonly #rows: ImageRows;
  readonly #sink: ImageSink;
  /** Writes series that expire or get other labels, also within a pass. */
  readonly #ends: ImageSink;
  readonly #staging = new StagingSink();
  readonly #parts = new Map<Source, PublishedPart>();
  /** The parts of the last pass. */
  #list: readonly Source[] = [];
  /** The numbers of all tables that were parts: one may come back. */
  readonly #tables = new WeakMap<Source, number>();
  #lastTable = 0;
  #passes = 0;

  constructor(image: Image, source: Source, options: PublisherOptions) {
    this.#source = source;
    const { clock, counted, slots = NO_SLOTS } = options;
    this.#rows = new ImageRows(image, clock, counted, slots);
    this.#sink = new ImageSink(this.#rows);
    this.#ends = new ImageSink(this.#rows);
    this.#follow(this);
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

  /** Returns whether this member counts what its whole process counts. */
  get processCounts(): ProcessCounts {
    return this.#rows.processCounts;
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

  /** Stops following the registry. Returns what that has counted. */
  close(): Counted {
    this.#follow(undefined);
    return this.#rows.counted();
  }

  /** Follows the series of the registry, unless a later publisher does. */
  #follow(follower: this | undefined): void {
    const metrics = scopeIn(this.#source)?.families.selfMetrics;
    if (metrics === undefined) return;
    const isLate = follower === undefined && metrics.follower !== this;
    if (!isLate) metrics.follower = follower;
  }

  removing(rows: Rows, pattern: readonly (string | undefined)[]): void {
    if (this.#partOf(rows) === undefined) return;
    callSafely(() => {
      this.#dropMissing(partsOf(this.#source)); // they have counted before
      this.#rows.remove(rows.desc, pattern);
    }, undefined);
  }

  expiring(rows: Rows, row: number): void {
    const part = this.#partOf(rows);
    if (part === undefined) return;
    this.#ends.begin(part, "expired");
    this.#writeRow(rows, row);
  }

  relabeling(rows: Rows, row: number): () => void {
    const part = this.#partOf(rows);
    if (part === undefined) return () => {};
    const write = (): void => {
      this.#ends.begin(part);
      this.#writeRow(rows, row);
    };
    const former = this.#ends.note([], write);
    return () => void this.#ends.note(former, write);
  }

  #writeRow(rows: Rows, row: number): void {
    callSafely(() => {
      this.#ends.family(rows.desc);
      rows.emit(row, row + 1, this.#ends);
    }, undefined);
  }

  /** Returns the part of a table, which may be new; undefined: it is not one. */
  #partOf(rows: Rows): PublishedTable | undefined {
    const source = partsOf(this.#source).find((part) => rowsOf(part) === rows);
    return source && this.#tableOf(source, rows);
  }

  #tableOf(source: Source, rows: Rows): PublishedTable {
    const known = this.#parts.get(source) as PublishedTable | undefined;
    if (known !== undefined) return known;
    const number = this.#tables.get(source) ?? ++this.#lastTable;
    this.#tables.set(source, number);
    const part = new PublishedTable(rows, number);
    this.#parts.set(source, part);
    return part;
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
      if (part instanceof PublishedTable) this.#takeLast(part);
      for (const entry of part.entries) this.#rows.leave(entry);
    }
  }

  /** Takes what a table has counted until it was unregistered. */
  #takeLast(part: PublishedTable): void {
    part.forget();
    callSafely(() => this.#writeBlocks(part), undefined);
  }

  #takeTable(source: Source, rows: Rows, observer: ScrapeObserver): void {
    const part = this.#tableOf(source, rows);
    try {
      rows.open();
      this.#writeBlocks(part);
    } catch (error) {
      part.forget();
      this.#fail(part);
      failPart(this.#source, source, error, observer);
    }
  }

  /** Writes the blocks of a table that have changed. */
  #writeBlocks(part: PublishedTable): void {
    const { rows, numbers, versions, firsts } = part;
    const { desc, length, changes } = rows;
    const { isComplete = true, countsInCells = isComplete } = rows;
    const sink = this.#sink;
    sink.begin(part);
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
    part.pass = ++this.#passes;
    this.#sink.begin(part);
    staging.commit(this.#sink);
    for (const entry of part.entries) {
      if (entry.pass !== part.pass) this.#rows.leave(entry);
    }
  }

  /** Keeps what a part has published, except what has no past. */
  #fail(part: PublishedPart): void {
    for (const entry of part.entries) {
      if (!entry.family.isCumulative) this.#rows.leave(entry);
    }
  }
}
