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

/** The numbers of a family: one, or one by label; undefined if unknown. */
type Numbers = number | Iterable<readonly [string, number]> | undefined;

/** A family that is read at each scrape, from facts of type `T`. */
export interface Reading<T> {
  /** The family. */
  readonly desc: FamilyDesc;
  /** Returns its numbers. */
  readonly read: (facts: T) => Numbers;
}

/** Creates a reading of a family without labels, or with the one of `label`. */
export function reading<T>(
  { label, ...init }: Pick<FamilyDesc, "name" | "type" | "help"> & {
    readonly unit?: string;
    readonly label?: string;
  },
  read: (facts: T) => Numbers,
): Reading<T> {
  const labelNames = label === undefined ? [] : [label];
  return { desc: familyDesc({ ...init, labelNames }), read };
}

/**
 * Returns a source that exposes the known `readings` of `facts`, which is called
 * once a scrape. `start` returns the start time of counters, in unix seconds.
 */
export function sourceOf<T>(
  readings: readonly Reading<T>[],
  facts: () => T,
  start: () => number = () => 0,
): Source {
  return replaceable({
    descs: readings.map(({ desc }) => desc),
    collect(sink) {
      const found = facts();
      for (const { desc, read } of readings) {
        const numbers = read(found);
        if (numbers === undefined || !sink.family(desc)) continue;
        const since = desc.type === "counter" ? start() : 0;
        if (typeof numbers === "number") {
          sink.number(Labels.NONE, numbers, since);
          continue;
        }
        for (const [value, number] of numbers) {
          sink.number(new Labels(desc.labelNames, [value]), number, since);
        }
      }
    },
  });
}
