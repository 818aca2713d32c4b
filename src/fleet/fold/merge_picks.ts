/**
 * The rules by which rows of several slots become one.
 *
 * Cells are read with care: a forged file must not make an encoder throw.
 */
import type {
  Exemplar,
  FamilyDesc,
  HistogramView,
  MergeRule,
} from "../../model/mod.ts";
import {
  checkHistogram,
  mergeHistograms,
  newestExemplar,
  orderNumbers,
  VERBS,
} from "../../model/internal.ts";
import type { Extra } from "../slot/extra.ts";
import type { SlotFamily } from "../slot/slot.ts";

/** The rows of a slot, in columns. */
export interface SlotRows {
  /** The number of the slot. */
  readonly slot: number;
  readonly publishedAt: number;
  /** Whether its owner counts: it has not left, and is not known to be dead. */
  readonly isLive: boolean;
  /** Whether it is the lowest live slot of its process. */
  readonly isLeader: boolean;
  readonly cells: Float64Array;
  /** By row: see `slot.ts`. */
  readonly states: Uint8Array;
  /** By row: the index of its first cell. */
  readonly at: Int32Array;
  /** By row. */
  readonly generations: Float64Array;
  /** By row: when it began, in unix seconds; 0: unknown. */
  readonly starts: Float64Array;
  /** Returns the extra of a row; undefined if its text is illegal. */
  extraOf(row: number): Extra | undefined;
}

/** The rows that count for one series, in the order of their slots. */
export interface Picks {
  count: number;
  readonly slots: SlotRows[];
  readonly rows: number[];
}

/** A family that rows are merged for. */
export interface MergeTerms {
  readonly declared: SlotFamily;
  readonly byMember: boolean;
  /** The bounds of classic buckets. */
  readonly bounds: Float64Array;
}

/** The largest count of a bucket, so that the sum of all is finite. */
const MAX_BUCKET = 2 ** 960;

/** The largest count of a summary: protobuf has no larger integers. */
const MAX_SUMMARY = 2 ** 63;

/** Merges the cells of the picked rows into `merged`; there is at least one. */
export function mergeCells(
  { declared, byMember }: MergeTerms,
  picks: Picks,
  merged: Float64Array,
): void {
  const { desc } = declared;
  const { type } = desc;
  const rule = ruleOf(desc, byMember);
  if (rule === "last") keepNewest(desc, picks);
  if (type === "info") merged[0] = 1;
  else if (VERBS[type] === "number") {
    merged[0] = mergeNumbers(desc, rule, picks);
  } else addCells(picks, merged);
}

/**
 * Limits totals and counts: an infinite one never comes back. NaN gets the bits
 * that every engine writes alike: those of a sum depend on the engine.
 */
export function limitCells(
  { type }: FamilyDesc,
  merged: Float64Array,
): void {
  const last = merged.length - 1;
  if (Number.isNaN(merged[last])) merged[last] = NaN;
  if (type === "counter") merged[0] = Math.min(merged[0]!, Number.MAX_VALUE);
  if (VERBS[type] === "number") return;
  const max = type === "summary" ? MAX_SUMMARY : MAX_BUCKET;
  for (let cell = 0; cell < last; cell++) {
    if (merged[cell]! > max) merged[cell] = max;
  }
}

/** Returns the rule for the rows of one entry. */
function ruleOf({ merge }: FamilyDesc, byMember: boolean): MergeRule {
  if (merge !== "each-worker") return merge;
  return byMember ? "sum" : "last"; // with a label of members it is one row
}

/** Keeps the row that changed last; of several the one of the lowest slot. */
function keepNewest(desc: FamilyDesc, picks: Picks): void {
  const { count, slots, rows } = picks;
  const isTimed = desc.merge === "last" && VERBS[desc.type] === "number";
  let newest = 0;
  let time = -Infinity;
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!;
    const changed = isTimed
      ? slot.cells[slot.at[rows[i]!]! + 1]!
      : slot.publishedAt;
    if (!(changed > time)) continue;
    time = changed;
    newest = i;
  }
  slots[0] = slots[newest]!;
  rows[0] = rows[newest]!;
  picks.count = 1;
}

function mergeNumbers(
  { type }: FamilyDesc,
  rule: MergeRule,
  { count, slots, rows }: Picks,
): number {
  let merged = numberIn(type, slots[0]!, rows[0]!);
  for (let i = 1; i < count; i++) {
    const value = numberIn(type, slots[i]!, rows[i]!);
    if (rule === "max") {
      if (orderNumbers(value, merged) > 0) merged = value;
    } else if (rule === "min") merged = lesser(merged, value);
    else merged += value;
  }
  return merged;
}

function lesser(a: number, b: number): number {
  return Number.isNaN(a) || b < a ? b : a;
}

function numberIn(
  type: FamilyDesc["type"],
  { cells, at }: SlotRows,
  row: number,
): number {
  const value = cells[at[row]!]! + 0; // never -0
  if (type === "counter") return totalOf(value);
  return type === "stateset" ? +(value === 1) : value;
}

/** Adds up cells of which all are counts except the sum of observations. */
function addCells({ count, slots, rows }: Picks, merged: Float64Array): void {
  merged.fill(0);
  const { length } = merged;
  const sumAt = length - 1;
  for (let i = 0; i < count; i++) {
    const { cells, at } = slots[i]!;
    const from = at[rows[i]!]!;
    for (let cell = 0; cell < sumAt; cell++) {
      merged[cell]! += countOf(cells[from + cell]!);
    }
    merged[sumAt]! += cells[from + sumAt]!;
  }
}

/** Returns the total in a cell of a counter; 0 if it is illegal. */
export function totalOf(cell: number): number {
  return cell >= 0 ? cell + 0 : 0; // never -0
}

/** Returns the count in a cell; 0 if it is illegal. */
export function countOf(cell: number): number {
  return cell >= 0 && cell - Math.floor(cell) === 0 ? cell : 0;
}

/**
 * Returns the newest exemplar of each cell; `known` if these are the same, and
 * an empty list if there are none.
 */
export function newestExemplars(
  { declared: { desc, bounds, isNative } }: MergeTerms,
  { count, slots, rows }: Picks,
  known: readonly (Exemplar | undefined)[],
): readonly (Exemplar | undefined)[] {
  const cells = desc.type === "counter" ? 1 : bounds.length + 1;
  const isList = isNative && bounds.length === 0; // see `mergedHistogram`
  let newest: (Exemplar | undefined)[] | undefined;
  for (let i = 0; i < count && !isList; i++) {
    const exemplars = slots[i]!.extraOf(rows[i]!)?.exemplars ?? [];
    for (let cell = 0; cell < Math.min(cells, exemplars.length); cell++) {
      newest ??= new Array<Exemplar | undefined>(cells).fill(undefined);
      newest[cell] = newestExemplar(newest[cell], exemplars[cell]);
    }
  }
  const found = newest ?? NONE;
  const isSame = found.length === known.length &&
    found.every((exemplar, cell) => exemplar === known[cell]);
  return isSame ? known : found;
}

const NONE: readonly (Exemplar | undefined)[] = [];

/**
 * Returns the histogram of the picked rows with its native buckets. `merged` are
 * its cells, `exemplars` those of its classic buckets. Undefined if buckets and
 * counts do not agree, which only a forged file can cause.
 */
export function mergedHistogram(
  { declared: { desc }, bounds }: MergeTerms,
  { count, slots, rows }: Picks,
  merged: Float64Array,
  exemplars: readonly (Exemplar | undefined)[],
): HistogramView | undefined {
  const counts = merged.slice(0, -1);
  let total = 0;
  for (const each of counts) total += each;
  let native: HistogramView | undefined;
  for (let i = 0; i < count; i++) {
    const extra = slots[i]!.extraOf(rows[i]!);
    if (extra === undefined) return undefined;
    if (extra.native === undefined) continue;
    const view: HistogramView = { ...NOTHING, ...extra };
    native = native === undefined ? view : mergeHistograms(native, view);
  }
  const view: HistogramView = {
    count: total,
    sum: merged.at(-1)!,
    bounds,
    counts,
    exemplars: bounds.length > 0 ? exemplars : native?.exemplars ?? [],
    native: native?.native ?? EMPTY,
  };
  try {
    checkHistogram(desc, view);
    return view;
  } catch {
    return undefined;
  }
}

/** The classic part of a histogram that is merged for its native buckets only. */
const NOTHING = {
  count: 0,
  sum: 0,
  bounds: new Float64Array(0),
  counts: new Float64Array(1),
};

const NO_BUCKETS = {
  offset: 0,
  size: 0,
  counts: new Float64Array(0),
  overflow: 0,
};

/** The native buckets before the first observation. */
const EMPTY = {
  schema: 3,
  zeroThreshold: 2 ** -128,
  zeroCount: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
};

/** Returns the earliest known start; 0: none is known. */
export function startOf({ count, slots, rows }: Picks): number {
  let earliest = Infinity;
  for (let i = 0; i < count; i++) {
    const start = slots[i]!.starts[rows[i]!]!;
    if (start > 0 && start < earliest) earliest = start;
  }
  return earliest === Infinity ? 0 : earliest;
}
