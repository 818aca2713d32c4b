/**
 * The families to generate for, and the queries over histograms.
 *
 * A histogram is exposed with classic buckets, with native ones, or with both.
 * Its description does not show which; one pass over the source does.
 */
import {
  boundText,
  display,
  oneOf,
  type OptionRule,
} from "../base/internal.ts";
import { capture, type FamilyDesc, type Source } from "../model/mod.ts";
import { descsOf, partsOf, rowsOf } from "../model/internal.ts";
import { by, type Matcher, type PromQL } from "./promql.ts";

/** A registry or another source, or descriptions of families. */
export type Described = Source | readonly FamilyDesc[];

/**
 * The buckets of histograms. `classic`: one series per bound. `native`: buckets
 * of exponential width in one series. `both`: the server stores either or both.
 */
export type Buckets = "classic" | "native" | "both";

/** A family with the facts that its queries need. */
export interface QueriedFamily extends FamilyDesc {
  /** The buckets of a histogram; `classic` for all other types. */
  readonly buckets: Buckets;
  /** The upper bounds of its classic buckets; undefined if not known. */
  readonly bounds: readonly number[] | undefined;
}

/** The rule of the option `histograms`. */
export const BUCKETS: OptionRule<Buckets> = /* @__PURE__ */ oneOf<Buckets>(
  ["classic", "native", "both"],
  "classic",
);

/**
 * Returns the families of `described` in the order of their names. Histograms
 * whose buckets are not known have the buckets `fallback`.
 *
 * @throws {TypeError} If it is neither a source nor a list of descriptions; the
 *   message begins with `action`.
 */
export function familiesOf(
  action: string,
  described: Described,
  fallback: Buckets,
): readonly QueriedFamily[] {
  const isList = Array.isArray(described);
  const descs = (isList ? described : (described as Partial<Source>)?.descs) as
    | readonly FamilyDesc[]
    | undefined;
  if (!Array.isArray(descs) || !descs.every(isDesc)) {
    throw new TypeError(
      `${action} ${display(described)}: give a source, such as ` +
        "createRegistry(), or a list of descriptions",
    );
  }
  const known = isList ? new Map() : bucketsOf(described as Source);
  return descs
    .map((desc) => ({
      name: desc.name,
      type: desc.type,
      help: desc.help,
      unit: desc.unit,
      labelNames: desc.labelNames,
      merge: desc.merge,
      buckets: fallback,
      bounds: undefined,
      ...known.get(desc.name),
    }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

function isDesc(value: Partial<FamilyDesc> | null): boolean {
  return typeof value?.name === "string" && typeof value.type === "string" &&
    typeof value.help === "string" && Array.isArray(value.labelNames);
}

type Facts = Pick<QueriedFamily, "buckets" | "bounds">;

/**
 * Returns the buckets of the histograms of a source. Parts of a registry know
 * them; other parts are collected once, and show them if they have series.
 */
function bucketsOf(source: Source): ReadonlyMap<string, Facts> {
  const known = new Map<string, Facts>();
  const add = (name: string, bounds: Float64Array, isNative: boolean) =>
    known.set(name, {
      bounds: [...bounds],
      buckets: !isNative ? "classic" : bounds.length === 0 ? "native" : "both",
    });
  const parts = partsOf(source).filter((part) => {
    const { desc, layout } = rowsOf(part) ?? {};
    const bounds = layout?.bounds;
    if (bounds !== undefined) {
      add(desc!.name, bounds, layout!.native !== undefined);
    }
    return bounds === undefined &&
      descsOf(part).some(({ type }) => type === "histogram");
  });
  // Scrapes report parts that fail; queries do not depend on them.
  const { families } = capture(
    { descs: [], parts, collect() {} },
    { observer: { failed() {} } },
  );
  for (const { desc, histograms: [first] } of families) {
    if (first === undefined) continue;
    add(desc.name, first.bounds, first.native !== undefined);
  }
  return known;
}

/** Writes an expression for the buckets of a histogram, or one for each kind. */
function either(
  { buckets }: QueriedFamily,
  native: string,
  classic: string,
): string {
  if (buckets === "native") return native;
  return buckets === "classic" ? classic : `(${native} or ${classic})`;
}

/** Returns the quantile `q` of a histogram by labels, over the range of rates. */
export function quantile(
  promql: PromQL,
  family: QueriedFamily,
  q: number,
  labels: readonly string[],
  matchers: readonly Matcher[] = [],
): string {
  const { name, type } = family;
  const of = (sample: string) =>
    type === "histogram"
      ? promql.rate(sample, matchers)
      : promql.select(sample, matchers);
  const native = by("sum", labels, of(name));
  const classic = by("sum", ["le", ...labels], of(`${name}_bucket`));
  return either(
    family,
    `histogram_quantile(${q}, ${native})`,
    `histogram_quantile(${q}, ${classic})`,
  );
}

/** Returns the observations of a histogram per second, by labels. */
export function observations(
  promql: PromQL,
  family: QueriedFamily,
  labels: readonly string[],
  matchers: readonly Matcher[] = [],
): string {
  const native = `histogram_count(${promql.rate(family.name, matchers)})`;
  return either(
    family,
    by("sum", labels, native),
    by("sum", labels, promql.rate(`${family.name}_count`, matchers)),
  );
}

/** Returns the sum of the observations of a histogram per second, by labels. */
export function observedSum(
  promql: PromQL,
  family: QueriedFamily,
  labels: readonly string[],
): string {
  return either(
    family,
    by("sum", labels, `histogram_sum(${promql.rate(family.name)})`),
    by("sum", labels, promql.rate(`${family.name}_sum`)),
  );
}

/**
 * Returns the observations of a histogram per second that are at most `bound`, by
 * labels. Classic buckets must have that bound.
 */
export function observationsUpTo(
  promql: PromQL,
  family: QueriedFamily,
  bound: number,
  labels: readonly string[],
  matchers: readonly Matcher[] = [],
): string {
  const { name } = family;
  const native = by("sum", labels, promql.rate(name, matchers));
  const le: Matcher = { label: "le", op: "=", value: boundText(bound) };
  return either(
    family,
    `(histogram_fraction(-Inf, ${bound}, ${native}) * ` +
      `histogram_count(${native}))`,
    by("sum", labels, promql.rate(`${name}_bucket`, [...matchers, le])),
  );
}
