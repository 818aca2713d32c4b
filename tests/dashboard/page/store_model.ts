/**
 * A program that makes frames, and a naive answer to what the page must show of
 * them: each column is computed from all frames.
 */
import type {
  Change,
  Delta,
  FamilyInfo,
  Hello,
  History,
  SeriesHistory,
  SeriesInfo,
} from "../../../src/dashboard/protocol.ts";
import type { Series } from "../../../page/core/data.ts";

/** Begin of the first frame; a multiple of 10. */
export const BEGIN = 1_764_345_600;

const TYPES = ["counter", "gauge", "histogram", "summary"] as const;

/** Series of each family. */
const SERIES = 2;

export const FAMILIES: readonly FamilyInfo[] = TYPES.map((type, i) => ({
  id: i + 1,
  name: `a_${type}`,
  type,
  help: "",
  unit: "",
  labels: ["a"],
  bounds: type === "histogram" ? [1, 2] : null,
  native: false,
  quantiles: type === "summary" ? [0.5] : null,
  series: SERIES,
  limit: null,
  role: "requests",
}));

export const INFOS: readonly SeriesInfo[] = FAMILIES.flatMap(({ id }) =>
  Array.from({ length: SERIES }, (_, i) => ({
    id: id * 10 + i,
    family: id,
    values: [String(i)],
  }))
);

export const HELLO = { epoch: "e", seq: 0, now: BEGIN } as unknown as Hello;

function typeOf(series: number): typeof TYPES[number] {
  return TYPES[Math.floor(series / 10) - 1]!;
}

/** Returns a change of a series from a number from 0 to 7; 0 ends the series. */
export function changeOf(series: number, size: number): Change {
  if (size === 0) return [series, null];
  switch (typeOf(series)) {
    case "counter":
      return [series, size - 1];
    case "gauge":
      return [series, size * 3];
    case "histogram":
      return size === 1 ? [series, 0] : [series, size, size % 3, size, 5, 1];
    case "summary":
      return [series, size, size * 2, size / 8];
  }
}

/** A column of a series. */
export interface Cell {
  value: number;
  least: number;
  most: number;
  sum: number;
  quantile: number;
  readonly buckets: Map<number, number>;
}

function blank(): Cell {
  return {
    value: NaN,
    least: NaN,
    most: NaN,
    sum: NaN,
    quantile: NaN,
    buckets: new Map(),
  };
}

/** The state of a series over some frames, column by column. */
export class SeriesModel {
  readonly cells = new Map<number, Cell>();
  /** Columns in which the series has changed. */
  readonly changed = new Set<number>();
  total = 0;
  isThere = false;
  level = NaN;
  quantile = NaN;

  constructor(series: number, frames: readonly Delta[], step: number) {
    const type = typeOf(series);
    for (const { d, t } of frames) {
      const column = Math.floor((t - 0.5) / step);
      const change = d.find(([id]) => id === series);
      if (change !== undefined) {
        this.isThere = change[1] !== null;
        this.changed.add(column);
      }
      if (!this.isThere) continue;
      const cell = this.cells.get(column) ?? blank();
      this.cells.set(column, cell);
      const numbers = (change ?? []).slice(1).map(Number);
      if (type === "gauge") {
        this.level = numbers[0] ?? this.level;
        cell.value = this.level;
        cell.least = Math.min(this.level, ...known(cell.least));
        cell.most = Math.max(this.level, ...known(cell.most));
        continue;
      }
      const pairs = type === "histogram" ? numbers.slice(1) : [];
      let growth = type === "histogram" ? 0 : numbers[0] ?? 0;
      for (let i = 0; i < pairs.length; i += 2) {
        const [bucket, by] = [pairs[i]!, pairs[i + 1]!];
        cell.buckets.set(bucket, (cell.buckets.get(bucket) ?? 0) + by);
        growth += by;
      }
      cell.value = (known(cell.value)[0] ?? 0) + growth;
      this.total += growth;
      if (type === "counter") continue;
      const sum = numbers[type === "histogram" ? 0 : 1] ?? 0;
      cell.sum = (known(cell.sum)[0] ?? 0) + sum;
      if (type !== "summary") continue;
      this.quantile = numbers[2] ?? this.quantile;
      cell.quantile = this.quantile;
    }
  }
}

function known(value: number): number[] {
  return Number.isNaN(value) ? [] : [value];
}

/** Answers `history` from all frames so far. */
export function historyOf(
  frames: readonly Delta[],
  families: readonly number[],
  step: number,
  columns: number,
): History {
  const last = frames.at(-1)!;
  const end = Math.floor((last.t - 0.5) / step) + 1;
  const first = end - columns;
  const begin = Math.floor(BEGIN / step);
  return {
    epoch: HELLO.epoch,
    seq: last.seq,
    from: first * step,
    step,
    columns,
    gaps: begin > first
      ? [{ from: 0, to: begin * step, why: "unsampled" }]
      : [],
    names: { f: FAMILIES, s: INFOS },
    families: families.map((id) => ({
      id,
      series: INFOS.filter(({ family }) => family === id).map(({ id }) =>
        seriesHistory(id, frames, step, first)
      ),
    })),
  };
}

function seriesHistory(
  id: number,
  frames: readonly Delta[],
  step: number,
  first: number,
): SeriesHistory {
  const columnOf = ({ t }: Delta) => Math.floor((t - 0.5) / step);
  const isBefore = (frame: Delta) => columnOf(frame) < first;
  const before = new SeriesModel(id, frames.filter(isBefore), step);
  const model = new SeriesModel(id, frames, step);
  const changed = [...model.changed].filter((column) => column >= first);
  const isGauge = typeOf(id) === "gauge";
  return {
    id,
    base: before.isThere ? isGauge ? before.level : 0 : null,
    total: model.total,
    d: changed.map((column) => [
      column - first,
      ...numbersOf(typeOf(id), model.cells.get(column)!),
    ]),
  };
}

function numbersOf(type: typeof TYPES[number], cell: Cell): number[] {
  switch (type) {
    case "counter":
      return [cell.value];
    case "gauge":
      return [cell.value, cell.least, cell.most];
    case "histogram":
      return [cell.sum, ...[...cell.buckets].flat()];
    case "summary":
      return [cell.value, cell.sum, cell.quantile];
  }
}

/** Returns the cell that a series of the store shows in a column. */
export function cellOf(series: Series, column: number): Cell {
  const at = (array: Float64Array | undefined) => array?.[column] ?? NaN;
  const buckets = new Map<number, number>();
  for (const [bucket, array] of series.buckets ?? []) {
    if (array[column] !== 0) buckets.set(bucket, array[column]!);
  }
  return {
    value: at(series.values),
    least: at(series.least),
    most: at(series.most),
    sum: at(series.sums),
    quantile: at(series.quantiles?.[0]),
    buckets,
  };
}

/**
 * Returns the cell that must be shown; one without data if no frame is in it.
 * `first` is the first column of a history: it does not tell the quantiles before.
 */
export function expectedCell(
  model: SeriesModel,
  column: number,
  first: number,
): Cell {
  const cell = model.cells.get(column) ?? blank();
  for (let i = first; i <= column; i++) if (model.changed.has(i)) return cell;
  return { ...cell, quantile: NaN };
}
