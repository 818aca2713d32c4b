/**
 * What a family is: fixed at declaration, shared by reference for ever.
 *
 * - The name is the one that is queried, in every format.
 * - `checkDesc` refuses what any reader of any format would refuse.
 * - `NameBook` refuses two families of which one format would write the same
 *   name, whichever comes first.
 */
import {
  FamilyConflictError,
  isLabelName,
  isMetricName,
  suggestName,
  withoutSuffix,
} from "../base/mod.ts";

/** The kinds of families; `unknown` is a number of which nothing is known. */
export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";

/** How the values that several workers report for one series become one. */
export type MergeRule = "sum" | "max" | "min" | "last" | "each-worker";

/** The immutable description of a family. */
export interface FamilyDesc {
  /** Exactly as queried: `http_requests_total`, `shop_build_info`. */
  readonly name: string;
  /** What kind of value its series have. */
  readonly type: MetricType;
  /** One sentence for people; never empty. */
  readonly help: string;
  /** `""`, or the word that the name ends in (before `_total`). */
  readonly unit: string;
  /** Names of the labels, in the order in which values are given. */
  readonly labelNames: readonly string[];
  /** How workers' values are merged. */
  readonly merge: MergeRule;
}

const DEFAULT_MERGE: Readonly<Record<MetricType, MergeRule>> = {
  counter: "sum",
  gauge: "each-worker",
  histogram: "sum",
  gaugehistogram: "sum",
  summary: "sum",
  info: "last",
  stateset: "last",
  unknown: "each-worker",
};

/** A label that the format itself writes on the samples of a type. */
const OWN_LABEL: Partial<Record<MetricType, string>> = {
  histogram: "le",
  gaugehistogram: "le",
  summary: "quantile",
};

/**
 * Makes a checked, frozen description; `merge` is by type unless given.
 *
 * @throws {RangeError} As `checkDesc`.
 */
export function familyDesc(
  init:
    & Pick<FamilyDesc, "name" | "type" | "help">
    & Partial<Pick<FamilyDesc, "unit" | "labelNames" | "merge">>,
): FamilyDesc {
  const desc: FamilyDesc = Object.freeze({
    name: init.name,
    type: init.type,
    help: init.help,
    unit: init.unit ?? "",
    labelNames: Object.freeze([...init.labelNames ?? []]),
    merge: init.merge ?? DEFAULT_MERGE[init.type],
  });
  checkDesc(desc);
  return desc;
}

/**
 * Refuses a description that some reader of some format would refuse.
 *
 * @throws {RangeError} With the offending string and what to type instead.
 */
export function checkDesc(desc: FamilyDesc): void {
  const { name, type } = desc;
  const refuse = (why: string): never => {
    throw new RangeError(`Cannot declare ${type} ${quoted(name)}: ${why}`);
  };
  if (!Object.hasOwn(DEFAULT_MERGE, type)) refuse("there is no such type");
  if (typeof name !== "string" || !isMetricName(name)) {
    refuse(
      `a name is letters, digits and "_", does not begin with a digit or ` +
        `"_"; try ${quoted(properName(desc))}`,
    );
  }
  if (properName(desc) !== name) {
    refuse(
      `a ${type} name must end in "${ENDING[type]}"; ` +
        `try ${quoted(properName(desc))}`,
    );
  }
  if (typeof desc.help !== "string" || desc.help.trim() === "") {
    refuse(`help must say in a sentence what is measured; it is empty`);
  }
  checkUnit(desc, refuse);
  checkLabelNames(desc, refuse);
}

const ENDING: Partial<Record<MetricType, string>> = {
  counter: "_total",
  info: "_info",
};

/** The legal name nearest to the one given. */
function properName({ name, type }: FamilyDesc): string {
  const legal = isMetricName(String(name)) ? name : suggestName(String(name));
  const ending = ENDING[type] ?? "";
  const stem = withoutSuffix(legal, ending);
  const whole = stem + ending;
  return stem !== "" && isMetricName(whole)
    ? whole
    : suggestName(stem) + ending;
}

function checkUnit(desc: FamilyDesc, refuse: (why: string) => never): void {
  const { unit, type, name } = desc;
  if (unit === "") return;
  if (type === "info" || type === "stateset") {
    refuse(`a ${type} has no unit; leave out unit: ${quoted(unit)}`);
  }
  if (!/^[a-zA-Z0-9_]+$/.test(unit)) {
    refuse(`unit ${quoted(unit)} must be a word such as "seconds" or "bytes"`);
  }
  const stem = withoutSuffix(name, ENDING[type] ?? "");
  if (!stem.endsWith(`_${unit}`)) {
    refuse(
      `with unit ${quoted(unit)} the name must end in it; ` +
        `try ${quoted(`${stem}_${unit}${ENDING[type] ?? ""}`)}`,
    );
  }
}

function checkLabelNames(
  { labelNames, name, type }: FamilyDesc,
  refuse: (why: string) => never,
): void {
  const seen = new Set<string>();
  const own = type === "stateset" ? name : OWN_LABEL[type];
  labelNames.forEach((label, at) => {
    if (typeof label !== "string" || !isLabelName(label)) {
      refuse(
        `label ${quoted(label)} must be letters, digits and "_", and not ` +
          `begin with a digit or "_"; try ${
            quoted(suggestName(String(label)))
          }`,
      );
    }
    if (seen.has(label)) refuse(`label ${quoted(label)} is given twice`);
    // The label of a stateset is its own, and stands last.
    const reserved = label === own &&
      !(type === "stateset" && at === labelNames.length - 1);
    if (reserved) {
      refuse(
        `label ${quoted(label)} is written by every ${type} itself; ` +
          `try ${quoted(`${label}_`)}`,
      );
    }
    seen.add(label);
  });
  if (type === "stateset" && labelNames.at(-1) !== name) {
    refuse(`the last label of a stateset must be called as the stateset`);
  }
}

function quoted(text: unknown): string {
  const whole = typeof text === "string" ? text : String(text);
  return JSON.stringify(whole.length > 80 ? `${whole.slice(0, 80)}…` : whole);
}

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
  readonly #owners = new Map<string, FamilyDesc>();

  /**
   * Refuses `desc` if a family in the book would write one of its names.
   *
   * @throws {FamilyConflictError} Naming both families and the name.
   */
  check(desc: FamilyDesc): void {
    for (const name of exposedNames(desc)) {
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

  /** Takes the names of `desc`, after `check`. */
  enter(desc: FamilyDesc): void {
    for (const name of exposedNames(desc)) this.#owners.set(name, desc);
  }

  /** Frees the names of `desc`. */
  leave(desc: FamilyDesc): void {
    for (const name of exposedNames(desc)) {
      if (this.#owners.get(name) === desc) this.#owners.delete(name);
    }
  }
}
