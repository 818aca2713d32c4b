/**
 * What a registry and its scopes share: the families, the names that are
 * taken, and the registries that this one was added to.
 */
import { FamilyConflictError } from "../base/mod.ts";
import {
  checkDesc,
  type FamilyDesc,
  NameBook,
  partsOf,
  type Source,
} from "../model/mod.ts";
import { ExemplarSlots, type ExemplarSource } from "./exemplar_slots.ts";
import type { Health } from "./health.ts";
import { Table } from "./table.ts";

/** Where a registry carries its core. */
export const CORE: unique symbol = Symbol("core");

/** A family that was declared: what it is, in words, and the thing itself. */
export interface Declared {
  readonly desc: FamilyDesc;
  /** Everything that a second declaration must repeat, as text. */
  readonly terms: Readonly<Record<string, string>>;
  readonly source: Source;
}

/** The families of one registry. */
export class Core {
  readonly health: Health;
  readonly #book = new NameBook();
  /** Stands for who follows at the moment: two may have one source. */
  #following: object | undefined;
  readonly #declared = new Map<string, Declared>();
  /** In the order of registration; a nested registry stands as its core. */
  readonly #sources = new Set<Source | Core>();
  readonly #parents = new Set<Core>();
  readonly #exposesHealth: boolean;

  constructor(health: Health, exposesHealth: boolean) {
    this.health = health;
    this.#exposesHealth = exposesHealth;
    for (const { desc } of this.health.tables) this.#book.enter(desc);
  }

  /**
   * The family of that name, if its terms are the same; otherwise what `make`
   * makes, declared.
   *
   * @throws {FamilyConflictError} If the terms differ, or if another family
   *   writes one of its names.
   */
  declare<D extends Declared>(
    desc: FamilyDesc,
    terms: Readonly<Record<string, string>>,
    make: () => D,
  ): D {
    const known = this.#declared.get(desc.name);
    if (known !== undefined) {
      checkSame(known, desc, terms);
      return known as D; // the terms name the type, hence the same D
    }
    this.#claim([desc]);
    let made: D;
    try {
      made = make();
    } catch (error) {
      this.#free([desc]);
      throw error;
    }
    this.#declared.set(desc.name, made);
    this.#sources.add(made.source);
    return made;
  }

  /** Takes exemplars from `source`, until the result is disposed. */
  follow(source: ExemplarSource): Disposable {
    this.#follow(source);
    const own = this.#following = {};
    return once(() => {
      if (this.#following === own) this.#follow(undefined);
    });
  }

  #follow(source: ExemplarSource | undefined): void {
    if (source !== undefined) new ExemplarSlots(source); // or it throws
    this.health.exemplars = source;
    for (const { source: family } of this.#declared.values()) {
      if (family instanceof Table) family.follow(source);
    }
  }

  /** Exposes `source` too, until the result is disposed. */
  add(source: Source): Disposable {
    if (typeof source !== "object" || source === null) {
      const given = String(source);
      throw new TypeError(
        `Cannot add ${given}: give an object with descs and collect(sink)`,
      );
    }
    const core = (source as { readonly [CORE]?: Core })[CORE];
    if (core !== undefined) return this.#nest(core);
    const whole = Array.isArray(source.descs) &&
      typeof source.collect === "function";
    if (!whole) {
      throw new TypeError(
        "Cannot add a source without descs and collect(sink): give it both",
      );
    }
    if (this.#sources.has(source)) {
      throw new TypeError("Cannot add a source twice: it is in the registry");
    }
    const descs = [...source.descs];
    this.#claim(descs);
    this.#sources.add(source);
    return once(() => {
      this.#sources.delete(source);
      this.#free(descs);
    });
  }

  /** Takes a declared family out; what holds its series records on unseen. */
  unregister(name: string): boolean {
    const declared = this.#declared.get(name);
    return declared !== undefined && this.retire(declared);
  }

  /** Takes a declared family out, unless another has taken its place. */
  retire(declared: Declared): boolean {
    const { desc, source } = declared;
    if (this.#declared.get(desc.name) !== declared) return false;
    this.#declared.delete(desc.name);
    this.#sources.delete(source);
    this.#free([desc]);
    return true;
  }

  /** Descriptions of all families but those of `health`. */
  *descs(): Generator<FamilyDesc> {
    for (const source of this.#sources) {
      yield* source instanceof Core ? source.descs() : source.descs;
    }
  }

  /** What is collected, in order: `target_info` first, `health` last. */
  parts(): readonly Source[] {
    const parts = [...this.#bareParts()];
    const target = parts.findIndex(({ descs }) =>
      descs[0]?.name === "target_info"
    );
    if (target > 0) parts.unshift(...parts.splice(target, 1));
    return this.#exposesHealth ? [...parts, ...this.health.tables] : parts;
  }

  *#bareParts(): Generator<Source> {
    for (const source of this.#sources) {
      if (source instanceof Core) yield* source.#bareParts();
      else yield* partsOf(source);
    }
  }

  #nest(core: Core): Disposable {
    if (core.#reaches(this)) {
      throw new RangeError(
        "Cannot add a registry to itself, or to one that was added to it",
      );
    }
    const below = [...core.#below()];
    for (const registry of this.#above()) {
      if (!below.some((one) => registry.#reaches(one))) continue;
      throw new TypeError(
        "Cannot add a registry twice: it, or one that was added to it, is " +
          "exposed already",
      );
    }
    this.#claim([...core.descs()]);
    this.#sources.add(core);
    core.#parents.add(this);
    core.health.listeners.add(this.health);
    return once(() => {
      this.#sources.delete(core);
      core.#parents.delete(this);
      core.health.listeners.delete(this.health);
      this.#free([...core.descs()]);
    });
  }

  #reaches(core: Core): boolean {
    return [...this.#below()].includes(core);
  }

  /** This registry, and all that were added to it, and to these. */
  *#below(): Generator<Core> {
    yield this;
    for (const source of this.#sources) {
      if (source instanceof Core) yield* source.#below();
    }
  }

  /** This registry, and all that it was added to, and these were. */
  *#above(): Generator<Core> {
    yield this;
    for (const parent of this.#parents) yield* parent.#above();
  }

  /** Takes names here and in every registry that exposes this one. */
  #claim(descs: readonly FamilyDesc[]): void {
    const books = [...this.#above()].map((registry) => registry.#book);
    const taken: FamilyDesc[] = [];
    const giveBack = () => {
      for (const desc of taken) books.forEach((book) => book.leave(desc));
    };
    for (const desc of descs) {
      try {
        checkDesc(desc);
        for (const book of books) book.check(desc);
      } catch (error) {
        giveBack();
        throw error;
      }
      for (const book of books) book.enter(desc);
      taken.push(desc);
    }
  }

  #free(descs: readonly FamilyDesc[]): void {
    for (const registry of this.#above()) {
      descs.forEach((desc) => registry.#book.leave(desc));
    }
  }
}

function checkSame(
  known: Declared,
  desc: FamilyDesc,
  terms: Readonly<Record<string, string>>,
): void {
  for (const [term, wanted] of Object.entries(terms)) {
    const there = known.terms[term];
    if (there === wanted) continue;
    throw new FamilyConflictError(
      `Cannot declare ${desc.type} "${desc.name}": it is declared already, ` +
        `with ${term} ${there ?? "none"} and not ${wanted}; ` +
        `repeat the first declaration or choose another name`,
      known.desc.name,
      desc.name,
    );
  }
}

function once(dispose: () => void): Disposable {
  let open = true;
  return {
    [Symbol.dispose](): void {
      if (open) dispose();
      open = false;
    },
  };
}
