/**
 * Requests by route, read from the series of a family with the role `requests` or
 * `calls`. Pure; nothing here knows the document.
 */
import type { FamilyInfo, RoleLabels } from "../../src/dashboard/protocol.ts";
import type { Axis, Series } from "../core/data.ts";
import { quantileOf } from "../core/quantiles.ts";

/** Requests that have something in common: a route, or a called service. */
export interface RequestGroup {
  /** Such as `POST /orders`; empty if the labels are. */
  readonly key: string;
  readonly method: string;
  /** Route or peer; empty if it has none. */
  readonly name: string;
  /** Whether this is the series of all that found no place. */
  readonly isOverflow: boolean;
  readonly series: readonly Series[];
  readonly failed: readonly Series[];
}

/** The value of every label of an overflow series. */
const OVERFLOW = "overflow";

/** Returns whether a status, by class or code, is a failure of the server. */
export function isFailure(status: string): boolean {
  return status.startsWith("5") || status === "error";
}

/** Joins method and route as the address has them. */
export function routeKey(method: string, route: string): string {
  return `${method} ${route}`.trim();
}

/** Groups series by method and route; calls by method and service. */
export function groupRequests(
  series: readonly Series[],
  family: Pick<FamilyInfo, "labels">,
  labels: RoleLabels,
): RequestGroup[] {
  const { labels: names } = family;
  const valueOf = ({ info }: Series, label: string | null) =>
    label === null ? "" : info.values[names.indexOf(label)] ?? "";
  const nameLabel = labels.route ?? labels.peer;
  const groups = new Map<
    string,
    RequestGroup & { failed: Series[]; series: Series[] }
  >();
  for (const each of series) {
    const method = valueOf(each, labels.method);
    const name = valueOf(each, nameLabel);
    const key = routeKey(method, name);
    let group = groups.get(key);
    if (group === undefined) {
      const isOverflow = names.length > 0 &&
        each.info.values.every((value) => value === OVERFLOW);
      group = { key, method, name, isOverflow, series: [], failed: [] };
      groups.set(key, group);
    }
    group.series.push(each);
    if (isFailure(valueOf(each, labels.status))) group.failed.push(each);
  }
  return [...groups.values()];
}

/** A histogram family and its series. */
export interface Histograms {
  readonly family: FamilyInfo;
  readonly series: readonly Series[];
}

/** Joins groups of requests to one. */
export function joinGroups(
  groups: readonly RequestGroup[],
): Pick<RequestGroup, "series" | "failed"> {
  return {
    series: groups.flatMap(({ series }) => series),
    failed: groups.flatMap(({ failed }) => failed),
  };
}

/**
 * Returns the growth of failures, and a zero wherever there is a value of any of
 * `series`: a series of failures begins with the first one, so nothing before it
 * is unknown.
 */
export function failuresOf(
  { series, failed }: Pick<RequestGroup, "series" | "failed">,
): Float64Array[] {
  const zeros = new Float64Array(series[0]?.values.length ?? 0).fill(NaN);
  for (const { values } of series) {
    values.forEach((value, column) => {
      if (!Number.isNaN(value)) zeros[column] = 0;
    });
  }
  return [zeros, ...failed.map(({ values }) => values)];
}

/** Columns of an axis, and the seconds that were sampled in them. */
export interface Window {
  readonly first: number;
  readonly end: number;
}

/** Returns the columns of the last `seconds`. */
export function lastWindow(axis: Axis, seconds: number): Window {
  const past = Math.ceil((axis.to - axis.from) / axis.step - 1e-6);
  const end = Math.min(axis.columns, Math.max(0, past));
  return { first: Math.max(0, end - Math.ceil(seconds / axis.step)), end };
}

/** Returns the columns of a span of time. */
export function windowOf(axis: Axis, from: number, to: number): Window {
  const column = (time: number) =>
    Math.min(axis.columns, Math.max(0, (time - axis.from) / axis.step));
  return {
    first: Math.floor(column(from) + 1e-6),
    end: Math.ceil(column(to) - 1e-6),
  };
}

/** Requests within a window. Unknown numbers are NaN. */
export interface RequestFigures {
  readonly count: number;
  readonly failedCount: number;
  /** Requests a second. */
  readonly rate: number;
  readonly failedRate: number;
  /** Failures of all requests, 0 to 1. */
  readonly errors: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Seconds of work a second: how many are under way on average. */
  readonly busy: number;
}

/** Returns the seconds of a window in which any of the series was sampled. */
export function sampledSeconds(
  axis: Axis,
  { first, end }: Window,
  series: readonly Series[],
): number {
  let seconds = 0;
  for (let column = first; column < end; column++) {
    if (!series.some(({ values }) => !Number.isNaN(values[column]!))) continue;
    const begin = axis.from + column * axis.step;
    seconds += Math.min(axis.step, Math.max(0, axis.to - begin));
  }
  return seconds;
}

function sum(values: Float64Array | undefined, { first, end }: Window): number {
  let total = 0;
  if (values === undefined) return 0;
  for (let column = first; column < end; column++) total += values[column] || 0;
  return total;
}

/** Adds up a group within a window of `seconds` that were sampled. */
export function figuresOf(
  { series, failed }: Pick<RequestGroup, "series" | "failed">,
  family: Pick<FamilyInfo, "native" | "bounds">,
  window: Window,
  seconds: number,
): RequestFigures {
  const counts = new Map<number, number>();
  let count = 0;
  let busy = 0;
  for (const { values, sums, buckets } of series) {
    const grown = sum(values, window);
    if (grown === 0) continue;
    count += grown;
    busy += sum(sums, window);
    for (const [bucket, columns] of buckets ?? []) {
      const more = sum(columns, window);
      if (more > 0) counts.set(bucket, (counts.get(bucket) ?? 0) + more);
    }
  }
  const failedCount = failed.reduce(
    (total, { values }) => total + sum(values, window),
    0,
  );
  const quantile = (q: number) => quantileOf(family, counts, q)?.value ?? NaN;
  const perSecond = (value: number) => seconds > 0 ? value / seconds : NaN;
  return {
    count,
    failedCount,
    rate: perSecond(count),
    failedRate: perSecond(failedCount),
    errors: count > 0 ? failedCount / count : NaN,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    busy: perSecond(busy),
  };
}
