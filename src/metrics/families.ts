/**
 * The families of a registry and all its scopes, and the names that they reserve.
 *
 * Programs that only declare families need nothing else of a registry: what
 * adds and exposes sources is in `added_sources.ts`.
 */
import type { FamilyConflictError } from "../base/mod.ts";
import { callSafely } from "../base/internal.ts";
import type { FamilyDesc, NameRule, Source } from "../model/mod.ts";
import {
  ExposedNames,
  factsOf,
  type Joining,
  MISSING,
} from "../model/internal.ts";
import type { MakeSampler } from "./exemplars.ts";
import type { Terms } from "./kind.ts";
import type { SelfMetrics } from "./self_metrics.ts";
import type { Table } from "./table.ts";
import { conflict, differenceOf, roleOf } from "./takeover.ts";

/**
 * The property in which a registry stores its scope. The symbol is global,
 * because two copies of this module share the default registry; its number
 * changes with the interface.
 */
export const SCOPE: unique symbol = Symbol.for("barograph.scope.5");

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

/** Returns whether `source` is the families of a registry, of any copy. */
export function isFamilies(source: Source | Families): source is Families {
  return !("collect" in source);
}

/** A declared family. */
export interface Declared {
  /** The terms that a second declaration must repeat. */
  terms: Terms;
  readonly source: Source;
  readonly table: Table;
}

/** An added source. */
export interface Added {
  /** The families that are reserved for it, by name. */
  readonly byName: ReadonlyMap<string, FamilyDesc>;
  /** Gives up a family; returns false if it has none of that name, or keeps it. */
  readonly giveUp: (name: string) => boolean;
  readonly remove: Disposable;
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
  readonly added: Map<Source, Added>;
  readonly exposesSelfMetrics: boolean;
  /** By nested registry: what takes it out again. */
  readonly nested: Map<Families, Disposable>;
  /** The sources of code that a hot reload has replaced. */
  readonly outdated: Set<Source | Families>;
  /** The fleet that the registry has joined or is joining. */
  fleet: Joining;
  /** Identifies the follower of spans: two may have the same source. */
  follower: object | undefined;
  /** By name, in the order of declaration. */
  readonly #declared: Map<string, Declared>;
  /** The evaluations that share this registry; none unless it is the default. */
  readonly #evaluations: Set<Evaluation>;

  constructor(selfMetrics: SelfMetrics, exposesSelfMetrics: boolean) {
    this.selfMetrics = selfMetrics;
    this.exposesSelfMetrics = exposesSelfMetrics;
    this.names = new ExposedNames();
    this.sources = new Set();
    this.parents = new Set();
    this.added = new Map();
    this.nested = new Map();
    this.outdated = new Set();
    this.#declared = new Map();
    this.#evaluations = new Set();
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
      for (const source of this.sources) this.outdated.add(source);
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
      this.outdated.delete(known.source);
      if (known.terms["help"] !== terms["help"]) {
        this.release([known.table.desc]);
        this.reserve([desc]);
        known.table.describe(desc);
        known.terms = terms;
      }
      return known as D; // equal terms name the kind, hence the same D
    }
    if (difference !== undefined && !this.outdated.has(known!.source)) {
      throw conflict(desc, difference, known!.terms, terms);
    }
    const made = make();
    this.check([desc], known === undefined ? [] : [known.table.desc]);
    if (known !== undefined) this.retire(known);
    this.reserve([desc]);
    this.#declared.set(desc.name, made);
    this.sources.add(made.source);
    return made;
  }

  /** Removes an added source that another one replaces, and ends its work. */
  drop(source: Source | Families): void {
    if (isFamilies(source)) {
      this.nested.get(source)![Symbol.dispose]();
      return;
    }
    this.added.get(source)!.remove[Symbol.dispose]();
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
    this.outdated.delete(source);
    this.sources.delete(source);
    this.release([desc]);
    return true;
  }

  /** Replaces the samplers of exemplars; undefined for none. */
  follow(exemplars: MakeSampler | undefined): void {
    this.selfMetrics.exemplars = exemplars;
    for (const { table } of this.#declared.values()) table.follow(exemplars);
  }

  /** Returns the descriptions of all families except the self-metrics. */
  descs(): FamilyDesc[] {
    return [...this.sources].flatMap((source) => this.descsOf(source));
  }

  /** Returns the descriptions that are reserved for one of the sources. */
  descsOf(source: Source | Families): readonly FamilyDesc[] {
    if (isFamilies(source)) return source.descs();
    const added = this.added.get(source);
    return added === undefined ? source.descs : [...added.byName.values()];
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
  reserve(descs: readonly FamilyDesc[]): void {
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
      this.release(reserved);
      throw error;
    }
  }

  /**
   * Refuses `descs` if another family, none of `own`, writes one of their names;
   * first removes such a family if a hot reload has replaced its code.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(descs: readonly FamilyDesc[], own: readonly FamilyDesc[]): void {
    const owned = new Set(own);
    for (const desc of descs) {
      for (const registry of this.above()) {
        while (!registry.isFree(desc, owned));
      }
    }
  }

  /** Checks `desc`; returns false if an outdated family had to be removed. */
  isFree(desc: FamilyDesc, own: ReadonlySet<FamilyDesc>): boolean {
    try {
      this.claim(desc, own);
      return true;
    } catch (error) {
      const { existing } = error as Partial<FamilyConflictError>;
      const outdated = [...this.outdated].find((source) =>
        this.descsOf(source).some(({ name }) => name === existing)
      );
      if (outdated === undefined) throw error;
      const declared = this.#declared.get(existing!);
      if (declared?.source === outdated) this.retire(declared);
      else this.drop(outdated);
      return false;
    }
  }

  /**
   * Refuses `desc` if another family, none of `own`, writes one of its names;
   * first has sources that yield give up such a family.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  claim(desc: FamilyDesc, own: ReadonlySet<FamilyDesc>): void {
    try {
      this.names.check(desc, own);
    } catch (error) {
      const { existing } = error as FamilyConflictError;
      const added = this.below().flatMap(({ added }) => [...added.values()]);
      if (!added.some(({ giveUp }) => giveUp(existing))) throw error;
      this.claim(desc, own);
    }
  }

  release(descs: readonly FamilyDesc[]): void {
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
