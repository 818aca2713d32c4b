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
  return TYPES[desc.type].suffixes.map((suffix) => stem + suffix);
}

/**
 * The names that are taken as they stand: finds clashes when a family is
 * declared, so that no scrape can meet one.
 */
export class PlainBook {
  readonly #owners = new Map<string, FamilyDesc>();

  /**
   * Refuses `desc` if a family in the book would write one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc): void {
    this.#each(desc, (key, name) => {
      const owner = this.#owners.get(key);
      if (owner === undefined) return;
      throw new FamilyConflictError(
        `Cannot declare ${desc.type} "${desc.name}": ${owner.type} ` +
          `"${owner.name}" already writes "${name}"; choose another name ` +
          `for one of them`,
        owner.name,
        desc.name,
      );
    });
  }

  /** Takes the names of `desc`, after `check`. */
  enter(desc: FamilyDesc): void {
    this.#each(desc, (key) => this.#owners.set(key, desc));
  }

  /** Frees the names of `desc`. */
  leave(desc: FamilyDesc): void {
    this.#each(desc, (key) => {
      if (this.#owners.get(key) === desc) this.#owners.delete(key);
    });
  }

  /** The family as readers see it, by what sets these readers apart. */
  protected views(
    desc: FamilyDesc,
  ): readonly (readonly [readers: string, desc: FamilyDesc])[] {
    return [["", desc]];
  }

  #each(desc: FamilyDesc, act: (key: string, name: string) => void): void {
    for (const [readers, shown] of this.views(desc)) {
      for (const name of exposedNames(shown)) act(`${readers} ${name}`, name);
    }
  }
}

/** The names that are taken in every scheme in which names can be asked for. */
export class NameBook extends PlainBook {
  readonly #schemes: readonly EscapingScheme[];

  /** `schemes` are those in which names can be asked for. */
  constructor(schemes: readonly EscapingScheme[] = ESCAPING_SCHEMES) {
    super();
    this.#schemes = schemes;
  }

  /** The family by scheme. */
  protected override views(
    desc: FamilyDesc,
  ): readonly (readonly [EscapingScheme, FamilyDesc])[] {
    return this.#schemes.map((scheme) => [scheme, escapedDesc(desc, scheme)]);
  }
}
