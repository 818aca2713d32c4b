/**
 * Finds name clashes: two families for which some format would write the same
 * name, under any escaping scheme.
 */
import {
  ESCAPING_SCHEMES,
  type EscapingScheme,
  FamilyConflictError,
} from "../base/mod.ts";
import { isClassicMetric } from "../base/internal.ts";
import { type FamilyDesc, stemOf, TYPES } from "./desc.ts";
import { escapedDesc } from "./escaped_desc.ts";

/** Returns every name that some format writes for the family. */
export function exposedNames(desc: FamilyDesc): readonly string[] {
  const stem = stemOf(desc);
  return TYPES[desc.type].suffixes.map((suffix) => stem + suffix);
}

type Owners = Map<string, FamilyDesc>;

const NONE: ReadonlySet<FamilyDesc> = /* @__PURE__ */ new Set();

/**
 * A set of reserved names. Clashes are found when a family is declared, so that
 * they cannot fail a scrape.
 *
 * A classic name is the same under every scheme, so it is stored once. Other
 * names are stored once per scheme.
 */
export class ExposedNames {
  readonly #schemes: readonly EscapingScheme[];
  readonly #classic: Owners;
  /** The names that are not classic, by scheme; made with the first one. */
  #escaped: ReadonlyMap<EscapingScheme, Owners> | undefined;

  /** `schemes` are the schemes that readers can request. Default: all. */
  constructor(schemes: readonly EscapingScheme[] = ESCAPING_SCHEMES) {
    this.#schemes = schemes;
    this.#classic = new Map();
  }

  /**
   * Refuses `desc` if another family, none of `own`, writes one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc, own: ReadonlySet<FamilyDesc> = NONE): void {
    if (isClassicMetric(desc.name)) {
      const names = exposedNames(desc);
      refuseOwned(desc, names, this.#classic, own);
      if (this.#escaped === undefined) return;
      for (const owners of this.#escaped.values()) {
        refuseOwned(desc, names, owners, own);
      }
      return;
    }
    for (const scheme of this.#schemes) {
      const names = exposedNames(escapedDesc(desc, scheme));
      refuseOwned(desc, names, this.#classic, own);
      const owners = this.#escaped?.get(scheme);
      if (owners !== undefined) refuseOwned(desc, names, owners, own);
    }
  }

  /** Reserves the names of `desc`, which `check` has accepted. */
  reserve(desc: FamilyDesc): void {
    if (isClassicMetric(desc.name)) {
      for (const name of exposedNames(desc)) this.#classic.set(name, desc);
      return;
    }
    this.#escaped ??= new Map(
      this.#schemes.map((scheme) => [scheme, new Map()]),
    );
    for (const [scheme, owners] of this.#escaped) {
      const names = exposedNames(escapedDesc(desc, scheme));
      for (const name of names) owners.set(name, desc);
    }
  }

  /** Releases the names that are reserved for `desc`. */
  release(desc: FamilyDesc): void {
    if (isClassicMetric(desc.name)) return disown(desc, desc, this.#classic);
    for (const [scheme, owners] of this.#escaped ?? []) {
      disown(desc, escapedDesc(desc, scheme), owners);
    }
  }
}

function refuseOwned(
  desc: FamilyDesc,
  names: readonly string[],
  owners: Owners,
  own: ReadonlySet<FamilyDesc>,
): void {
  for (const name of names) {
    const owner = owners.get(name);
    if (owner === undefined || own.has(owner)) continue;
    throw new FamilyConflictError(
      `Cannot declare ${desc.type} "${desc.name}": ${owner.type} ` +
        `"${owner.name}" already writes "${name}"; choose another name ` +
        `for one of them`,
      owner.name,
      desc.name,
    );
  }
}

/** Releases the names of `written` that `desc` owns. */
function disown(desc: FamilyDesc, written: FamilyDesc, owners: Owners): void {
  for (const name of exposedNames(written)) {
    if (owners.get(name) === desc) owners.delete(name);
  }
}
