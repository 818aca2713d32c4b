/** The image of a slot, and what a publisher knows about its families and rows. */
import type { FamilyDesc, NativeView } from "../../model/mod.ts";
import { VERBS } from "../../model/internal.ts";
import type { Extra } from "../slot/extra.ts";
import type { Pattern } from "../slot/labels.ts";
import type { RowExtra } from "./row_extra.ts";
import {
  isCumulative,
  type SlotFamily,
  type SlotRow,
  type SlotState,
  type Tombstone,
  widthOf,
} from "../slot/slot.ts";

/** The part of a slot writer that a publisher uses. */
export interface Image {
  readonly families: readonly SlotFamily[];
  readonly rows: readonly SlotRow[];
  readonly tombstones: readonly Tombstone[];
  /** The cells of all rows; replaced when it grows. */
  cells: Float64Array;
  /** The state of each row; replaced when it grows. */
  states: Uint8Array;
  /** The state of an earlier owner of the slot, from which it continues. */
  readonly found: SlotState | undefined;
  /** Adds a family; returns its number. */
  addFamily(family: SlotFamily): number;
  /** Adds a row; returns its number. */
  addRow(row: Omit<SlotRow, "at">): number;
  addTombstone(tombstone: Tombstone): void;
  setExtra(row: number, text: string | undefined): void;
}

/** The contents of all slots, as far as they are known. */
export interface KnownSlots {
  /** Returns the highest generation of a series that was removed, or -1. */
  removedOf(name: string, labels: string): number;
  /** Returns the rows that add to totals, of families with these labels. */
  rowsOf(desc: FamilyDesc, pattern: Pattern): Iterable<KnownRow>;
}

/** A row that adds to a total. */
export interface KnownRow {
  readonly family: SlotFamily;
  readonly labels: string;
  readonly generation: number;
}

/** A row that can be written. */
export interface Entry {
  readonly family: ImageFamily;
  readonly labels: string;
  /** The value of the last label, once the registry has the series. */
  last: string;
  row: number;
  /** The index of its first cell. */
  at: number;
  generation: number;
  /** Whether the registry had the series. */
  isOwn: boolean;
  /** The number of the table that last wrote it; 0: it was no table. */
  table: number;
  /** Whether the member counted for its process when it was last written. */
  isCounted: boolean;
  /** The start that the registry last gave. */
  start: number;
  extra: RowExtra | undefined;
  /** The pass in which its part last wrote it. */
  pass: number;
}

/** The families of one signature. */
export class ImageFamily {
  /** The first declaration: others may have another help text. */
  readonly declared: SlotFamily;
  readonly desc: FamilyDesc;
  readonly isCumulative: boolean;
  /** Whether all members of a process count the same. */
  readonly isOfProcess: boolean;
  /** Whether the last cell is when the value last changed. */
  readonly isTimed: boolean;
  /** The number of cells that the registry gives. */
  readonly width: number;
  /** The number of cells that never fall, the first ones. */
  readonly counts: number;
  /** Whether exemplars belong to no cell. */
  readonly hasList: boolean;
  /** The number with which it is declared; -1: it is not. */
  number = -1;
  /** By help text: numbers in the image. */
  readonly numbers = new Map<string, number>();
  /** By labels: the rows that were not removed. */
  readonly entries = new Map<string, Entry>();

  constructor(family: SlotFamily) {
    const { desc, bounds, isNative } = family;
    this.declared = family;
    this.desc = desc;
    this.isCumulative = isCumulative(desc);
    this.isOfProcess = this.isCumulative && desc.name.startsWith("process_");
    this.isTimed = VERBS[desc.type] === "number" && desc.merge === "last";
    this.width = widthOf(family) - +this.isTimed;
    this.counts = Math.max(1, this.width - 1);
    this.hasList = isNative && bounds.length === 0;
  }
}

/** A series as the registry gives it; borrowed. */
export interface Point {
  /** One number per cell; may be longer. */
  cells: Float64Array;
  start: number;
  /** The number of its table; 0: it is not of a table. */
  table: number;
  exemplars: Extra["exemplars"];
  native: NativeView | undefined;
}

/** Returns the entry of a row. */
export function entryAt(
  family: ImageFamily,
  labels: string,
  row: number,
  at: number,
  generation: number,
): Entry {
  return {
    family,
    labels,
    last: "",
    row,
    at,
    generation,
    isOwn: false,
    table: 0,
    isCounted: false,
    start: 0,
    extra: undefined,
    pass: 0,
  };
}
