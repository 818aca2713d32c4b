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

/** What is declared: a type of metric, or a callback of one. */
export type Declaring = MetricType | "callback counter" | "callback gauge";

const BARE = [
  "name",
  "help",
  "unit",
  "namespace",
  "subsystem",
  "labels",
  "values",
  "maxSeries",
  "merge",
];
const COMMON = [...BARE, "known", "expireAfter"];
const CALLBACK = [...BARE, "read", "refresh"];

const LEGAL: Partial<Record<Declaring, readonly string[]>> = {
  "callback counter": CALLBACK,
  "callback gauge": CALLBACK,
  histogram: [...COMMON, "buckets", "native", "dropNaN"],
  summary: [...COMMON, "quantiles", "maxAge", "ageBuckets"],
  stateset: [...COMMON, "states"],
};

/**
 * Refuses options of a wrong kind: for callers without a type checker.
 *
 * @throws {TypeError} With the offending option and what to give.
 */
export function checkOptions(what: Declaring, options: Options): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot declare ${what}: give options such as { name: "…", help: "…" }`,
    );
  }
  const { name, labels = [], values = {}, known } = options;
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot declare ${what} "${String(name)}": ${why}`);
  };
  checkKeys(options, LEGAL[what] ?? COMMON, refuse);
  const texts = { unit: "", namespace: "", subsystem: "", ...options };
  for (const key of ["name", "unit", "namespace", "subsystem"] as const) {
    if (typeof texts[key] !== "string") refuse(`${key} must be a string`);
  }
  if (name.includes(":")) {
    refuse(
      `a colon is for the names of recording rules; ` +
        `try "${name.replaceAll(":", "_")}"`,
    );
  }
  if (!Array.isArray(labels)) {
    refuse(`labels must be a list of names, such as ["method", "status"]`);
  }
  if (known !== undefined && known !== "all" && !Array.isArray(known)) {
    refuse(`known must be "all" or a list of label sets`);
  }
  if (typeof values !== "object" || values === null) {
    refuse(
      `values must be lists by label, such as { status: ["ok", "error"] }`,
    );
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

/**
 * Refuses options of a scope that are none.
 *
 * @throws {TypeError} With the offending option.
 */
export function checkScope(options: ScopeOptions): void {
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot make a scope: ${why}`);
  };
  if (typeof options !== "object" || options === null) {
    refuse(`give options such as { prefix: "shop_" }`);
  }
  checkKeys(options, ["prefix", "labels", "names"], refuse);
  checkNames(options.names, "Cannot make a scope");
  const { prefix = "", labels = {} } = options;
  if (typeof prefix !== "string") refuse(`prefix must be a string`);
  if (typeof labels !== "object" || labels === null) {
    refuse(`labels must be values by name, such as { region: "eu" }`);
  }
}

/**
 * Refuses a rule for names that is none; undefined is no rule at all.
 *
 * @throws {TypeError} With what to give; `doing` says what cannot be done.
 */
export function checkNames(names: unknown, doing: string): void {
  if ([undefined, "classic", "utf-8"].includes(names as string)) return;
  throw new TypeError(
    `${doing}: names is ${JSON.stringify(names)}; give "classic" or "utf-8"`,
  );
}

function checkKeys(
  options: object,
  legal: readonly string[],
  refuse: (why: string) => never,
): void {
  for (const key of Object.keys(options)) {
    if (legal.includes(key)) continue;
    refuse(`there is no option "${key}"; give any of ${legal.join(", ")}`);
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
  if (typeof expireAfter !== "number" || !(expireAfter > 0)) {
    throw new RangeError(
      `Cannot declare ${desc.type} "${desc.name}": expireAfter is ` +
        `${expireAfter}; give seconds above 0`,
    );
  }
  const sets = options.values ?? {};
  const closed = desc.labelNames.map((label) =>
    Object.hasOwn(sets, label)
      ? new Set(sets[label]!.map((value) => labelText(value).toWellFormed()))
      : undefined
  );
  return { maxSeries, expireAfter, closed };
}
