/** The limits of a family: how many series it has, for how long, which values. */
import type { FamilyDesc } from "../model/mod.ts";
import type { FamilyOptions, Names, ValueSets } from "./labels.ts";
import { labelText } from "./label_text.ts";

/** The value of every label of the overflow series, unless it is in use. */
export const OVERFLOW = "overflow";

/** The limits of a table and of its label values. */
export interface TableLimits {
  readonly maxSeries: number;
  /** Seconds; `Infinity` for never. */
  readonly expireAfter: number;
  /** By label: its closed value set; undefined if it has none. */
  readonly closed: readonly (ReadonlySet<string> | undefined)[];
  /** The longest value of a label without a closed value set. */
  readonly longest: number;
  /** Values of scopes that are longer. */
  readonly constants: Set<string>;
}

/** Returns the limits that a declaration requests. */
export function limitsOf(
  desc: FamilyDesc,
  options: FamilyOptions<Names, ValueSets>,
  longest: number,
): TableLimits {
  const { maxSeries, expireAfter } = options;
  const sets: ValueSets = options.values ?? {};
  const closed: (ReadonlySet<string> | undefined)[] = [];
  for (const label of desc.labelNames) {
    const set = Object.hasOwn(sets, label) ? sets[label] : undefined;
    closed.push(set && new Set(set.map(closedText)));
  }
  return {
    maxSeries: maxSeries!,
    expireAfter: expireAfter ?? Infinity,
    closed,
    longest,
    constants: new Set(),
  };
}

/**
 * Returns whether the label at `at` may have this value. Values of clients are
 * kept and exposed, so their length is limited.
 */
export function isLegalValue(
  { closed, longest, constants }: TableLimits,
  at: number,
  value: string,
): boolean {
  return closed[at]?.has(value) ??
    (value.length <= longest || constants.has(value));
}

function closedText(value: unknown): string {
  return labelText(value).toWellFormed();
}
