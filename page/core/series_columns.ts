/**
 * The columns of one series; see `Series`.
 *
 * - A column without a frame, and one in which the series is not there, is NaN;
 *   buckets are 0 there.
 * - Frames open columns, change them, and settle them, in this order.
 */
import type {
  Change,
  FamilyInfo,
  SeriesInfo,
} from "../../src/dashboard/protocol.ts";
import type { Series } from "./data.ts";

/** The shape of the arrays of a family, by its type. */
export type Shape = "counter" | "level" | "histogram" | "summary";

/** Returns the shape of a family. */
export function shapeOf({ type }: Pick<FamilyInfo, "type">): Shape {
  if (type === "counter" || type === "summary") return type;
  return type === "histogram" || type === "gaugehistogram"
    ? "histogram"
    : "level";
}

/** Whether a change says that its series is not there. */
export function isLeaving(change: Change): boolean {
  return change.length === 2 && change[1] === null;
}

/** The numbers of columns that a change is about. */
export interface Span {
  /** The last column. */
  readonly last: number;
  /** How many columns the frame covers; a level is that of all of them. */
  readonly covers: number;
  /** Over how many columns growth is spread; at least those of the frame. */
  readonly spread: number;
}

/** The columns of one series. */
export class SeriesColumns implements Series {
  info: SeriesInfo;
  readonly values: Float64Array;
  readonly least?: Float64Array;
  readonly most?: Float64Array;
  readonly sums?: Float64Array;
  readonly buckets?: Map<number, Float64Array>;
  readonly quantiles?: readonly Float64Array[];
  total = 0;
  /** Column in which the series has ended; undefined while it is there. */
  ended: number | undefined;
  /** All columns but those of the buckets. */
  readonly #arrays: Float64Array[] = [];
  readonly #shape: Shape;
  readonly #columns: number;
  #isThere = false;
  #level = NaN;
  #levels: readonly (number | null | undefined)[] = [];

  constructor(
    info: SeriesInfo,
    shape: Shape,
    columns: number,
    quantiles: number,
  ) {
    const column = () => {
      const array = new Float64Array(columns).fill(NaN);
      this.#arrays.push(array);
      return array;
    };
    this.info = info;
    this.#shape = shape;
    this.#columns = columns;
    this.values = column();
    if (shape === "level") {
      this.least = column();
      this.most = column();
    } else if (shape !== "counter") this.sums = column();
    if (shape === "histogram") this.buckets = new Map();
    if (shape === "summary") {
      this.quantiles = Array.from({ length: quantiles }, column);
    }
  }

  /** Marks the series as present before column 0, with the level of a gauge. */
  begin(level: number): void {
    this.#isThere = true;
    this.#level = level;
  }

  /** Marks the series as absent, until its next change. */
  leave(): void {
    this.#isThere = false;
  }

  /** Moves all columns to the left by `by`; the new ones have no data. */
  shift(by: number): void {
    const kept = Math.max(0, this.#columns - by);
    for (const array of this.#arrays) {
      array.copyWithin(0, by);
      array.fill(NaN, kept);
    }
    for (const [bucket, array] of this.buckets ?? []) {
      const hadGrowth = array.subarray(0, by).some((growth) => growth !== 0);
      array.copyWithin(0, by);
      array.fill(0, kept);
      // The buckets of a native histogram that drifts would become ever more.
      if (hadGrowth && array.every((growth) => growth === 0)) {
        this.buckets!.delete(bucket);
      }
    }
  }

  /** Marks a column as covered by a frame: values without a change stay. */
  open(column: number): void {
    if (!this.#isThere || !Number.isNaN(this.values[column]!)) return;
    if (this.#shape === "level") {
      this.values[column] = this.#level;
      return;
    }
    this.values[column] = 0;
    if (this.sums !== undefined) this.sums[column] = 0;
    this.#writeQuantiles(column);
  }

  /** Takes the level at the end of a frame into the band of a column. */
  settle(column: number): void {
    if (this.#shape === "level" && this.#isThere) {
      this.#widen(column, this.#level, this.#level);
    }
  }

  /** Applies a change to columns of which those of the frame are open. */
  apply(change: Change, span: Span): void {
    this.#isThere = true;
    this.open(span.last);
    if (this.#shape === "level") return this.#setLevel(change, span);
    const { columns, share } = this.#targets(span);
    if (this.#shape === "histogram") {
      addTo(this.sums!, columns, number(change[1]) * share);
      for (let i = 2; i + 1 < change.length; i += 2) {
        const growth = number(change[i + 1]);
        addTo(this.#bucket(number(change[i])), columns, growth * share);
        addTo(this.values, columns, growth * share);
        this.total += growth;
      }
      return;
    }
    const growth = number(change[1]);
    addTo(this.values, columns, growth * share);
    this.total += growth;
    if (this.#shape === "counter") return;
    addTo(this.sums!, columns, number(change[2]) * share);
    this.#levels = change.slice(3);
    this.#writeQuantiles(span.last);
  }

  /** Returns the columns with data of a span, and the share of each of growth. */
  #targets({ last, spread }: Span): { columns: number[]; share: number } {
    if (spread === 1) return { columns: [last], share: 1 };
    const columns: number[] = [];
    let missing = 0;
    for (let i = last - spread + 1; i <= last; i++) {
      if (i < 0) missing++; // has left the range with its share
      else if (!Number.isNaN(this.values[i]!)) columns.push(i);
    }
    return { columns, share: 1 / (columns.length + missing) };
  }

  #setLevel(change: Change, { covers, last }: Span): void {
    const level = change[1] ?? NaN;
    this.#level = level;
    for (let i = Math.max(0, last - covers + 1); i <= last; i++) {
      this.values[i] = level;
      this.#widen(i, change[2] ?? level, change[3] ?? level);
    }
  }

  #widen(column: number, least: number, most: number): void {
    // Not `Math.min`: the band before the first frame of a column is NaN.
    if (!(this.least![column]! <= least)) this.least![column] = least;
    if (!(this.most![column]! >= most)) this.most![column] = most;
  }

  #writeQuantiles(column: number): void {
    this.quantiles?.forEach((array, i) => {
      array[column] = this.#levels[i] ?? NaN;
    });
  }

  #bucket(bucket: number): Float64Array {
    let array = this.buckets!.get(bucket);
    if (array === undefined) {
      array = new Float64Array(this.#columns);
      this.buckets!.set(bucket, array);
    }
    return array;
  }

  /** Copies the columns in `isEmpty` from the series before a restart. */
  adopt(past: SeriesColumns, isEmpty: readonly boolean[]): void {
    const take = (to: Float64Array, from: Float64Array | undefined) =>
      isEmpty.forEach((empty, i) => {
        if (empty && from !== undefined) to[i] = from[i]!;
      });
    take(this.values, past.values);
    if (this.least !== undefined) take(this.least, past.least);
    if (this.most !== undefined) take(this.most, past.most);
    if (this.sums !== undefined) take(this.sums, past.sums);
    this.quantiles?.forEach((array, i) => take(array, past.quantiles?.[i]));
    for (const [bucket, from] of past.buckets ?? []) {
      take(this.#bucket(bucket), from);
    }
  }
}

function number(value: number | null | undefined): number {
  return value ?? 0;
}

function addTo(
  array: Float64Array,
  columns: readonly number[],
  growth: number,
): void {
  for (const column of columns) array[column]! += growth;
}
