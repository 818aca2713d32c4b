/** Causes of findings, as far as the kept traces know them. */
import type { Rule } from "../protocol.ts";
import { causeText, isOfRoute, shown, type TraceView } from "./answers.ts";
import type { TraceKeeper } from "./keeper.ts";

/** Least share of the time that is worth a sentence. */
const LEAST_SHARE = 0.5;

/** From this share on the rest is not worth a number. */
const NEARLY_ALL = 0.95;

/**
 * Returns the cause of a finding about `route`, such as `POST /orders`; empty if
 * the kept traces tell none. Cost: linear in the spans of one list.
 *
 * - `failing`: the most frequent error of failed traces.
 * - `slow`: the span in which the slowest traces that have not failed spend most
 *   of their time.
 */
export function causeOf(
  keeper: TraceKeeper,
  route: string,
  rule: Rule,
  view: TraceView,
): string {
  if (rule === "failing") return mostFrequentError(keeper, route, view);
  return rule === "slow" ? mostOwnTime(keeper, route, view) : "";
}

function mostFrequentError(
  keeper: TraceKeeper,
  route: string,
  view: TraceView,
): string {
  const traces = keeper.traces("failed")
    .filter((trace) => isOfRoute(trace, route, view));
  const counts = new Map<string, number>();
  for (const trace of traces) add(counts, causeText(trace, view), 1);
  const [error, count] = largest(counts);
  if (error === "") return "";
  if (traces.length === 1) return error;
  const share = count === traces.length ? "all" : `${count} of`;
  return `${error}, in ${share} ${traces.length} failed traces`;
}

function mostOwnTime(
  keeper: TraceKeeper,
  route: string,
  view: TraceView,
): string {
  const traces = keeper.traces("slowest")
    .filter((trace) => !trace.failed && isOfRoute(trace, route, view));
  const times = new Map<string, number>();
  let all = 0;
  for (const trace of traces) {
    const own = trace.ownTimes();
    trace.records.forEach((record, index) => {
      const span = shown(record, view);
      all += own[index]!;
      if (span === undefined || record === trace.root) return;
      add(times, span.name, own[index]!);
    });
  }
  const [name, time] = largest(times);
  if (name === "" || !(time / all >= LEAST_SHARE)) return "";
  const share = time / all >= NEARLY_ALL
    ? "Nearly all"
    : `${Math.round(100 * time / all)} %`;
  const slowest = traces.length === 1
    ? "slowest trace"
    : `${traces.length} slowest traces`;
  return `${share} of the time of its ${slowest} is in ${name}`;
}

function add(sums: Map<string, number>, key: string, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

/** Returns the entry with the largest value. */
function largest(sums: ReadonlyMap<string, number>): readonly [string, number] {
  let found: readonly [string, number] = ["", 0];
  for (const entry of sums) if (entry[1] > found[1]) found = entry;
  return found;
}
