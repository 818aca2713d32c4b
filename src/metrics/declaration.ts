/** The checks of a declaration's options, whatever the type of the metric. */
import { checkOptions, type Kinds } from "../base/internal.ts";
import type { FamilyDesc } from "../model/mod.ts";
import { labelText } from "./family_view.ts";
import type { FamilyOptions, Names, ValueSets } from "./labels.ts";
import type { TableLimits } from "./table.ts";

/** Any declaration's options. */
export type Options = FamilyOptions<Names, ValueSets>;

/** Enough for any family that a person looks at, too little to fill memory. */
const DEFAULT_MAX_SERIES = 10_000;

/** What some options may be, and what to type. */
export type Rules = Kinds<Readonly<Record<string, unknown>>>;

/** Whether it is a list. */
export const isList = (value: unknown): boolean => Array.isArray(value);

const TEXT = [["string"], "a text"] as const;
const NAME = [["string"], 'a text, such as "jobs_total"'] as const;

/** Which names may be declared. */
export const NAMES = [
  (value: unknown): boolean => value === "classic" || value === "utf-8",
  '"classic" or "utf-8"',
] as const;

/** What every declaration may say. */
const COMMON: Rules = {
  name: NAME,
  help: [() => true, "a sentence"], // looked at with the description
  unit: TEXT,
  namespace: TEXT,
  subsystem: TEXT,
  labels: [isList, 'a list of names, such as ["method", "status"]'],
  values: [
    (value) => typeof value === "object" && value !== null,
    'lists by label, such as { status: ["ok", "error"] }',
  ],
  maxSeries: [
    (value) => Number.isInteger(value) && value as number >= 1,
    "a whole number from 1 on",
  ],
  merge: [() => true, "a rule"],
};

/** What all may say but callbacks, whose series are not recorded. */
export const RECORDED: Rules = {
  known: [
    (value) => value === "all" || isList(value),
    '"all" or a list of label sets',
  ],
  expireAfter: [
    (value) => typeof value === "number" && value > 0,
    "seconds above 0",
  ],
};

/**
 * Refuses options that are wrong; `more` are those of the type.
 *
 * @throws {TypeError | RangeError} With the offending option and what to give.
 */
export function checkDeclaration(
  what: string,
  options: Options,
  more: Rules,
): void {
  const { name, labels = [], values = {} } = options ?? {};
  const action = `Cannot declare ${what}` +
    (typeof name === "string" ? ` "${name}"` : "");
  checkOptions(action, options, { ...COMMON, ...more } as Kinds<Options>);
  const refuse = (why: string): never => {
    throw new TypeError(`${action}: ${why}`);
  };
  if (name === undefined) refuse(`name is missing; give ${NAME[1]}`);
  if (name.includes(":")) {
    refuse(
      `a colon is for the names of recording rules; ` +
        `try "${name.replaceAll(":", "_")}"`,
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

/** The name that is queried: prefix, namespace, subsystem, name. */
export function fullName(prefix: string, options: Options): string {
  const { namespace, subsystem, name } = options;
  return prefix + [namespace, subsystem, name].filter((part) => part).join("_");
}

/** The limits of a declaration that was checked. */
export function limitsOf(desc: FamilyDesc, options: Options): TableLimits {
  const { maxSeries = DEFAULT_MAX_SERIES, expireAfter = Infinity } = options;
  const sets = options.values ?? {};
  const closed = desc.labelNames.map((label) =>
    Object.hasOwn(sets, label)
      ? new Set(sets[label]!.map((value) => labelText(value).toWellFormed()))
      : undefined
  );
  return { maxSeries, expireAfter, closed };
}
