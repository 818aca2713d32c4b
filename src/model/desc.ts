/**
 * Descriptions of families: fixed at declaration, shared by reference.
 *
 * - The name is the one that is queried, in every format.
 * - The rules for descriptions are in `check_desc.ts`.
 */
import { withoutSuffix } from "../base/internal.ts";

/** The type of a family; `unknown` is a number of unknown meaning. */
export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";

/** How the values that several workers report for one series are merged. */
export type MergeRule = "sum" | "max" | "min" | "last" | "each-worker";

/** The immutable description of a family. */
export interface FamilyDesc {
  /** Exactly as queried: `http_requests_total`, `shop_build_info`. */
  readonly name: string;
  /** The type of the values of its series. */
  readonly type: MetricType;
  /** One sentence for people; never empty. */
  readonly help: string;
  /** The word in which the name ends, before `_total`; `""` if it has no unit. */
  readonly unit: string;
  /** The names of the labels, in the order of their values. */
  readonly labelNames: readonly string[];
  /** How the values of several workers are merged. */
  readonly merge: MergeRule;
}

/** Facts about all families of a type. */
interface TypeFacts {
  /** The default merge rule. */
  readonly merge: MergeRule;
  /** The suffix that names must have. Default: none. */
  readonly ending?: string;
  /** Suffixes that any format appends to the stem. Default: none. */
  readonly suffixes?: readonly string[];
  /** The label that formats write by themselves. Default: none. */
  readonly own?: string;
}

/** The facts about each type. */
export const TYPES: Readonly<Record<MetricType, TypeFacts>> = {
  counter: {
    merge: "sum",
    ending: "_total",
    suffixes: ["", "_total", "_created"],
  },
  gauge: { merge: "each-worker" },
  histogram: {
    merge: "sum",
    suffixes: ["", "_bucket", "_count", "_sum", "_created"],
    own: "le",
  },
  gaugehistogram: {
    merge: "sum",
    // The text format writes it as a histogram, OpenMetrics with `_g…`.
    suffixes: ["", "_bucket", "_count", "_sum", "_gcount", "_gsum"],
    own: "le",
  },
  summary: {
    merge: "sum",
    suffixes: ["", "_count", "_sum", "_created"],
    own: "quantile",
  },
  info: { merge: "last", ending: "_info", suffixes: ["", "_info"] },
  stateset: { merge: "last" },
  unknown: { merge: "each-worker" },
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

/** Facts about the names of a description that were checked once. */
export interface DescFacts {
  /** Whether all names are classic: no scheme escapes them. */
  readonly isClassic: boolean;
  /**
   * The set of names in which the family is reserved. Families that are
   * reserved in one set cannot clash, in any format or scheme.
   */
  reservedIn: object | undefined;
}

/** By identity, because descriptions are immutable. */
const FACTS = /* @__PURE__ */ new WeakMap<FamilyDesc, DescFacts>();

/** Returns the facts about `desc` if its names were checked already. */
export function factsOf(desc: FamilyDesc): DescFacts | undefined {
  return FACTS.get(desc);
}

/** Remembers that the names of `desc` were checked. */
export function rememberFacts(desc: FamilyDesc, isClassic: boolean): DescFacts {
  const facts: DescFacts = { isClassic, reservedIn: undefined };
  FACTS.set(desc, facts);
  return facts;
}

/** Returns the name without the suffix that its type requires. */
export function stemOf(
  { name, type }: Pick<FamilyDesc, "name" | "type">,
): string {
  return withoutSuffix(name, TYPES[type].ending ?? "");
}

/**
 * The names that a declaration accepts: `classic` ones of letters, digits and
 * `_`, or any text in UTF-8, such as `http.server.duration`. Names that are not
 * classic are quoted for readers that support it, and escaped for others.
 */
export type NameRule = "classic" | "utf-8";
