/**
 * The names that are taken: refuses two families of which one format would
 * write the same name, whichever comes first and however names are escaped.
 */
import {
  ESCAPING_SCHEMES,
  type EscapingScheme,
  FamilyConflictError,
} from "../base/mod.ts";
import { type FamilyDesc, stemOf, TYPES } from "./desc.ts";
import { escapedDesc } from "./escaped_desc.ts";

/** Every name that some format would write for the family. */
export function exposedNames(desc: FamilyDesc): readonly string[] {
  const stem = stemOf(desc);
  const { suffixes } = TYPES[desc.type];
  return suffixes?.map((suffix) => stem + suffix) ?? [stem];
}

/**
 * The names that are taken: finds clashes when a family is declared, so that
 * no scrape can meet one.
 */
export interface Book {
  /**
   * Refuses `desc` if a family in the book would write one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc): void;
  /** Takes the names of `desc`, after `check`. */
  enter(desc: FamilyDesc): void;
  /** Frees the names of `desc`. */
  leave(desc: FamilyDesc): void;
}

/** The names that are taken as they stand. */
export class PlainBook implements Book {
  readonly #owners = new Map<string, FamilyDesc>();

  /** Refuses `desc`; `shown` is how readers see it. */
  check(desc: FamilyDesc, shown: FamilyDesc = desc): void {
    for (const name of exposedNames(shown)) {
      const owner = this.#owners.get(name);
      if (owner === undefined) continue;
      throw new FamilyConflictError(
        `Cannot declare ${desc.type} "${desc.name}": ${owner.type} ` +
          `"${owner.name}" already writes "${name}"; choose another name ` +
          `for one of them`,
        owner.name,
        desc.name,
      );
    }
  }

  /** Takes the names of `shown` for `desc`. */
  enter(desc: FamilyDesc, shown: FamilyDesc = desc): void {
    for (const name of exposedNames(shown)) this.#owners.set(name, desc);
  }

  /** Frees the names of `shown` that are taken for `desc`. */
  leave(desc: FamilyDesc, shown: FamilyDesc = desc): void {
    for (const name of exposedNames(shown)) {
      if (this.#owners.get(name) === desc) this.#owners.delete(name);
    }
  }
}

/** The names that are taken in every scheme in which names can be asked for. */
export class NameBook implements Book {
  readonly #books: ReadonlyMap<EscapingScheme, PlainBook>;

  /** `schemes` are those in which names can be asked for. */
  constructor(schemes: readonly EscapingScheme[] = ESCAPING_SCHEMES) {
    this.#books = new Map(schemes.map((scheme) => [scheme, new PlainBook()]));
  }

  /**
   * Refuses `desc` if a family in the book would write one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc): void {
    for (const [scheme, book] of this.#books) {
      book.check(desc, escapedDesc(desc, scheme));
    }
  }

  /** Takes the names of `desc`, after `check`. */
  enter(desc: FamilyDesc): void {
    for (const [scheme, book] of this.#books) {
      book.enter(desc, escapedDesc(desc, scheme));
    }
  }

  /** Frees the names of `desc`. */
  leave(desc: FamilyDesc): void {
    for (const [scheme, book] of this.#books) {
      book.leave(desc, escapedDesc(desc, scheme));
    }
  }
}
