/**
 * The families of a registry and all its scopes, the names that they reserve, and
 * the added sources, which may be other registries.
 */
import type { FamilyConflictError } from "../base/mod.ts";
import { callSafely, display } from "../base/internal.ts";
import type { FamilyDesc, NameRule, Source } from "../model/mod.ts";
import {
  adopt,
  descsOf,
  ExposedNames,
  factsOf,
  fixedDesc,
  MISSING,
  partsOf,
} from "../model/internal.ts";
import { ExemplarSampler, type ExemplarSource } from "./exemplars.ts";
import type { Terms } from "./kind.ts";
import type { SelfMetrics } from "./self_metrics.ts";
import type { Table } from "./table.ts";
import { conflict, differenceOf, roleOf, takesOver } from "./takeover.ts";

/**
 * The property in which a registry stores its scope. The symbol is global,
 * because two copies of this module share the default registry; its number
 * changes with the interface.
 */
export const SCOPE: unique symbol = Symbol.for("barograph.scope.3");

/** The settings that all declarations through one registry share. */
export interface DeclarationScope {
  readonly families: Families;
  /** The rule for names. */
  readonly names: NameRule;
  /** The prefix of every name. */
  readonly prefix: string;
  /** The constant labels of every series. */
  readonly fixed: ReadonlyMap<string, string>;
}

/** Returns the families of `source`; undefined if it is no registry. */
export function familiesOf(source: unknown): Families | undefined {
  const scope = (source as { readonly [SCOPE]?: DeclarationScope } | null)
    ?.[SCOPE];
  return scope?.families;
}

/** Returns whether `source` is the families of a registry, of any copy. */
function isFamilies(source: Source | Families): source is Families {
  return !("collect" in source);
}

/** A declared family. */
export interface Declared {
  /** The terms that a second declaration must repeat. */
  terms: Terms;
  readonly source: Source;
  readonly table: Table;
}

/** One evaluation of this module; a hot reload evaluates it again. */
export interface Evaluation {
  /** The address of the module. */
  readonly url: string | undefined;
}

/**
 * The families of one registry, and its links to nested and outer registries.
 *
 * These may come from another copy of this module, so members that registries
 * use of each other have no private names.
 */
export class Families {
  readonly selfMetrics: SelfMetrics;
  readonly names: ExposedNames;
  /** In the order of exposition; a nested registry is held as its `Families`. */
  readonly sources: Set<Source | Families>;
  /** The registries in which this one is nested. */
  readonly parents: Set<Families>;
  /** By name, in the order of declaration. */
  readonly #declared: Map<string, Declared>;
  /** By added source: removes it. */
  readonly #added: Map<Source, Disposable>;
  readonly #exposesSelfMetrics: boolean;
  /** The evaluations that share this registry; none unless it is the default. */
  readonly #evaluations: Set<Evaluation>;
  /** The sources of code that a hot reload has replaced. */
  readonly #outdated: Set<Source>;
  /** Identifies the current follower: two may have the same source. */
  #follower: object | undefined;

  constructor(selfMetrics: SelfMetrics, exposesSelfMetrics: boolean) {
    this.selfMetrics = selfMetrics;
    this.#exposesSelfMetrics = exposesSelfMetrics;
    this.names = new ExposedNames();
    this.sources = new Set();
    this.parents = new Set();
    this.#declared = new Map();
    this.#added = new Map();
    this.#evaluations = new Set();
    this.#outdated = new Set();
    this.names.reserve(MISSING);
    for (const { desc } of selfMetrics.tables) {
      this.names.reserve(desc);
      factsOf(desc)!.reservedIn = this;
    }
  }

  /**
   * Shares the registry with an evaluation of this module. If the same module
   * was evaluated before, this is a hot reload: new declarations replace those
   * that were made until now.
   */
  share(evaluation: Evaluation): void {
    if (this.#evaluations.has(evaluation)) return;
    for (const { url } of this.#evaluations) {
      if (url === undefined || url !== evaluation.url) continue;
      for (const { source } of this.#declared.values()) {
        this.#outdated.add(source);
      }
      for (const source of this.#added.keys()) this.#outdated.add(source);
    }
    this.#evaluations.add(evaluation);
  }

  /**
   * Returns the family of that name if its terms are the same, otherwise
   * declares the one that `make` returns. `desc` must have been checked.
   *
   * A default registry outlives hot reloads and is shared by modules: there, a
   * new help text replaces the old one.
   *
   * @throws {FamilyConflictError} If the terms differ, or if another family
   *   writes one of its names.
   */
  declare<D extends Declared>(
    desc: FamilyDesc,
    terms: Terms,
    make: () => D,
  ): D {
    const known = this.#declared.get(desc.name);
    const isShared = this.#evaluations.size > 0;
    const difference = known && differenceOf(known.terms, terms, isShared);
    if (known !== undefined && difference === undefined) {
      this.#outdated.delete(known.source);
      if (known.terms["help"] !== terms["help"]) {
        this.#release([known.table.desc]);
        this.#reserve([desc]);
        known.table.describe(desc);
        known.terms = terms;
      }
      return known as D; // equal terms name the kind, hence the same D
    }
    if (difference !== undefined && !this.#outdated.has(known!.source)) {
      throw conflict(desc, difference, known!.terms, terms);
    }
    const made = make();
    this.#check([desc], known === undefined ? [] : [known.table.desc]);
    if (known !== undefined) this.retire(known);
    this.#reserve([desc]);
    this.#declared.set(desc.name, made);
    this.sources.add(made.source);
    return made;
  }

  /** Exposes `source` too, until the result is disposed. */
  add(source: Source): Disposable {
    const families = familiesOf(source);
    if (families !== undefined) return this.#nest(families);
    if (!Array.isArray(source?.descs) || typeof source.collect !== "function") {
      throw new TypeError(
        `Cannot add ${display(source)}: give a source, with descs and ` +
          `collect(sink)`,
      );
    }
    if (this.sources.has(source)) {
      throw new TypeError("Cannot add a source twice: it is in the registry");
    }
    // Fixed from now on: what the source changes later is not reserved.
    const descs = source.descs.map(fixedDesc);
    const replaced = [...this.#added.keys()].filter((earlier) =>
      takesOver(source, earlier)
    );
    this.#check(descs, replaced.flatMap(descsOf)); // before anything is removed
    for (const earlier of replaced) this.#drop(earlier);
    this.#reserve(descs);
    this.sources.add(source);
    const own = new Set(descs);
    const release = adopt(source, {
      descs: new Map(descs.map((desc) => [desc.name, desc])),
      check: (desc) => {
        for (const above of this.above()) above.names.check(desc, own);
      },
    });
    const remove = once(() => {
      release();
      this.#added.delete(source);
      this.#outdated.delete(source);
      this.sources.delete(source);
      this.#release(descs);
    });
    this.#added.set(source, remove);
    return remove;
  }

  /** Removes an added source that another one replaces, and ends its work. */
  #drop(source: Source): void {
    this.#added.get(source)![Symbol.dispose]();
    if (roleOf(source) === undefined) return;
    const { [Symbol.dispose]: dispose } = source as Partial<Disposable>;
    if (dispose !== undefined) {
      callSafely(() => dispose.call(source), undefined);
    }
  }

  /** Removes the family of that name; returns whether it existed. */
  unregister(name: string): boolean {
    const declared = this.#declared.get(name);
    return declared !== undefined && this.retire(declared);
  }

  /** Removes a family; returns false if another one has replaced it. */
  retire(declared: Declared): boolean {
    const { source, table: { desc } } = declared;
    if (this.#declared.get(desc.name) !== declared) return false;
    this.#declared.delete(desc.name);
    this.#outdated.delete(source);
    this.sources.delete(source);
    this.#release([desc]);
    return true;
  }

  /**
   * Returns the parts of an exposition in order: `target_info` first,
   * self-metrics last.
   */
  parts(): readonly Source[] {
    const parts: Source[] = [];
    const stack = [...this.sources].reverse(); // the first on top
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (isFamilies(next)) stack.push(...[...next.sources].reverse());
      else for (const part of partsOf(next)) parts.push(part);
    }
    for (let at = 0; at < parts.length; at++) {
      if (descsOf(parts[at]!)[0]?.name !== "target_info") continue;
      if (at > 0) parts.unshift(...parts.splice(at, 1));
      break;
    }
    if (this.#exposesSelfMetrics) parts.push(...this.selfMetrics.tables);
    return parts;
  }

  /** Samples exemplars from `source`, until the result is disposed. */
  follow(source: ExemplarSource): Disposable {
    this.#follow(source);
    const follower = this.#follower = {};
    return once(() => {
      if (this.#follower === follower) this.#follow(undefined);
    });
  }

  #follow(source: ExemplarSource | undefined): void {
    const exemplars = source && (() => new ExemplarSampler(source));
    this.selfMetrics.exemplars = exemplars;
    for (const { table } of this.#declared.values()) table.follow(exemplars);
  }

  #nest(families: Families): Disposable {
    const below = families.below();
    if (below.includes(this)) {
      throw new RangeError(
        "Cannot add a registry to itself, or to one that was added to it",
      );
    }
    const isExposed = (registry: Families): boolean =>
      registry.below().some((nested) => below.includes(nested));
    if (this.above().some(isExposed)) {
      throw new TypeError(
        "Cannot add a registry twice: it, or one that was added to it, is " +
          "exposed already",
      );
    }
    this.#reserve(families.descs());
    this.sources.add(families);
    families.parents.add(this);
    families.selfMetrics.parents.add(this.selfMetrics);
    return once(() => {
      this.sources.delete(families);
      families.parents.delete(this);
      families.selfMetrics.parents.delete(this.selfMetrics);
      this.#release(families.descs());
    });
  }

  /** Returns the descriptions of all families except the self-metrics. */
  descs(): FamilyDesc[] {
    return [...this.sources].flatMap((source) =>
      isFamilies(source) ? source.descs() : descsOf(source)
    );
  }

  /** Returns this registry and all that are nested in it, at any depth. */
  below(): Families[] {
    const nested = [...this.sources].filter(isFamilies);
    return [this, ...nested.flatMap((families) => families.below())];
  }

  /** Returns this registry and all in which it is nested, at any height. */
  above(): Families[] {
    if (this.parents.size === 0) return [this];
    return [this, ...[...this.parents].flatMap((parent) => parent.above())];
  }

  /**
   * Reserves names in this registry and all above it; all names or none. Notes
   * it in the facts, so that encoders need not compare the names again.
   */
  #reserve(descs: readonly FamilyDesc[]): void {
    const registries = this.above();
    const reserved: FamilyDesc[] = [];
    try {
      for (const desc of descs) {
        for (const registry of registries) registry.names.check(desc);
        for (const registry of registries) registry.names.reserve(desc);
        noteReserved(desc, registries.at(-1));
        reserved.push(desc);
      }
    } catch (error) {
      this.#release(reserved);
      throw error;
    }
  }

  /**
   * Refuses `descs` if another family, none of `own`, writes one of their names;
   * first removes such a family if a hot reload has replaced its code.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  #check(descs: readonly FamilyDesc[], own: readonly FamilyDesc[]): void {
    const owned = new Set(own);
    for (const desc of descs) {
      for (const { names } of this.above()) {
        while (!this.#isFree(desc, names, owned));
      }
    }
  }

  /** Checks `desc`; returns false if an outdated family had to be removed. */
  #isFree(
    desc: FamilyDesc,
    names: ExposedNames,
    own: ReadonlySet<FamilyDesc>,
  ): boolean {
    try {
      names.check(desc, own);
      return true;
    } catch (error) {
      const { existing } = error as Partial<FamilyConflictError>;
      const outdated = [...this.#outdated].find((source) =>
        descsOf(source).some(({ name }) => name === existing)
      );
      if (outdated === undefined) throw error;
      const declared = this.#declared.get(existing!);
      if (declared?.source === outdated) this.retire(declared);
      else this.#drop(outdated);
      return false;
    }
  }

  #release(descs: readonly FamilyDesc[]): void {
    const registries = this.above();
    for (const desc of descs) {
      for (const registry of registries) registry.names.release(desc);
      noteReserved(desc, undefined);
    }
  }
}

/** Facts about descriptions of another copy are only known to that copy. */
function noteReserved(desc: FamilyDesc, by: Families | undefined): void {
  const facts = factsOf(desc);
  if (facts !== undefined) facts.reservedIn = by;
}

/** Returns a disposable that calls `dispose` at most once. */
function once(dispose: () => void): Disposable {
  let isDisposed = false;
  return {
    [Symbol.dispose](): void {
      if (!isDisposed) dispose();
      isDisposed = true;
    },
  };
}
