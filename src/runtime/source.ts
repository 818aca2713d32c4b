/** Sources of numbers that are read at each scrape. */
import {
  type FamilyDesc,
  familyDesc,
  Labels,
  type Source,
} from "../model/mod.ts";
import { ROLE } from "../model/internal.ts";

/**
 * Marks a source of this folder: added again, as after a hot reload, it replaces
 * the earlier one.
 */
export function replaceable<S extends Source>(source: S): S {
  return Object.assign(source, { [ROLE]: "runtime" });
}

/** A number that is read at each scrape. */
export interface Reading {
  /** The family of the number. */
  readonly desc: FamilyDesc;
  /** Returns the number; undefined if it is unknown. */
  readonly read: () => number | undefined;
}

/** Creates a reading of a family without labels. */
export function reading(
  init: Pick<FamilyDesc, "name" | "type" | "help"> & { unit?: string },
  read: () => number | undefined,
): Reading {
  return { desc: familyDesc(init), read };
}

/**
 * Returns a source that exposes the known `readings`. `start` returns the start
 * time of counters, in unix seconds.
 */
export function sourceOf(
  readings: readonly Reading[],
  start: () => number,
): Source {
  return replaceable({
    descs: readings.map(({ desc }) => desc),
    collect(sink) {
      for (const { desc, read } of readings) {
        const value = read();
        if (value === undefined || !sink.family(desc)) continue;
        sink.number(Labels.NONE, value, desc.type === "counter" ? start() : 0);
      }
    },
  });
}
