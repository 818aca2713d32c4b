/** Registries under a fake clock, and readers of their expositions. */
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

/** A new registry and its clock. */
export function setUp(
  options: RegistryOptions = {},
): { readonly registry: Registry; readonly clock: FakeClock } {
  const clock = new FakeClock(); // from 1 700 000 000 on
  return { registry: createRegistry({ clock, ...options }), clock };
}

/** A clock that can also go back, unlike FakeClock. */
export class WindingClock implements Clock {
  now = 1000;
  unix = (): number => this.now;
  mono = (): number => this.now;
}

/** An object as a caller without a type checker sees it. */
export type Loose = Record<string, (...args: readonly unknown[]) => never>;

/** Permits calls that the types forbid. */
export function loose(value: unknown): Loose {
  return value as Loose;
}

/** The names of all exposed families except self-metrics. */
export function namesOf(source: Source): string[] {
  return capture(source).families.map(({ desc }) => desc.name)
    .filter((name) => !name.startsWith("barograph_"));
}

/** One family of a source, if it is exposed. */
export function familyOf(
  source: Source,
  name: string,
): FamilySnapshot | undefined {
  return capture(source).families.find(({ desc }) => desc.name === name);
}

/** The label values of each series of a family. */
export function labelsOf(source: Source, name: string): string[][] {
  return tuplesOf(familyOf(source, name));
}

/** A family of numbers: `[...label values, number]` of each series. */
export function rowsOf(source: Source, name: string): (string | number)[][] {
  const family = familyOf(source, name); // one pass only: callbacks count them
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

/** The only value of a family with one series. */
export function valueOf(source: Source, name: string): number | undefined {
  const rows = rowsOf(source, name);
  if (rows.length > 1) throw new Error(`"${name}" has ${rows.length} series`);
  return rows[0]?.at(-1) as number | undefined;
}

/** The series of one self-metric that are not zero. */
function health(source: Source, name: string): Record<string, number> {
  const rows = rowsOf(source, name) as [string, number][];
  return Object.fromEntries(rows.filter(([, count]) => count > 0));
}

/** Observations that were rejected, by reason. */
export function rejectionsOf(source: Source): Record<string, number> {
  return health(source, "barograph_rejected_observations_total");
}

/** Lookups that overflowed, by family. */
export function overflowsOf(source: Source): Record<string, number> {
  return health(source, "barograph_series_overflows_total");
}

/** Failures, by the first family of the source. */
export function failuresOf(source: Source): Record<string, number> {
  return health(source, "barograph_source_failures_total");
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

/** Waits for one turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
