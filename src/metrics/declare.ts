/**
 * Declares families, in the same way for all kinds: checks the options, makes
 * the description and the table, or finds the existing one.
 */
import {
  display,
  MAX_TEXT,
  type OptionSchema,
  ownValue,
  readOptions,
  rule,
  text,
} from "../base/internal.ts";
import type { FamilyDesc, Source } from "../model/mod.ts";
import { descFrom } from "../model/internal.ts";
import type { DeclarationScope, Declared, Families } from "./families.ts";
import { FamilyHandle } from "./family.ts";
import type { InstrumentKind, Terms } from "./kind.ts";
import type { FamilyOptions, Names, ValueSets } from "./labels.ts";
import type { Series } from "./series.ts";
import { limitsOf, type TableLimits } from "./limits.ts";
import { Table } from "./table.ts";

/** The options of any declaration. */
export type Options = FamilyOptions<Names, ValueSets>;

/** More series than people look at, but too few to fill the memory. */
const DEFAULT_MAX_SERIES = 10_000;

const isList = (value: unknown): boolean => Array.isArray(value);

/** The options of all declarations. */
const COMMON = {
  name: text("jobs_total"),
  help: rule<string>(() => true, "a sentence"), // checked by descFrom
  unit: text("seconds"),
  namespace: text("shop"),
  subsystem: text("orders"),
  labels: rule<Names>(
    isList,
    'a list of names, such as ["method", "status"]',
    [],
  ),
  values: rule<ValueSets>(
    (value) => typeof value === "object" && value !== null,
    'lists by label, such as { status: ["ok", "error"] }',
    {},
  ),
  maxSeries: rule<number>(
    (value) => Number.isInteger(value) && value as number >= 1,
    "a whole number from 1 on",
    DEFAULT_MAX_SERIES,
  ),
  merge: rule<string>(() => true, "a rule"), // checked by descFrom
} as const satisfies OptionSchema;

/** For types without a unit: `unit` is not listed, and descFrom refuses it. */
export const NO_UNIT = {
  unit: /* @__PURE__ */ rule<string>(() => true, ""),
} as const satisfies OptionSchema;

/** The options of all kinds except callback metrics. */
const RECORDED = {
  known: rule<Options["known"]>(
    (value) => value === "all" || isList(value),
    '"all" or a list of label sets',
  ),
  expireAfter: rule<number>(
    (value) => typeof value === "number" && value > 0,
    "seconds above 0",
    Infinity,
  ),
} as const satisfies OptionSchema;

/** A declared table. */
export interface DeclaredTable extends Declared {
  /** The handle without bound labels; made when it is first needed. */
  handle: FamilyHandle<Series> | undefined;
}

/** Internal hooks of the kinds whose declaration returns no series. */
export interface KindHooks {
  /**
   * Returns the term that says by whom values are recorded. Present if they come
   * from callbacks; `fixed` are the labels of the scope.
   */
  recording?(fixed: ReadonlyMap<string, string>): string;
  /** Returns the source that is exposed in place of the table. */
  source?(table: Table, handle: FamilyHandle<Series>): Source;
  /** Returns the result of the declaration. */
  instrument?(
    handle: FamilyHandle<Series>,
    declared: DeclaredTable,
    families: Families,
    options: Options,
  ): unknown;
}

/** Any kind, with or without hooks. */
export type AnyKind = Omit<InstrumentKind<Series>, "plan" | "rules"> & {
  readonly rules: OptionSchema;
  plan(options: Options): ReturnType<InstrumentKind<Series>["plan"]>;
} & KindHooks;

const OPTIONAL = [
  "title",
  "merge",
  "ownLabel",
  "recording",
  "source",
  "instrument",
] as const;

/** Returns a kind without what only `Object.prototype` has. */
function ownKind(kind: AnyKind): AnyKind {
  if (kind === undefined || kind === null) return kind;
  const foreign = OPTIONAL.filter((name) =>
    kind[name] !== undefined && ownValue(kind, name) === undefined
  );
  if (foreign.length === 0) return kind;
  const none = foreign.map((name) => [name, { value: undefined }]);
  return Object.create(kind, Object.fromEntries(none));
}

/** By kind: the schema of its declarations, made with the first one. */
const SCHEMAS = /* @__PURE__ */ new WeakMap<AnyKind, OptionSchema>();

/**
 * Declares a family. Without labels, the result is its only series.
 *
 * @throws {TypeError | RangeError} If a name or an option is wrong.
 * @throws {FamilyConflictError} If the family is declared already with other
 *   terms, or another family writes one of its names.
 */
export function declare(
  { families, names, prefix, fixed }: DeclarationScope,
  given: AnyKind,
  request: Options,
): unknown {
  const kind = ownKind(given);
  const options = checked(kind, request);
  const { terms: own, layout } = { terms: undefined, ...kind.plan(options) };
  const { labels = [], help, unit, merge, known } = options;
  const { namespace, subsystem } = options;
  const name = prefix +
    [namespace, subsystem, options.name].filter(Boolean).join("_");
  const labelNames = fixed.size === 0 ? labels : [...fixed.keys(), ...labels];
  const arity = labelNames.length;
  const desc = descFrom({
    name,
    type: kind.type,
    help,
    unit,
    labelNames: kind.ownLabel === undefined
      ? labelNames
      : [...labelNames, kind.ownLabel(name)],
    merge: merge ?? kind.merge,
  }, names);
  const limits = limitsOf(
    desc,
    options,
    kind.type === "info" ? Infinity : MAX_TEXT, // facts come from the program
  );
  const terms = {
    type: desc.type,
    kind: kind.id,
    recording: kind.recording?.(fixed) ?? "direct",
    ...termsOf(desc, limits),
    ...own,
  };
  let handle: FamilyHandle<Series> | undefined;
  const declared = families.declare(desc, terms, (): DeclaredTable => {
    const table = new Table(
      desc,
      layout(),
      limits,
      families.selfMetrics,
      arity,
    );
    const made = { terms, source: table, table, handle: undefined };
    if (known === undefined && kind.source === undefined) return made;
    handle = handleOf(made, fixed, known); // an error leaves no family behind
    return { ...made, source: kind.source?.(table, handle) ?? table };
  });
  if (arity === 0 && kind.instrument === undefined) {
    return declared.table.resolve(NO_VALUES);
  }
  handle ??= handleOf(declared, fixed, known);
  if (kind.instrument !== undefined) {
    return kind.instrument(handle, declared, families, options);
  }
  return labels.length === 0 ? handle.at() : handle;
}

const NO_VALUES: readonly string[] = [];

/** Returns the handle for a scope, and creates the known series. */
function handleOf(
  declared: DeclaredTable,
  fixed: ReadonlyMap<string, string>,
  known: Options["known"],
): FamilyHandle<Series> {
  const { constants, longest } = declared.table.limits;
  for (const value of fixed.values()) {
    if (value.length > longest) constants.add(value.toWellFormed());
  }
  const handle = fixed.size === 0
    ? declared.handle ??= new FamilyHandle(declared.table)
    : new FamilyHandle(declared.table, fixed);
  if (known !== undefined) handle.init(known === "all" ? undefined : known);
  return handle;
}

/**
 * Returns the options with their defaults. Checks here what depends on several
 * options.
 */
function checked(kind: AnyKind, given: Options): Options {
  const title = kind?.title ?? kind?.type ?? display(kind);
  const action = `Cannot declare ${title}` +
    (typeof given?.name === "string" ? ` "${given.name}"` : "");
  const refuse = (why: string): never => {
    throw new TypeError(`${action}: ${why}`);
  };
  if (typeof kind?.plan !== "function") {
    refuse("it is no kind; give one, such as gauges");
  }
  let schema = SCHEMAS.get(kind);
  if (schema === undefined) {
    const recorded = kind.recording === undefined ? RECORDED : {};
    schema = { ...COMMON, ...recorded, ...kind.rules };
    SCHEMAS.set(kind, schema);
  }
  const options = {
    known: undefined, // own, even if the kind has no such option
    expireAfter: undefined,
    ...readOptions(
      action,
      schema,
      given as unknown as Record<string, unknown>,
    ),
  } as unknown as Options;
  const { name, labels = [] } = options;
  if (name === undefined) refuse(`name is missing; give ${COMMON.name.advice}`);
  if (name.includes(":")) {
    refuse(
      `colons are reserved for recording rules; ` +
        `try "${name.replaceAll(":", "_")}"`,
    );
  }
  const sets: ValueSets = options.values ?? {};
  for (const [label, set] of Object.entries(sets)) {
    if (!labels.includes(label)) {
      refuse(`values are listed for "${label}", which is not among the labels`);
    }
    if (!Array.isArray(set) || set.length === 0) {
      refuse(`values of "${label}" must be a list of at least one value`);
    }
  }
  return options;
}

/** Returns the terms that all kinds have. */
function termsOf(desc: FamilyDesc, limits: TableLimits): Terms {
  const { labelNames, help, unit, merge } = desc;
  const values: Record<string, readonly string[]> = {};
  for (let at = 0; at < labelNames.length; at++) {
    const closed = limits.closed[at];
    if (closed !== undefined) values[labelNames[at]!] = [...closed].sort();
  }
  return {
    help: JSON.stringify(help),
    unit: JSON.stringify(unit),
    labels: JSON.stringify(labelNames),
    values: JSON.stringify(values),
    maxSeries: `${limits.maxSeries}`,
    expireAfter: `${limits.expireAfter}`,
    merge,
  };
}
