/**
 * The part of a registry that declares, which is all that `counter` and the other
 * functions use of the default registry: a bundle of a program that adds, exposes
 * and scrapes nothing has no more of it.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import { display, processWide } from "../base/internal.ts";
import type { NameRule } from "../model/mod.ts";
import { type AnyKind, declare, type Options } from "./declare.ts";
import type { MakeSampler } from "./exemplars.ts";
import {
  type DeclarationScope,
  type Evaluation,
  Families,
  SCOPE,
} from "./families.ts";
import { SelfMetrics } from "./self_metrics.ts";

/** The settings of a registry. */
export interface Settings {
  readonly clock: Clock;
  readonly selfMetrics: boolean;
  readonly strict: boolean;
  readonly names: NameRule;
  readonly exemplars: MakeSampler | undefined;
}

/** The settings of a registry without options. */
export const DEFAULTS: Settings = {
  clock: systemClock,
  selfMetrics: true,
  strict: false,
  names: "classic",
  exemplars: undefined,
};

/** Declares families in a scope. */
export class Declarer {
  readonly [SCOPE]: DeclarationScope;

  constructor(scope: DeclarationScope) {
    this[SCOPE] = scope;
  }

  // The type of the result depends on the labels: see `BareRegistry`.
  declare(kind: unknown, options: unknown): never {
    return declare(this[SCOPE], kind as AnyKind, options as Options) as never;
  }
}

/** Returns the scope of a new registry. */
export function rootScope(settings: Settings): DeclarationScope {
  const families = new Families(
    new SelfMetrics(settings),
    settings.selfMetrics,
  );
  return { families, names: settings.names, prefix: "", fixed: new Map() };
}

const DEFAULT = Symbol.for("barograph.registry.4");

/** Identifies this evaluation of the module. */
const EVALUATION: Evaluation = { url: import.meta.url };

/**
 * Returns what declares in the default registry of the process, created at its
 * first use. It is stored under a global symbol, so that a second copy of this
 * module and a hot reload share it; the number in the symbol changes with the
 * interface.
 */
export function defaultDeclarer(): Declarer {
  const declarer = processWide(
    DEFAULT,
    () => new Declarer(rootScope(DEFAULTS)),
  );
  declarer[SCOPE].families.share(EVALUATION);
  return declarer;
}

/** Returns `registry`, or what declares in the default one. */
export function declarerOf<R extends { readonly declare: unknown }>(
  registry: R | undefined,
): Pick<R, "declare"> {
  if (registry !== undefined) {
    if (typeof registry?.declare === "function") return registry;
    throw new TypeError(
      `Cannot declare in ${display(registry)}: give one object, such as ` +
        `{ name: "jobs_total", help: "Jobs." }, and a registry or nothing`,
    );
  }
  return defaultDeclarer() as Pick<Declarer, "declare"> as Pick<R, "declare">;
}

/** Returns the scope of a registry; undefined if it is not one of this module. */
export function scopeIn(registry: unknown): DeclarationScope | undefined {
  return (registry as { readonly [SCOPE]?: DeclarationScope } | null)?.[SCOPE];
}

/** Returns the prefix of the names that are declared through `registry`. */
export function prefixOf(registry: object): string {
  return scopeIn(registry)?.prefix ?? "";
}

/** Identifies where `registry` declares: equal scopes are the same place. */
export function scopeOf(
  registry: object,
): { readonly root: object; readonly key: string } {
  const scope = scopeIn(registry);
  if (scope === undefined) return { root: registry, key: "" };
  const { families, names, prefix, fixed } = scope;
  return { root: families, key: JSON.stringify([names, prefix, ...fixed]) };
}
