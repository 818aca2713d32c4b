/**
 * A registry as declarations see it: a core, a prefix and constant labels; and
 * declaring, which is the same for all types of metrics.
 */
import type { DescInit, FamilyDesc, MetricType } from "../model/mod.ts";
import type { Core, Declared } from "./core.ts";
import { fullName, limitsOf, type Options } from "./declaration.ts";
import { FamilyView } from "./family_view.ts";
import type { Kind, Series } from "./series.ts";
import { Table, type TableLimits } from "./table.ts";

/** Where a registry carries its scope. */
export const SCOPE: unique symbol = Symbol("scope");

/** What all that is declared through a registry has in common. */
export interface Scope {
  readonly core: Core;
  /** Makes a description, of names that may be declared here. */
  readonly desc: (init: DescInit) => FamilyDesc;
  /** Put before every name. */
  readonly prefix: string;
  /** Put on every series. */
  readonly fixed: ReadonlyMap<string, string>;
}

/** The core of `source`, if that is a registry. */
export function coreOf(source: unknown): Core | undefined {
  return (source as { readonly [SCOPE]?: Scope } | null)?.[SCOPE]?.core;
}

/** What a declaration returns, whatever the types make of it. */
export type Declaration<S extends Series> = S | FamilyView<S>;

/** The terms of a declaration: what a second one must repeat, as text. */
export type Terms = Readonly<Record<string, string>>;

interface DeclaredTable<S extends Series> extends Declared {
  readonly view: FamilyView<S>;
}

/** Declares a family; without labels it is its one series. */
export function declare<S extends Series>(
  scope: Scope,
  type: MetricType,
  options: Options,
  kind: () => Kind<S>,
  layout: Terms = {},
): Declaration<S> {
  const view = declareView(scope, type, options, kind, layout);
  return (options.labels ?? []).length === 0 ? view.at() : view;
}

/** Declares a family: its view in this scope, with all that is known made. */
export function declareView<S extends Series>(
  scope: Scope,
  type: MetricType,
  options: Options,
  kind: () => Kind<S>,
  layout: Terms = {},
): FamilyView<S> {
  const { core, fixed } = scope;
  const { desc, terms, limits } = describe(scope, type, options, layout);
  const inScope = ({ view }: DeclaredTable<S>): FamilyView<S> => {
    const { known } = options;
    const scoped = view.fix(fixed);
    if (known !== undefined) scoped.init(known === "all" ? undefined : known);
    return scoped;
  };
  return inScope(core.declare(desc, terms, (): DeclaredTable<S> => {
    const arity = desc.labelNames.length - (type === "stateset" ? 1 : 0);
    const source = new Table(desc, kind(), limits, core.health, arity);
    const made = { desc, terms, source, view: new FamilyView(source) };
    inScope(made); // what is refused here leaves no family behind
    return made;
  }));
}

/** The description, and all that a second declaration must repeat. */
export function describe(
  { desc: describes, prefix, fixed }: Scope,
  type: MetricType,
  options: Options,
  layout: Terms,
): {
  readonly desc: FamilyDesc;
  readonly terms: Terms;
  readonly limits: TableLimits;
} {
  const name = fullName(prefix, options);
  const labelNames = [...fixed.keys(), ...options.labels ?? []];
  if (type === "stateset") labelNames.push(name);
  const { help, unit, merge } = options;
  const desc = describes({ name, type, help, unit, labelNames, merge });
  const limits = limitsOf(desc, options);
  const values = labelNames.flatMap((label, at) => {
    const closed = limits.closed[at];
    return closed === undefined ? [] : [[label, [...closed].sort()]];
  });
  const terms = {
    type,
    help: JSON.stringify(help),
    unit: JSON.stringify(desc.unit),
    labels: JSON.stringify(labelNames),
    values: JSON.stringify(Object.fromEntries(values)),
    maxSeries: `${limits.maxSeries}`,
    expireAfter: `${limits.expireAfter}`,
    merge: desc.merge,
    recording: "direct",
    ...layout,
  };
  return { desc, terms, limits };
}
