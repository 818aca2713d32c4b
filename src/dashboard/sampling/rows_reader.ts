/**
 * Reads a family that is stored as rows, by comparing their numbers with a copy.
 *
 * - It never calls `rows.open()`, which re-arms exemplars and puts idle series to
 *   sleep. Writing single rows with `emit` changes nothing.
 * - A row is not a series: rows are used again, and the version of a block also
 *   grows with exemplars. Rows whose numbers or version have changed are read,
 *   and their labels are compared.
 */
import type { Clock } from "../../base/mod.ts";
import type { LabelSet, Rows, Source } from "../../model/mod.ts";
import { BLOCK_BITS } from "../../model/internal.ts";
import { absence } from "./changes.ts";
import type { KnownSeries } from "./known_series.ts";
import { PointSink } from "./point_sink.ts";
import type { PartReader, Pass } from "./reading.ts";
import type { SeriesBook } from "./series_book.ts";

const BLOCK_ROWS = 1 << BLOCK_BITS;

/** Blocks that are read in one step of the first pass. */
const STEP_BLOCKS = 16;

/** A point that is not sampled, because there is no room for its series. */
const SKIPPED: unique symbol = Symbol("skipped");

type Point = KnownSeries | typeof SKIPPED;

/** The points of a row: none, one, or several as in statesets. */
type Slot = undefined | Point | readonly Point[];

/** Facts that tables of this module have beside their rows. */
interface TableFacts {
  readonly clock?: Clock;
  readonly limits?: { readonly maxSeries: number };
}

/** Reads the rows of one family. */
export class RowsReader extends PointSink implements PartReader {
  readonly #rows: Rows;
  readonly #clock: Clock;
  /** The numbers of all rows as they were read last. */
  #cells = new Float64Array(0);
  /** The version of each block when its labels were compared last, or -1. */
  #versions = new Float64Array(0);
  readonly #slots: Slot[] = [];
  /** The points that the row had before, and those that it has so far. */
  #before: Slot;
  readonly #points: Point[] = [];
  /** Whether points that were skipped are looked up again. */
  #isChecking = false;
  #stamp = 0;

  constructor(
    part: Source & TableFacts,
    rows: Rows,
    book: SeriesBook,
    clock: Clock,
    readAt: number,
  ) {
    super(book, readAt);
    this.#rows = rows;
    this.#clock = part.clock ?? clock;
    const family = this.current = book.familyOf(rows.desc);
    family.limit = part.limits?.maxSeries ?? Infinity;
    family.isSlow = family.isDemoted;
    family.reader = this;
    book.changed(family);
  }

  /** Whether the family is read in full passes only. */
  get isSlow(): boolean {
    return this.current!.isDemoted;
  }

  family(): boolean {
    return true;
  }

  read(pass: Pass): void {
    for (const _ of this.reading(pass, Infinity));
  }

  /** Reads some blocks of rows a step; callers may pause between steps. */
  *reading(pass: Pass, blocks: number = STEP_BLOCKS): Generator<void, void> {
    const rows = this.#rows;
    const now = this.#clock.unix();
    this.pass = pass;
    this.#stamp++;
    this.#describe();
    const everyRow = rows.isComplete === false &&
      (pass.isFull || rows.countsInCells !== true);
    const lost: KnownSeries[] = [];
    try {
      for (let block = 0; block < blocksOf(rows.length); block += blocks) {
        if (block > 0) yield;
        const end = Math.min(block + blocks, blocksOf(rows.length));
        this.#readBlocks(block, end, everyRow, lost);
      }
    } catch (error) {
      this.#versions.fill(-1); // the next pass compares everything
      for (const series of this.#series()) {
        this.pass.reading.add(series.family, absence(series));
      }
      throw error;
    }
    for (const series of lost) {
      if (series.stamp !== this.#stamp) this.leave(series);
    }
    this.readAt = now;
  }

  close(pass: Pass): void {
    this.pass = pass;
    for (const series of this.#series()) this.leave(series);
    const family = this.current!;
    family.skipped = 0;
    if (family.reader === this) family.reader = undefined;
  }

  /** Takes over a description that was replaced, perhaps with more labels. */
  #describe(): void {
    const { desc } = this.#rows;
    if (this.current!.desc === desc) return;
    this.current = this.book.familyOf(desc);
    this.#versions.fill(-1);
  }

  #readBlocks(
    from: number,
    to: number,
    everyRow: boolean,
    lost: KnownSeries[],
  ): void {
    const { cells, width, length, changes: { versions } } = this.#rows;
    if (this.#cells.length < cells.length) this.#grow(cells.length, width);
    const copy = this.#cells;
    for (let block = from; block < to; block++) {
      const isChecking = this.#versions[block] !== versions[block];
      this.#versions[block] = versions[block]!;
      this.#isChecking = isChecking;
      const end = Math.min((block + 1) << BLOCK_BITS, length);
      for (let row = block << BLOCK_BITS; row < end; row++) {
        let isChanged = isChecking || everyRow;
        for (let at = row * width; at < (row + 1) * width; at++) {
          if (copy[at] === cells[at]) continue;
          isChanged ||= !Object.is(copy[at], cells[at]);
          copy[at] = cells[at]!;
        }
        if (isChanged) this.#readRow(row, lost);
      }
    }
  }

  #readRow(row: number, lost: KnownSeries[]): void {
    const before = this.#before = this.#slots[row];
    const points = this.#points;
    points.length = 0;
    this.#rows.emit(row, row + 1, this);
    if (points.length === 1 && points[0] === before) return;
    this.#slots[row] = points.length < 2 ? points[0] : points.slice();
    const family = this.current!;
    for (const point of pointsOf(before)) {
      if (point === SKIPPED) family.skipped--;
      else if (!points.includes(point)) lost.push(point);
    }
    for (const point of points) if (point === SKIPPED) family.skipped++;
  }

  protected seriesOf(labels: LabelSet): KnownSeries | undefined {
    const at = this.#points.length;
    const before = this.#before;
    let point = Array.isArray(before)
      ? (before as readonly Point[])[at]
      : before as Point | undefined;
    const isSkipped = point === SKIPPED && !this.#isChecking;
    if (!isSkipped && (point === SKIPPED || !hasLabels(point, labels))) {
      point = this.book.seriesOf(this.current!, valuesOf(labels)) ?? SKIPPED;
    }
    this.#points.push(point!);
    if (point === SKIPPED || point === undefined) return undefined;
    point.stamp = this.#stamp;
    return point;
  }

  *#series(): Generator<KnownSeries> {
    for (const slot of this.#slots) {
      for (const point of pointsOf(slot)) if (point !== SKIPPED) yield point;
    }
  }

  #grow(cells: number, width: number): void {
    this.#cells = longer(this.#cells, cells, 0);
    this.#versions = longer(this.#versions, blocksOf(cells / width), -1);
  }
}

/** Returns whether a series has these labels; false if it is undefined. */
export function hasLabels(
  series: KnownSeries | undefined,
  labels: LabelSet,
): series is KnownSeries {
  if (series === undefined) return false;
  const { values } = series;
  if (values.length !== labels.names.length) return false;
  for (let at = 0; at < values.length; at++) {
    if (values[at] !== labels.value(at)) return false;
  }
  return true;
}

/** Returns a copy of the label values. */
export function valuesOf(labels: LabelSet): string[] {
  const values: string[] = [];
  for (let at = 0; at < labels.names.length; at++) {
    values.push(labels.value(at));
  }
  return values;
}

function pointsOf(slot: Slot): readonly Point[] {
  if (slot === undefined) return NONE;
  return Array.isArray(slot) ? slot : [slot as Point];
}

const NONE: readonly Point[] = [];

function blocksOf(rows: number): number {
  return (rows + BLOCK_ROWS - 1) >> BLOCK_BITS;
}

function longer(column: Float64Array, length: number, fill: number) {
  const longer = new Float64Array(length).fill(fill);
  longer.set(column);
  return longer;
}
