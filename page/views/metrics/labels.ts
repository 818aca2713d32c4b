/** Splits the series of a family by the values of a label. */
import type { FamilyInfo, Hello } from "../../../src/dashboard/protocol.ts";
import type { Series } from "../../core/data.ts";

/** Most lines of one chart, apart from that of the others. */
export const MOST_LINES = 6;

/** The value of `by` in the address that stands for no split. */
export const NOTHING = "*";

/** A label and how many values it has. */
export interface LabelCount {
  readonly label: string;
  readonly values: number;
}

/** Series that are drawn as one line. */
export interface Part {
  /** The value of the label by which the series are split; "" for all. */
  readonly value: string;
  readonly series: readonly Series[];
}

/** A label that must have a value. */
export interface Matcher {
  readonly label: string;
  readonly value: string;
}

/** Counts the values of each label, in the order of the family. */
export function labelCounts(
  { labels }: FamilyInfo,
  series: readonly Series[],
): LabelCount[] {
  return labels.map((label, index) => {
    const values = new Set<string>();
    for (const { info } of series) values.add(info.values[index] ?? "");
    return { label, values: values.size };
  });
}

/** Returns the label that makes most series; null if no label has two values. */
export function largestLabel(counts: readonly LabelCount[]): LabelCount | null {
  let largest: LabelCount | null = null;
  for (const count of counts) {
    if (count.values > (largest?.values ?? 1)) largest = count;
  }
  return largest;
}

/** A family is nearly full from this share of its limit on. */
const NEARLY_FULL = 0.9;

/**
 * Returns the label by which a family is split if the address names none: the one
 * that makes most series of a family that is nearly full, the route of requests,
 * or the label with most values that can all be drawn.
 */
export function defaultSplit(
  { limit, series }: FamilyInfo,
  counts: readonly LabelCount[],
  hello: Hello | null,
): string {
  const largest = largestLabel(counts)?.label ?? NOTHING;
  if (limit !== null && series >= limit * NEARLY_FULL) return largest;
  const route = hello?.requests.route;
  if (counts.some(({ label, values }) => label === route && values > 1)) {
    return route!;
  }
  const drawable = counts.filter(({ values }) => values <= MOST_LINES);
  return largestLabel(drawable)?.label ?? NOTHING;
}

/**
 * Splits series by a label; by `NOTHING` there is one part with all series. Parts
 * stand in the order in which their values are first met.
 */
export function split(
  { labels }: FamilyInfo,
  series: readonly Series[],
  by: string,
): Part[] {
  if (by === NOTHING) {
    return series.length === 0 ? [] : [{ value: "", series }];
  }
  const index = labels.indexOf(by);
  const parts = new Map<string, Series[]>();
  for (const one of series) {
    const value = one.info.values[index] ?? "";
    const part = parts.get(value);
    if (part === undefined) parts.set(value, [one]);
    else part.push(one);
  }
  return Array.from(parts, ([value, series]) => ({ value, series }));
}

/** Returns the series whose labels have the values of all matchers. */
export function matching(
  { labels }: FamilyInfo,
  series: readonly Series[],
  matchers: readonly Matcher[],
): readonly Series[] {
  if (matchers.length === 0) return series;
  const wanted = matchers.map(({ label, value }) =>
    [labels.indexOf(label), value] as const
  );
  return series.filter(({ info }) =>
    wanted.every(([index, value]) => (info.values[index] ?? "") === value)
  );
}

/**
 * Returns the matchers of a route such as `POST /orders/:payment` for a family;
 * none if the family has no label of routes.
 */
export function routeMatchers(
  { labels }: FamilyInfo,
  route: string,
  hello: Hello | null,
): Matcher[] {
  const names = hello?.requests;
  if (route === "" || !names?.route || !labels.includes(names.route)) return [];
  const { method } = names;
  if (method === null || !labels.includes(method)) {
    return [{ label: names.route, value: route }];
  }
  const space = route.indexOf(" ");
  return [
    { label: method, value: route.slice(0, Math.max(0, space)) },
    { label: names.route, value: route.slice(space + 1) },
  ];
}

/** Lines of a chart: the largest parts, and one for all the others. */
export interface Lines {
  readonly lines: readonly Part[];
  readonly others: Part | null;
  /** How many parts `others` holds. */
  readonly othersCount: number;
}

/** Sorts parts, the largest first; equal ones by `second`, then by value. */
export function ranked(
  parts: readonly Part[],
  weight: (part: Part) => number,
  second: (part: Part) => number = () => 0,
): Part[] {
  const known = parts.map((part) => {
    const size = weight(part);
    return {
      part,
      size: Number.isNaN(size) ? -Infinity : size,
      next: second(part),
    };
  });
  known.sort((a, b) =>
    compare(b.size, a.size) || compare(b.next, a.next) ||
    compare(a.part.value, b.part.value)
  );
  return known.map(({ part }) => part);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Takes the first parts as lines and puts the rest together. */
export function linesOf(parts: readonly Part[], most = MOST_LINES): Lines {
  const rest = parts.slice(most);
  return {
    lines: parts.slice(0, most),
    others: rest.length === 0
      ? null
      : { value: "", series: rest.flatMap(({ series }) => series) },
    othersCount: rest.length,
  };
}
