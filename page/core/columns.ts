/**
 * The columns of one family: typed arrays of which only the last column grows.
 *
 * Columns are numbered from 1970: column `n` begins at `n * step`. The arrays hold
 * the newest ones; they move by `copyWithin`, and only when they are used.
 */
import type {
  Change,
  Delta,
  FamilyInfo,
  SeriesHistory,
  SeriesId,
  SeriesInfo,
} from "../../src/dashboard/protocol.ts";
import { isLeaving, SeriesColumns, shapeOf } from "./series_columns.ts";

/** Returns the number of the last column of `step` seconds that a frame covers. */
export function lastColumn(frame: Delta, step: number): number {
  // Its middle decides: the timer of frames is late by some milliseconds.
  return Math.floor((frame.t - Math.min(frame.step, step) / 2) / step);
}

/** The columns of a family. */
export class FamilyColumns {
  info: FamilyInfo;
  readonly series: SeriesColumns[] = [];
  readonly #byId = new Map<SeriesId, SeriesColumns>();
  readonly #step: number;
  readonly #columns: number;
  /** Number of the column after the last one. */
  #end: number;
  /** Number of the newest frame that was applied. */
  seq = 0;

  /** @param end Number of the column after the last one. */
  constructor(info: FamilyInfo, step: number, columns: number, end: number) {
    this.info = info;
    this.#step = step;
    this.#columns = columns;
    this.#end = end;
  }

  one(id: SeriesId): SeriesColumns | undefined {
    return this.#byId.get(id);
  }

  /** Adds a series, or renames it. */
  add(info: SeriesInfo): SeriesColumns {
    const known = this.#byId.get(info.id);
    if (known !== undefined) {
      known.info = info;
      return known;
    }
    const series = new SeriesColumns(
      info,
      shapeOf(this.info),
      this.#columns,
      this.info.quantiles?.length ?? 0,
    );
    this.series.push(series);
    this.#byId.set(info.id, series);
    return series;
  }

  /** Ends a series: its past stays until it leaves the columns. */
  remove(id: SeriesId): void {
    const series = this.#byId.get(id);
    if (series === undefined) return;
    this.#byId.delete(id);
    series.ended = this.#end;
  }

  /** Moves the columns, so that they end before column `end`. Never back. */
  moveTo(end: number): void {
    const by = end - this.#end;
    if (by <= 0) return;
    this.#end = end;
    const first = end - this.#columns;
    for (let i = this.series.length - 1; i >= 0; i--) {
      const series = this.series[i]!;
      if (series.ended !== undefined && series.ended <= first) {
        this.series.splice(i, 1);
      } else series.shift(Math.min(by, this.#columns));
    }
  }

  /** Over how many columns the growth of one change is spread. */
  #spread(covers: number): number {
    return Math.max(covers, Math.round((this.info.every ?? 1) / this.#step));
  }

  /** Reads the history of a series. No frame covers the columns in `isEmpty`. */
  fill(
    info: SeriesInfo,
    history: SeriesHistory,
    isEmpty: readonly boolean[],
  ): void {
    const series = this.add(info);
    if (history.base !== null) series.begin(history.base);
    const spread = this.#spread(1);
    let next = 0;
    const openTo = (column: number) => {
      for (; next < column; next++) {
        if (isEmpty[next] === true) continue;
        series.open(next);
        series.settle(next);
      }
    };
    for (const [column, ...numbers] of history.d) {
      if (!(column >= next && column < this.#columns)) continue;
      openTo(column);
      next = column + 1;
      const change: Change = [history.id, ...numbers];
      if (isLeaving(change)) {
        series.leave();
        continue;
      }
      series.open(column);
      series.apply(change, { last: column, covers: 1, spread });
    }
    openTo(this.#columns);
    series.total = history.total;
  }

  /**
   * Takes over the past of the same family before a restart: the columns in
   * `isEmpty`, and series that are not there now.
   */
  adopt(old: FamilyColumns, isEmpty: readonly boolean[]): void {
    if (!this.#isLike(old)) return;
    old.moveTo(this.#end);
    const keyOf = ({ info }: SeriesColumns) => JSON.stringify(info.values);
    const now = new Map(this.series.map((series) => [keyOf(series), series]));
    for (const past of old.series) {
      const series = now.get(keyOf(past));
      if (series !== undefined) series.adopt(past, isEmpty);
      else {
        past.ended ??= this.#end;
        this.series.push(past);
      }
    }
  }

  #isLike(other: FamilyColumns): boolean {
    return this.#step === other.#step && this.#columns === other.#columns &&
      shapeOf(this.info) === shapeOf(other.info) &&
      this.info.labels.join() === other.info.labels.join();
  }

  /** Applies a frame to all series. */
  apply(frame: Delta): void {
    const { d, seq, step, t } = frame;
    if (seq <= this.seq) return;
    // Frames without changes are left out, and have their numbers: all seconds
    // since the newest frame are covered.
    const quiet = seq - this.seq - step;
    this.seq = seq;
    const end = lastColumn(frame, this.#step) + 1;
    this.moveTo(end);
    const shift = this.#columns - this.#end;
    const last = end - 1 + shift;
    if (last < 0) return;
    // A frame of 10 s is 10 columns of a second, or one of 10 s.
    const covers = Math.max(1, Math.round(step / this.#step));
    const first = last - covers + 1;
    const present = this.series.filter(({ ended }) => ended === undefined);
    if (quiet > 0) {
      const begin = Math.floor((t - step - quiet + 0.5) / this.#step) + shift;
      const until = Math.floor((t - step - 0.5) / this.#step) + shift;
      cover(present, begin, until);
    }
    for (const change of d) {
      // Before the columns are opened: it holds for all of the frame.
      if (isLeaving(change)) this.#byId.get(change[0])?.leave();
    }
    for (const series of present) {
      for (let i = Math.max(0, first); i <= last; i++) series.open(i);
    }
    const span = { last, covers, spread: this.#spread(covers) };
    for (const change of d) {
      if (!isLeaving(change)) this.#byId.get(change[0])?.apply(change, span);
    }
    cover(present, first, last);
  }
}

/** Marks some columns as covered by frames, without a change in them. */
function cover(
  all: readonly SeriesColumns[],
  first: number,
  last: number,
): void {
  for (const series of all) {
    for (let column = Math.max(0, first); column <= last; column++) {
      series.open(column);
      series.settle(column);
    }
  }
}
