/**
 * The families of a registry and all its scopes, the names that they reserve, and
 * the added sources, which may be other registries.
 */
import { FamilyConflictError } from "../base/mod.ts";
import { display } from "../base/internal.ts";
import type { FamilyDesc, NameRule, Source } from "../model/mod.ts";
import {
  adopt,
  descsOf,
  ExposedNames,
  factsOf,
  fixedDesc,
  partsOf,
} from "../model/internal.ts";
import { ExemplarSampler, type ExemplarSource } from "./exemplars.ts";
import type { Terms } from "./kind.ts";
import type { SelfMetrics } from "./self_metrics.ts";
import type { Table } from "./table.ts";

/**
 * The property in which a registry stores its scope. The symbol is global,
 * because two copies of this module share the default registry; its number
 * changes with the interface.
 */
export const SCOPE: unique symbol = Symbol.for("barograph.scope.2");

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
  return scope?.families instanceof Families ? scope.families : undefined;
}

/** A declared family. */
export interface Declared {
  readonly desc: FamilyDesc;
  /** The terms that a second declaration must repeat. */
  readonly terms: Terms;
  readonly source: Source;
  readonly table: Table;
}

/** The families of one registry, and its links to nested and outer registries. */
export class Families {
  readonly selfMetrics: SelfMetrics;
  readonly #names: ExposedNames;
  /** By name, in the order of declaration. */
  readonly #declared: Map<string, Declared>;
  /** In the order of exposition; a nested registry is held as its `Families`. */
  readonly #sources: Set<Source | Families>;
  readonly #parents: Set<Families>;
  readonly #exposesSelfMetrics: boolean;
  /** Identifies the current follower: two may have the same source. */
  #follower: object | undefined;

  constructor(selfMetrics: SelfMetrics, exposesSelfMetrics: boolean) {
    this.selfMetrics = selfMetrics;
    this.#exposesSelfMetrics = exposesSelfMetrics;
    this.#names = new ExposedNames();
    this.#declared = new Map();
    this.#sources = new Set();
    this.#parents = new Set();
    for (const { desc } of selfMetrics.tables) {
      this.#names.reserve(desc);
      factsOf(desc)!.reservedIn = this;
    }
  }

  /**
   * Returns the family of that name if its terms are the same, otherwise
   * declares the one that `make` returns. `desc` must have been checked.
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
    if (known !== undefined) {
      checkSame(known, desc, terms);
      return known as D; // equal terms name the kind, hence the same D
    }
    const made = make();
    this.#reserve([desc]);
    this.#declared.set(desc.name, made);
    this.#sources.add(made.source);
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
    if (this.#sources.has(source)) {
      throw new TypeError("Cannot add a source twice: it is in the registry");
    }
    // Fixed from now on: what the source changes later is not reserved.
    const descs = source.descs.map(fixedDesc);
    this.#reserve(descs);
    this.#sources.add(source);
    const own = new Set(descs);
    const release = adopt(source, {
      descs: new Map(descs.map((desc) => [desc.name, desc])),
      check: (desc) => {
        for (const above of this.#above()) above.#names.check(desc, own);
      },
    });
    return once(() => {
      release();
      this.#sources.delete(source);
      this.#release(descs);
    });
  }

  /** Removes the family of that name; returns whether it existed. */
  unregister(name: string): boolean {
    const declared = this.#declared.get(name);
    return declared !== undefined && this.retire(declared);
  }

  /** Removes a family; returns false if another one has replaced it. */
  retire(declared: Declared): boolean {
    const { desc, source } = declared;
    if (this.#declared.get(desc.name) !== declared) return false;
    this.#declared.delete(desc.name);
    this.#sources.delete(source);
    this.#release([desc]);
    return true;
  }

  /**
   * Returns the parts of an exposition in order: `target_info` first,
   * self-metrics last.
   */
  parts(): readonly Source[] {
    const parts: Source[] = [];
    const stack = [...this.#sources].reverse(); // the first on top
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next instanceof Families) stack.push(...[...next.#sources].reverse());
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
    const below = families.#below();
    if (below.includes(this)) {
      throw new RangeError(
        "Cannot add a registry to itself, or to one that was added to it",
      );
    }
    const isExposed = (registry: Families): boolean =>
      registry.#below().some((nested) => below.includes(nested));
    if (this.#above().some(isExposed)) {
      throw new TypeError(
        "Cannot add a registry twice: it, or one that was added to it, is " +
          "exposed already",
      );
    }
    this.#reserve(families.#descs());
    this.#sources.add(families);
    families.#parents.add(this);
    families.selfMetrics.parents.add(this.selfMetrics);
    return once(() => {
      this.#sources.delete(families);
      families.#parents.delete(this);
      families.selfMetrics.parents.delete(this.selfMetrics);
      this.#release(families.#descs());
    });
  }

  /** Returns the descriptions of all families except the self-metrics. */
  #descs(): FamilyDesc[] {
    return [...this.#sources].flatMap((source) =>
      source instanceof Families ? source.#descs() : descsOf(source)
    );
  }

  /** Returns this registry and all that are nested in it, at any depth. */
  #below(): Families[] {
    const nested = [...this.#sources].filter((source) =>
      source instanceof Families
    );
    return [this, ...nested.flatMap((families) => families.#below())];
  }

  /** Returns this registry and all in which it is nested, at any height. */
  #above(): Families[] {
    if (this.#parents.size === 0) return [this];
    return [this, ...[...this.#parents].flatMap((parent) => parent.#above())];
  }

  /**
   * Reserves names in this registry and all above it; all names or none. Notes
   * it in the facts, so that encoders need not compare the names again.
   */
  #reserve(descs: readonly FamilyDesc[]): void {
    const registries = this.#above();
    const reserved: FamilyDesc[] = [];
    try {
      for (const desc of descs) {
        for (const registry of registries) registry.#names.check(desc);
        for (const registry of registries) registry.#names.reserve(desc);
        factsOf(desc)!.reservedIn = registries.at(-1);
        reserved.push(desc);
      }
    } catch (error) {
      this.#release(reserved);
      throw error;
    }
  }

  #release(descs: readonly FamilyDesc[]): void {
    const registries = this.#above();
    for (const desc of descs) {
      for (const registry of registries) registry.#names.release(desc);
      factsOf(desc)!.reservedIn = undefined;
    }
  }
}

function checkSame(known: Declared, desc: FamilyDesc, terms: Terms): void {
  for (const [term, requested] of Object.entries(terms)) {
    const declared = known.terms[term];
    if (declared === requested) continue;
    throw new FamilyConflictError(
      `Cannot declare ${desc.type} "${desc.name}": it is declared already, ` +
        `with ${term} ${declared ?? "none"} and not ${requested}; ` +
        `repeat the first declaration or choose another name`,
      known.desc.name,
      desc.name,
    );
  }
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
