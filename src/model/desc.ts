/**
 * Descriptions of families: fixed at declaration, shared by reference.
 *
 * - `name` is the queried name, the same in every format.
 * - The rules for descriptions are in `check_desc.ts`.
 */
import { withoutSuffix } from "../base/internal.ts";

/** The type of a family; `unknown`: a number that can mean anything. */
export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";

/** The rule by which the values of one series from several workers are merged. */
export type MergeRule = "sum" | "max" | "min" | "last" | "each-worker";

/** The immutable description of a family. */
export interface FamilyDesc {
  /** Exactly as queried: `http_requests_total`, `shop_build_info`. */
  readonly name: string;
  /** The type of the values of its series. */
  readonly type: MetricType;
  /** One sentence for people; never empty. */
  readonly help: string;
  /** The unit, the last word of the name before `_total`; `""` if it has none. */
  readonly unit: string;
  /** The names of the labels, in the order of their values. */
  readonly labelNames: readonly string[];
  /** How the values of several workers are merged. */
  readonly merge: MergeRule;
}

/**
 * Facts about all families of a type. All of them are given: what is absent could
 * be inherited from `Object.prototype`, to which other code may add anything.
 */
interface TypeFacts {
  /** The default merge rule. */
  readonly merge: MergeRule;
  /** The suffix that names must have, or `""`. */
  readonly ending: string;
  /** Suffixes that any format appends to the stem. */
  readonly suffixes: readonly string[];
  /** The label that formats write themselves, or `""`. */
  readonly own: string;
}

const BARE = [""];

/** The facts about each type. */
export const TYPES: Readonly<Record<MetricType, TypeFacts>> = {
  counter: {
    merge: "sum",
    ending: "_total",
    suffixes: ["", "_total", "_created"],
    own: "",
  },
  gauge: { merge: "each-worker", ending: "", suffixes: BARE, own: "" },
  histogram: {
    merge: "sum",
    ending: "",
    suffixes: ["", "_bucket", "_count", "_sum", "_created"],
    own: "le",
  },
  gaugehistogram: {
    merge: "sum",
    ending: "",
    // The text format writes it as a histogram, OpenMetrics with `_g…`.
    suffixes: ["", "_bucket", "_count", "_sum", "_gcount", "_gsum"],
    own: "le",
  },
  summary: {
    merge: "sum",
    ending: "",
    suffixes: ["", "_count", "_sum", "_created"],
    own: "quantile",
  },
  info: { merge: "last", ending: "_info", suffixes: ["", "_info"], own: "" },
  stateset: { merge: "last", ending: "", suffixes: BARE, own: "" },
  unknown: { merge: "each-worker", ending: "", suffixes: BARE, own: "" },
};

/** The verb of `Sink` that writes points of each type. */
export const VERBS: Readonly<
  Record<MetricType, "number" | "histogram" | "summary">
> = {
  counter: "number",
  gauge: "number",
  histogram: "histogram",
  gaugehistogram: "histogram",
  summary: "summary",
  info: "number",
  stateset: "number",
  unknown: "number",
};

/** The result of checking the names of a description. */
export interface DescFacts {
  /** Whether all names are classic: no scheme escapes them. */
  readonly isClassic: boolean;
  /** The checked text of a description that may change; undefined if frozen. */
  readonly checked: string | undefined;
  /**
   * Identifies the set of names in which the family is reserved; undefined if it
   * is in none. Families of the same set cannot clash, in any format or scheme.
   */
  reservedIn: object | undefined;
}

/** Keyed by identity; a description that is not frozen is compared too. */
const FACTS = /* @__PURE__ */ new WeakMap<FamilyDesc, DescFacts>();

/** Returns the facts about `desc`; undefined if its names were not checked. */
export function factsOf(desc: FamilyDesc): DescFacts | undefined {
  return FACTS.get(desc);
}

/** Stores and returns the facts about `desc`, whose names were checked. */
export function rememberFacts(
  desc: FamilyDesc,
  isClassic: boolean,
  checked?: string,
): DescFacts {
  const facts: DescFacts = { isClassic, checked, reservedIn: undefined };
  FACTS.set(desc, facts);
  return facts;
}

/** Returns the name without the suffix that its type requires. */
export function stemOf(
  { name, type }: Pick<FamilyDesc, "name" | "type">,
): string {
  return withoutSuffix(name, TYPES[type].ending);
}

/**
 * The names that a declaration accepts. `classic`: letters, digits and `_`.
 * `utf-8`: any text, such as `http.server.duration`; names that are not classic
 * are quoted for readers that support it, and escaped for others.
 */
export type NameRule = "classic" | "utf-8";
