/**
 * The contents of a slot: what its owner publishes, and what every member reads.
 *
 * - A family and a row have a number, their place in the log. Numbers are never
 *   given to another family or row of the same file.
 * - The cells of all rows stand one after the other, in the order of the rows.
 */
import type { FamilyDesc } from "../../model/mod.ts";

/** A family as the log of a slot declares it. */
export interface SlotFamily {
  readonly desc: FamilyDesc;
  /** The bounds of classic buckets; empty unless it is a histogram. */
  readonly bounds: readonly number[];
  /** Whether its rows have native buckets, in their extra. */
  readonly isNative: boolean;
}

/** A row as the log of a slot declares it. */
export interface SlotRow {
  /** The number of its family. */
  readonly family: number;
  /** How many times a row of these labels was removed before. */
  readonly generation: number;
  /** When it began to count, in unix seconds; 0: unknown. */
  readonly start: number;
  /** The label values as a JSON array; the fold shares equal texts of all slots. */
  labels: string;
  /** The index of its first cell. */
  readonly at: number;
}

/** The removal of a row: it hides rows up to its generation, in all slots. */
export interface Tombstone {
  /** The number of the family. */
  readonly family: number;
  readonly generation: number;
  readonly labels: string;
}

/** The states of a row. */
export const ABSENT = 0;
/** The registry of the owner has the series. */
export const HELD = 1;
/** The series has expired in the registry of the owner. */
export const EXPIRED = 2;

/** Facts about the owner of a slot, at a publish. */
export interface SlotMeta {
  /** Grows with each owner. */
  readonly incarnation: number;
  /** When the owner joined, in unix seconds. */
  readonly joinedAt: number;
  /** Identifies the process of the owner. */
  readonly process: string;
  /** The option `run` of the owner. */
  readonly run: string;
  /** Whether the owner has left in order. */
  readonly hasLeft: boolean;
  /** The families, by number, that the owner itself has declared. */
  readonly declared: readonly number[];
}

/** The published contents of a slot. */
export interface SlotState {
  readonly meta: SlotMeta;
  /** When it was published, in unix seconds. */
  readonly publishedAt: number;
  readonly families: readonly SlotFamily[];
  readonly rows: readonly SlotRow[];
  readonly tombstones: readonly Tombstone[];
  /** The cells of all rows; may be longer. */
  readonly cells: Float64Array;
  /** The state of each row; may be longer. */
  readonly states: Uint8Array;
  /** By row: native buckets and exemplars, as text; see `extra.ts`. */
  readonly extras: ReadonlyMap<number, string>;
}

/**
 * Returns the number of cells of a row: a value, and when it last changed if the
 * newest one counts; the count and sum of a summary; the counts of the classic
 * buckets, not cumulative, and the sum of a histogram.
 */
export function widthOf({ desc, bounds }: SlotFamily): number {
  const { type, merge } = desc;
  if (type === "histogram" || type === "gaugehistogram") {
    return bounds.length + 2;
  }
  return type === "summary" || merge === "last" ? 2 : 1;
}

/**
 * Returns the text by which members compare declarations of one name: two
 * families with the same text can be merged.
 */
export function signatureOf({ desc, bounds, isNative }: SlotFamily): string {
  const { name, type, unit, labelNames, merge } = desc;
  return JSON.stringify([
    name,
    type,
    unit,
    labelNames,
    merge,
    bounds.map(String),
    isNative,
  ]);
}

/** Returns whether what was counted remains when its owner has gone. */
export function isCumulative({ type }: FamilyDesc): boolean {
  return type === "counter" || type === "histogram" || type === "summary";
}
