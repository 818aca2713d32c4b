/** The series of a merged family, and their labels. */
import type { Exemplar, FamilyDesc, HistogramView } from "../../model/mod.ts";
import type { SlotFamily } from "../slot/slot.ts";
import type { Placed } from "./sorted_rows.ts";

/** The family of an entry. */
export interface EntryFamily {
  /** The declaration that all of its slots share, except for the help. */
  readonly declared: SlotFamily;
  /** The entries to merge again. */
  readonly dirty: Entry[];
  /** Removes the row of a slot from an entry. */
  removeRow(entry: Entry, slot: number): void;
}

/** One series of a merged family. */
export class Entry implements Placed {
  readonly family: EntryFamily;
  /** Its number: in the family, or among the entries of its slot. */
  readonly id: number;
  /** The only slot that it has a row of; -1: it can have one of each. */
  readonly slot: number;
  /** Its label values as JSON. */
  readonly key: string;
  readonly values: readonly string[];
  position = -1;
  isDirty = false;
  /** Whether more than cells of its rows has changed since it was merged. */
  isStale = false;
  /** The number of slots' rows that it is made of. */
  uses = 0;
  /** The highest generation that was removed: rows up to it do not count. */
  removed: number;
  start = 0;
  /** Whether one of its rows has, or had, exemplars or native buckets. */
  hasExtra = false;
  exemplars: readonly (Exemplar | undefined)[] = [];
  /** The merged histogram, if it has native buckets. */
  view: HistogramView | undefined;

  constructor(
    family: EntryFamily,
    id: number,
    slot: number,
    key: string,
    values: readonly string[],
    removed: number,
  ) {
    this.family = family;
    this.id = id;
    this.slot = slot;
    this.key = key;
    this.values = values;
    this.removed = removed;
  }

  /** Marks it to be merged again. */
  mark(): void {
    this.isStale = true;
    this.markCells();
  }

  /** Like `mark`, if only cells of its rows have changed. */
  markCells(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.family.dirty.push(this);
  }
}

/** Adds the text of the label of members: before the state of a stateset. */
export function withMember(
  { type }: FamilyDesc,
  texts: readonly string[],
  text: string,
): string[] {
  return type === "stateset"
    ? [...texts.slice(0, -1), text, ...texts.slice(-1)]
    : [...texts, text];
}

/** Returns the label values in a JSON; undefined if they are illegal. */
export function valuesFrom(
  labels: string,
  { type, labelNames }: FamilyDesc,
): string[] | undefined {
  try {
    const values: unknown = JSON.parse(labels);
    if (!Array.isArray(values) || values.length !== labelNames.length) {
      return undefined;
    }
    if (type === "stateset" && values.at(-1) === "") return undefined;
    return values.map((value: string) => value.toWellFormed());
  } catch {
    return undefined;
  }
}
