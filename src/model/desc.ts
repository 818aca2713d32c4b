/**
 * What a family is: fixed at declaration, shared by reference for ever.
 *
 * - The name is the one that is queried, in every format.
 * - `checkDesc` refuses what any reader of any format would refuse.
 */
import {
  escapedLabel,
  ESCAPING_SCHEMES,
  isClassicLabel,
  isLabelName,
  isMetricName,
  isUtf8Name,
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

/**
 * Which names a declaration takes: `classic` ones, of letters, digits and `_`,
 * or any text in UTF-8, such as `http.server.duration`. What is not classic is
 * written in quotes for readers that know it, and escaped for others.
 */
export type NameRule = "classic" | "utf-8";

/** A label that the format itself writes on the samples of a type. */
const OWN_LABEL: Partial<Record<MetricType, string>> = {
  histogram: "le",
  gaugehistogram: "le",
  summary: "quantile",
};

/**
 * Makes a checked, frozen description; `merge` is by type unless given. Names
 * are `classic` unless they are said to be `utf-8`, because most that are not
 * are mistakes.
 *
 * @throws {RangeError} As `checkDesc`.
 */
export function familyDesc(
  init:
    & Pick<FamilyDesc, "name" | "type" | "help">
    & Partial<Pick<FamilyDesc, "unit" | "labelNames" | "merge">>,
  names: NameRule = "classic",
): FamilyDesc {
  const desc: FamilyDesc = Object.freeze({
    name: init.name,
    type: init.type,
    help: init.help,
    unit: init.unit ?? "",
    labelNames: Object.freeze([...init.labelNames ?? []]),
    merge: init.merge ?? DEFAULT_MERGE[init.type],
  });
  checkDesc(desc, names);
  return desc;
}

/**
 * Refuses a description that some reader of some format would refuse.
 *
 * @throws {RangeError} With the offending string and what to type instead.
 */
export function checkDesc(desc: FamilyDesc, names: NameRule = "utf-8"): void {
  const { name, type } = desc;
  const refuse = (why: string): never => {
    throw new RangeError(`Cannot declare ${type} ${quoted(name)}: ${why}`);
  };
  if (!Object.hasOwn(DEFAULT_MERGE, type)) refuse("there is no such type");
  if (!isLegalName(name, names, isMetricName)) {
    refuse(
      `a name ${RULE[names]}; ` +
        `try ${quoted(properName(desc, names))}${orUtf8(name, names)}`,
    );
  }
  if (properName(desc, names) !== name) {
    refuse(
      `a ${type} name must end in "${ENDING[type]}"; ` +
        `try ${quoted(properName(desc, names))}`,
    );
  }
  if (typeof desc.help !== "string" || desc.help.trim() === "") {
    refuse(`help must say in a sentence what is measured; it is empty`);
  }
  checkUnit(desc, refuse);
  checkLabelNames(desc, names, refuse);
  checkMerge(desc, refuse);
}

const MERGE_RULES: readonly MergeRule[] = [
  "sum",
  "max",
  "min",
  "last",
  "each-worker",
];

function checkMerge(
  { type, merge }: FamilyDesc,
  refuse: (why: string) => never,
): void {
  if (!MERGE_RULES.includes(merge)) {
    refuse(`merge is ${quoted(merge)}; give one of ${MERGE_RULES.join(", ")}`);
  }
  const isNumber = !Object.hasOwn(OWN_LABEL, type);
  if (!isNumber && (merge === "max" || merge === "min")) {
    refuse(`there is no ${merge} of a ${type}; give merge: "sum" or "last"`);
  }
}

const RULE: Readonly<Record<NameRule, string>> = {
  "classic":
    `must be letters, digits and "_", and not begin with a digit or "_"`,
  "utf-8": `must be well-formed text that does not begin with "_"`,
};

/** `isClassic` tells the names that every reader takes. */
function isLegalName(
  name: unknown,
  names: NameRule,
  isClassic: (name: string) => boolean,
): name is string {
  if (typeof name !== "string") return false;
  return isClassic(name) || (names === "utf-8" && isUtf8Name(name));
}

/** How to keep a name that is illegal for being in UTF-8 only. */
function orUtf8(name: unknown, names: NameRule): string {
  const keeps = names === "classic" && isLegalName(name, "utf-8", isMetricName);
  return keeps ? `, or declare with names: "utf-8"` : "";
}

/** What names of a type must end in. */
export const ENDING: Partial<Record<MetricType, string>> = {
  counter: "_total",
  info: "_info",
};

/** The legal name nearest to the one given. */
function properName({ name, type }: FamilyDesc, names: NameRule): string {
  const isLegal = (text: unknown) => isLegalName(text, names, isMetricName);
  const legal = isLegal(name) ? name : suggestName(String(name));
  const ending = ENDING[type] ?? "";
  const stem = withoutSuffix(legal, ending);
  const whole = stem + ending;
  return stem !== "" && isLegal(whole) ? whole : suggestName(stem) + ending;
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
  names: NameRule,
  refuse: (why: string) => never,
): void {
  const seen = new Set<string>();
  const own = type === "stateset" ? name : OWN_LABEL[type];
  labelNames.forEach((label, at) => {
    if (!isLegalName(label, names, isLabelName)) {
      const instead = quoted(suggestName(String(label)));
      return refuse(
        `the name of label ${quoted(label)} ${RULE[names]}; ` +
          `try ${instead}${orUtf8(label, names)}`,
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
  if (type === "stateset" && name.includes(":")) {
    refuse(`its name is a label too, and labels have no colon`);
  }
  if (!labelNames.every(isClassicLabel)) checkEscapedLabels(labelNames, refuse);
}

/** What is told apart in UTF-8 must be so in every scheme that is asked for. */
function checkEscapedLabels(
  labelNames: readonly string[],
  refuse: (why: string) => never,
): void {
  for (const scheme of ESCAPING_SCHEMES) {
    const seen = new Map<string, string>();
    for (const label of labelNames) {
      const shown = escapedLabel(label, scheme);
      const other = seen.get(shown);
      if (other !== undefined || shown === "__name__") {
        refuse(
          `label ${quoted(label)} is ${
            quoted(shown)
          } where names are written ` +
            `by ${quoted(scheme)}, as is ` +
            `${other === undefined ? "the name itself" : quoted(other)}; ` +
            `give it another name`,
        );
      }
      seen.set(shown, label);
    }
  }
}

function quoted(text: unknown): string {
  const whole = typeof text === "string" ? text : String(text);
  return JSON.stringify(whole.length > 80 ? `${whole.slice(0, 80)}…` : whole);
}
