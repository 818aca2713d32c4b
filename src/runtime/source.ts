/** Sources of numbers that are read at each scrape. */
import type { MetricNames } from "../base/mod.ts";
import { METRIC_NAMES, wrongOption } from "../base/internal.ts";
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
  /** The only names under which it is exposed. Default: all. */
  readonly only: MetricNames | undefined;
}

/** Creates a reading of a family without labels, or with the one of `label`. */
export function reading<T>(
  { label, only, ...init }: Pick<FamilyDesc, "name" | "type" | "help"> & {
    readonly unit?: string;
    readonly label?: string;
    readonly only?: MetricNames | undefined;
  },
  read: (facts: T) => Numbers,
): Reading<T> {
  const labelNames = label === undefined ? [] : [label];
  return { desc: familyDesc({ ...init, labelNames }), read, only };
}

/** Returns whether a family is exposed that exists only under the names `only`. */
export function isNamed(
  names: MetricNames,
  only: MetricNames | undefined,
): boolean {
  return names === "both" || only === undefined || only === names;
}

/** @throws {TypeError} If `names` are no names of metrics. */
export function checkNames(names: MetricNames): void {
  if (METRIC_NAMES.accepts(names)) return;
  throw wrongOption("Cannot measure a process", "names", names, METRIC_NAMES);
}

/**
 * Returns a source that exposes the known readings of `facts`, which is called
 * once a scrape: those of `all` that exist under `names`. `start` returns the start time of counters, in unix seconds.
 */
export function sourceOf<T>(
  all: readonly Reading<T>[],
  facts: () => T,
  names: MetricNames,
  start: () => number = () => 0,
): Source {
  const readings = all.filter(({ only }) => isNamed(names, only));
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
