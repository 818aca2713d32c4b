/** The checks of a declaration's options, whatever the type of the metric. */
import type { FamilyDesc, MetricType } from "../model/mod.ts";
import { labelText } from "./family_view.ts";
import type { FamilyOptions, Names, ValueSets } from "./labels.ts";
import type {
  HistogramOptions,
  ScopeOptions,
  StateSetOptions,
  SummaryOptions,
} from "./registry.ts";
import type { TableLimits } from "./table.ts";

/** Any declaration's options. */
export type Options = FamilyOptions<Names, ValueSets>;

/** The options of what has more of them. */
export interface OptionsOf {
  readonly histogram: HistogramOptions<Names, ValueSets>;
  readonly summary: SummaryOptions<Names, ValueSets>;
  readonly stateset: StateSetOptions<string, Names, ValueSets>;
  readonly scope: ScopeOptions;
}

/** Enough for any family that a person looks at, too little to fill memory. */
const DEFAULT_MAX_SERIES = 10_000;

const COMMON = [
  "name",
  "help",
  "unit",
  "namespace",
  "subsystem",
  "labels",
  "values",
  "known",
  "maxSeries",
  "expireAfter",
];

const MORE: Partial<Record<MetricType, readonly string[]>> = {
  counter: ["read", "refresh"],
  gauge: ["read", "refresh"],
  histogram: ["buckets", "dropNaN"],
  summary: ["quantiles", "maxAge", "ageBuckets"],
  stateset: ["states"],
};

/**
 * Refuses options of a wrong kind: for callers without a type checker.
 *
 * @throws {TypeError | RangeError} With the offending option.
 */
export function checkOptions(type: MetricType, options: Options): void {
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot declare ${type} "${options.name}": ${why}`);
  };
  const legal = [...COMMON, ...MORE[type] ?? []];
  for (const key of Object.keys(options)) {
    if (legal.includes(key)) continue;
    refuse(`there is no option "${key}"; give any of ${legal.join(", ")}`);
  }
  const { name, labels = [], values = {} } = options;
  if (typeof name !== "string") refuse(`name must be a string`);
  if (name.includes(":")) {
    refuse(
      `a colon is for the names of recording rules; ` +
        `try "${name.replaceAll(":", "_")}"`,
    );
  }
  if (!Array.isArray(labels)) {
    refuse(`labels must be a list of names, such as ["method", "status"]`);
  }
  for (const [label, set] of Object.entries(values)) {
    if (!labels.includes(label)) {
      refuse(`values are listed for "${label}", which is not among the labels`);
    }
    if (!Array.isArray(set) || set.length === 0) {
      refuse(`values of "${label}" must be a list of at least one value`);
    }
  }
}

/** The name that is queried: prefix, namespace, subsystem, name. */
export function fullName(prefix: string, options: Options): string {
  const { namespace = "", subsystem = "", name } = options;
  return prefix + [namespace, subsystem, name].filter((part) => part !== "")
    .join("_");
}

/**
 * The limits of a declaration.
 *
 * @throws {RangeError} If one of them is no limit.
 */
export function limitsOf(desc: FamilyDesc, options: Options): TableLimits {
  const { maxSeries = DEFAULT_MAX_SERIES, expireAfter = Infinity } = options;
  if (!(Number.isInteger(maxSeries) && maxSeries >= 1)) {
    throw new RangeError(
      `Cannot declare ${desc.type} "${desc.name}": maxSeries is ${maxSeries}; ` +
        `give a whole number from 1 on`,
    );
  }
  if (!(expireAfter > 0)) {
    throw new RangeError(
      `Cannot declare ${desc.type} "${desc.name}": expireAfter is ` +
        `${expireAfter}; give seconds above 0`,
    );
  }
  const sets = options.values ?? {};
  const closed = desc.labelNames.map((label) =>
    Object.hasOwn(sets, label)
      ? new Set(sets[label]!.map(labelText))
      : undefined
  );
  return { maxSeries, expireAfter, closed };
}
