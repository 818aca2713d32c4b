/**
 * The exported values of all series, for delta temporality.
 *
 * - A delta is the growth since the last export that the collector has accepted,
 *   so that the next export carries what a lost one has carried.
 * - A series that falls, or whose start has changed, has started again: its
 *   delta is its whole value.
 * - Series that end are forgotten. Those of a part that has failed are kept, or
 *   their values would be exported twice.
 */
import type {
  ExponentialData,
  HistogramData,
  Side,
} from "./metric_encoding.ts";

/** The value of a series. */
export type State = number | HistogramData | ExponentialData;

/** The last accepted export of a series. */
interface Exported {
  readonly start: number;
  /** The time of its pass, in unix seconds. */
  readonly time: number;
  readonly state: State;
}

interface Series {
  exported: Exported | undefined;
  /** The last pass in which it was written. */
  pass: number;
}

/** A change of the memory, made once the collector has accepted it. */
export interface Change {
  readonly series: Series;
  readonly exported: Exported;
}

/** The growth of a series. */
export interface Delta<T> {
  readonly data: T;
  /** The start of the interval in unix seconds; 0: unknown. */
  readonly since: number;
  /** The time of the last accepted export, if there was one; else -Infinity. */
  readonly exported: number;
  readonly change: Change;
}

/** Remembers what was exported of each series. */
export class DeltaMemory {
  readonly #families = new Map<string, Map<string, Series>>();
  #family: Map<string, Series> = new Map();
  #pass = 0;
  #time = 0;
  /** The families of this pass. */
  #written: string[] = [];
  #marked = 0;

  /** The number of remembered series. */
  get size(): number {
    let size = 0;
    for (const family of this.#families.values()) size += family.size;
    return size;
  }

  /** Begins a pass at `time`, in unix seconds. */
  begin(time: number): void {
    this.#pass++;
    this.#time = time;
    this.#written = [];
  }

  /** Marks the point to which `rollback` returns. */
  mark(): void {
    this.#marked = this.#written.length;
  }

  /** Forgets that the families since `mark` were written. */
  rollback(): void {
    this.#written.length = this.#marked;
  }

  /** Begins a family. */
  family(name: string): void {
    let family = this.#families.get(name);
    if (family === undefined) this.#families.set(name, family = new Map());
    this.#family = family;
    this.#written.push(name);
  }

  /** Ends a pass; `isWhole`: no part was left out. Forgets series that ended. */
  end(isWhole: boolean): void {
    const names = isWhole ? [...this.#families.keys()] : this.#written;
    for (const name of names) {
      const family = this.#families.get(name)!;
      for (const [key, { pass }] of family) {
        if (pass !== this.#pass) family.delete(key);
      }
      if (family.size === 0) this.#families.delete(name);
    }
  }

  /** Remembers exports that the collector has accepted. */
  accept(changes: readonly Change[]): void {
    for (const { series, exported } of changes) series.exported = exported;
  }

  /**
   * Returns the growth of a series of the family to `state`, which is copied;
   * undefined if it has not grown. `growth` compares two states: it returns the
   * second one if the series has started again.
   */
  grow<T extends State>(
    key: string,
    start: number,
    state: T,
    growth: (before: T, now: T) => T | undefined,
  ): Delta<T> | undefined {
    let series = this.#family.get(key);
    if (series === undefined) {
      this.#family.set(key, series = { exported: undefined, pass: 0 });
    }
    series.pass = this.#pass;
    const { exported } = series;
    const time = this.#time;
    const isNew = exported === undefined || exported.start !== start ||
      kindOf(exported.state) !== kindOf(state);
    const data = isNew ? state : growth(exported.state as T, state);
    if (data === undefined) return undefined;
    const isContinued = exported !== undefined && !(isNew && start > 0);
    return {
      data,
      since: Math.min(isContinued ? exported.time : start, time),
      exported: exported?.time ?? -Infinity,
      change: {
        series,
        exported: { start, time, state: copyOf(state) },
      },
    };
  }
}

/** Returns a copy of a state, whose arrays are borrowed. */
function copyOf(state: State): State {
  if (typeof state === "number") return state;
  if ("scale" in state) {
    const positive = copyOfSide(state.positive);
    return { ...state, positive, negative: copyOfSide(state.negative) };
  }
  const { bounds, counts } = state;
  return { ...state, bounds: bounds.slice(), counts: counts.slice() };
}

function copyOfSide({ offset, size, counts }: Side): Side {
  return { offset, size, counts: counts.slice(0, size) };
}

/** Returns 0 for numbers, 1 for classic and 2 for exponential histograms. */
function kindOf(state: State): number {
  return typeof state === "number" ? 0 : "scale" in state ? 2 : 1;
}

/** Returns the growth of a counter. */
export function numberGrowth(before: number, now: number): number | undefined {
  if (now === before) return undefined;
  return now < before ? now : now - before;
}

/** Returns the growth of a classic histogram. */
export function classicGrowth(
  before: HistogramData,
  now: HistogramData,
): HistogramData | undefined {
  const { bounds, counts, count, sum } = now;
  const isReset = bounds.length !== before.bounds.length ||
    bounds.some((bound, i) => bound !== before.bounds[i]) ||
    counts.some((count, i) => count < before.counts[i]!);
  if (isReset) return now;
  if (count === before.count) return undefined;
  return {
    count: count - before.count,
    sum: sum === undefined ? undefined : sum - (before.sum ?? 0),
    bounds,
    counts: counts.map((count, i) => count - before.counts[i]!),
  };
}
