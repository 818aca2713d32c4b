/**
 * The names that are taken: refuses two families of which one format would
 * write the same name, whichever comes first and however names are escaped.
 */
import {
  ESCAPING_SCHEMES,
  type EscapingScheme,
  FamilyConflictError,
  withoutSuffix,
} from "../base/mod.ts";
import { ENDING, type FamilyDesc, type MetricType } from "./desc.ts";
import { escapedDesc } from "./escaped_desc.ts";

const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ["", "_total", "_created"],
  gauge: [""],
  histogram: ["", "_bucket", "_count", "_sum", "_created"],
  // The text format writes it as a histogram, OpenMetrics with `_g…` suffixes.
  gaugehistogram: ["", "_bucket", "_count", "_sum", "_gcount", "_gsum"],
  summary: ["", "_count", "_sum", "_created"],
  info: ["", "_info"],
  stateset: [""],
  unknown: [""],
};

/** Every name that some format would write for the family. */
export function exposedNames({ name, type }: FamilyDesc): readonly string[] {
  const stem = withoutSuffix(name, ENDING[type] ?? "");
  return SUFFIXES[type].map((suffix) => stem + suffix);
}

/**
 * The names that are taken: finds clashes when a family is declared, so that
 * no scrape can meet one.
 */
export class NameBook {
  /** Who owns a name, scheme by scheme. */
  readonly #owners: ReadonlyMap<EscapingScheme, Map<string, FamilyDesc>>;

  /** `schemes` are those in which names can be asked for. */
  constructor(schemes: readonly EscapingScheme[] = ESCAPING_SCHEMES) {
    this.#owners = new Map(schemes.map((scheme) => [scheme, new Map()]));
  }

  /**
   * Refuses `desc` if a family in the book would write one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc): void {
    for (const [scheme, owners] of this.#owners) {
      for (const name of exposedNames(escapedDesc(desc, scheme))) {
        const owner = owners.get(name);
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
  }

  /** Takes the names of `desc`, after `check`. */
  enter(desc: FamilyDesc): void {
    for (const [scheme, owners] of this.#owners) {
      for (const name of exposedNames(escapedDesc(desc, scheme))) {
        owners.set(name, desc);
      }
    }
  }

  /** Frees the names of `desc`. */
  leave(desc: FamilyDesc): void {
    for (const [scheme, owners] of this.#owners) {
      for (const name of exposedNames(escapedDesc(desc, scheme))) {
        if (owners.get(name) === desc) owners.delete(name);
      }
    }
  }
}
