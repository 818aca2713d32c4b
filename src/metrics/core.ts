/**
 * What a registry and its scopes share: the families, the names that are taken,
 * and the sources that were added. `shared_core.ts` adds other registries.
 */
import { FamilyConflictError } from "../base/mod.ts";
import { display } from "../base/internal.ts";
import type { FamilyDesc, Source } from "../model/mod.ts";
import {
  type Book,
  checkClassic,
  partsOf,
  PlainBook,
} from "../model/internal.ts";
import type { Health } from "./health.ts";

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
  protected readonly book: Book;
  /** By name, in the order of declaration. */
  protected readonly declared = new Map<string, Declared>();
  /** In the order of registration; a nested registry stands as its core. */
  protected readonly sources = new Set<Source | Core>();
  readonly #exposesHealth: boolean;

  constructor(
    health: Health,
    exposesHealth: boolean,
    book: Book = new PlainBook(),
  ) {
    this.health = health;
    this.#exposesHealth = exposesHealth;
    this.book = book;
    for (const { desc } of health.tables) book.enter(desc);
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
    const known = this.declared.get(desc.name);
    if (known !== undefined) {
      checkSame(known, desc, terms);
      return known as D; // the terms name the type, hence the same D
    }
    const free = this.claim([desc]);
    let made: D;
    try {
      made = make();
    } catch (error) {
      free();
      throw error;
    }
    this.declared.set(desc.name, made);
    this.sources.add(made.source);
    return made;
  }

  /** Exposes `source` too, until the result is disposed. */
  add(source: Source): Disposable {
    if (!Array.isArray(source?.descs) || typeof source.collect !== "function") {
      throw new TypeError(
        `Cannot add ${display(source)}: give a source, with descs and ` +
          `collect(sink)`,
      );
    }
    if (this.sources.has(source)) {
      throw new TypeError("Cannot add a source twice: it is in the registry");
    }
    const free = this.claim([...source.descs]);
    this.sources.add(source);
    return once(() => {
      this.sources.delete(source);
      free();
    });
  }

  /** Takes a declared family out; what holds its series records on unseen. */
  unregister(name: string): boolean {
    const declared = this.declared.get(name);
    return declared !== undefined && this.retire(declared);
  }

  /** Takes a declared family out, unless another has taken its place. */
  retire(declared: Declared): boolean {
    const { desc, source } = declared;
    if (this.declared.get(desc.name) !== declared) return false;
    this.declared.delete(desc.name);
    this.sources.delete(source);
    this.free([desc]);
    return true;
  }

  /** What is collected, in order: `target_info` first, `health` last. */
  parts(): readonly Source[] {
    const parts = this.bare();
    const target = parts.findIndex(({ descs }) =>
      descs[0]?.name === "target_info"
    );
    if (target > 0) parts.unshift(...parts.splice(target, 1));
    return this.#exposesHealth ? [...parts, ...this.health.tables] : parts;
  }

  /** The same in the order of registration, without `health`. */
  bare(): Source[] {
    return [...this.sources].flatMap((source) =>
      source instanceof Core ? source.bare() : [...partsOf(source)]
    );
  }

  /** The books of all registries that expose this one, its own among them. */
  protected books(): readonly Book[] {
    return [this.book];
  }

  /** Refuses what no reader takes. */
  protected check(desc: FamilyDesc): void {
    checkClassic(desc);
  }

  /** Takes names wherever they are exposed; returns what gives them back. */
  protected claim(descs: readonly FamilyDesc[]): () => void {
    const books = this.books();
    const taken: FamilyDesc[] = [];
    try {
      for (const desc of descs) {
        this.check(desc);
        for (const book of books) book.check(desc);
        for (const book of books) book.enter(desc);
        taken.push(desc);
      }
    } catch (error) {
      this.free(taken);
      throw error;
    }
    return () => this.free(descs);
  }

  protected free(descs: readonly FamilyDesc[]): void {
    for (const book of this.books()) for (const desc of descs) book.leave(desc);
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

/** Calls `dispose` when it is disposed of, the first time. */
export function once(dispose: () => void): Disposable {
  let open = true;
  return {
    [Symbol.dispose](): void {
      if (open) dispose();
      open = false;
    },
  };
}
