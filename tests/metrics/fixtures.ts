/** Registries with a fake clock, and readers of their contents. */
import type { Clock } from "../../src/base/mod.ts";
import {
  createRegistry,
  type Registry,
  type RegistryOptions,
} from "../../src/metrics/mod.ts";
import {
  capture,
  type FamilySnapshot,
  type Source,
} from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

/** Returns a new registry and its clock. */
export function setUp(
  options: RegistryOptions = {},
): { readonly registry: Registry; readonly clock: FakeClock } {
  const clock = new FakeClock(); // starts at 1 700 000 000
  return { registry: createRegistry({ clock, ...options }), clock };
}

/** A clock that can also go back, unlike FakeClock. */
export class WindingClock implements Clock {
  now = 1000;
  unix = (): number => this.now;
  mono = (): number => this.now;
}

/** An object with any methods, as for a caller without a type checker. */
export type Loose = Record<string, (...args: readonly unknown[]) => never>;

/** Permits calls that the types forbid. */
export function loose(value: unknown): Loose {
  return value as Loose;
}

/** Returns the names of all exposed families except self-metrics. */
export function namesOf(source: Source): string[] {
  return capture(source).families.map(({ desc }) => desc.name)
    .filter((name) => !name.startsWith("barograph_"));
}

/** Returns a family of a source; undefined if it is not exposed. */
export function familyOf(
  source: Source,
  name: string,
): FamilySnapshot | undefined {
  return capture(source).families.find(({ desc }) => desc.name === name);
}

/** Returns the label values of each series of a family. */
export function labelsOf(source: Source, name: string): string[][] {
  return tuplesOf(familyOf(source, name));
}

/** Returns `[...label values, number]` for each series of a family. */
export function rowsOf(source: Source, name: string): (string | number)[][] {
  const family = familyOf(source, name); // a single pass: callbacks count them
  return tuplesOf(family).map((
    values,
    row,
  ) => [...values, family!.numbers[row]!]);
}

function tuplesOf(family: FamilySnapshot | undefined): string[][] {
  if (family === undefined) return [];
  const { desc, labelValues, starts } = family;
  const arity = desc.labelNames.length;
  return Array.from(
    starts,
    (_, row) => [...labelValues.slice(row * arity, (row + 1) * arity)],
  );
}

/** Returns the value of a family with at most one series. */
export function valueOf(source: Source, name: string): number | undefined {
  const rows = rowsOf(source, name);
  if (rows.length > 1) throw new Error(`"${name}" has ${rows.length} series`);
  return rows[0]?.at(-1) as number | undefined;
}

/** Returns the series of a self-metric that are not zero. */
function selfMetricOf(source: Source, name: string): Record<string, number> {
  const rows = rowsOf(source, name) as [string, number][];
  return Object.fromEntries(rows.filter(([, count]) => count > 0));
}

/** Returns the number of rejected observations by reason. */
export function rejectionsOf(source: Source): Record<string, number> {
  return selfMetricOf(source, "barograph_rejected_observations_total");
}

/** Returns the number of overflowing lookups by family. */
export function overflowsOf(source: Source): Record<string, number> {
  return selfMetricOf(source, "barograph_series_overflows_total");
}

/** Returns the number of failures by the first family of the source. */
export function failuresOf(source: Source): Record<string, number> {
  return selfMetricOf(source, "barograph_source_failures_total");
}

/** Values that a counter rejects, and the reason for each. */
export const BAD_STEPS: readonly (readonly [unknown, string])[] = [
  [-1, "negative"],
  [-Number.MIN_VALUE, "negative"],
  [-Infinity, "negative"],
  [Infinity, "infinite"],
  [NaN, "not_a_number"],
  ["5", "not_a_number"],
  ["", "not_a_number"],
  [5n, "not_a_number"],
  [null, "not_a_number"],
  [true, "not_a_number"],
  [{}, "not_a_number"],
  [[], "not_a_number"],
  [[5], "not_a_number"],
  [Symbol("five"), "not_a_number"],
  [Object.create(null), "not_a_number"],
  [new Date(0), "not_a_number"],
  [() => 1, "not_a_number"],
];

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
