/**
 * The list of failed and slow traces: failures grouped by route and cause, then
 * the slowest. Pure; nothing here knows the document.
 */
import type { TraceSummary } from "../../../src/dashboard/protocol.ts";
import { endOfTrace } from "../../parts/trace_book.ts";

/** An entry of the list. */
export interface Entry {
  readonly key: string;
  readonly isFailed: boolean;
  readonly method: string;
  /** Route, or the name of the root span if it has none. */
  readonly name: string;
  readonly cause: string;
  /** Number of traces with this route and cause. */
  readonly count: number;
  /** The newest of them. */
  readonly newest: TraceSummary;
}

/** Entries that the list has at most. */
export const MOST_ENTRIES = 8;

/** A list of failures alone would hide what is slow. */
const MOST_FAILED = 5;

/** Returns the list: failures, the most frequent first, then the slowest. */
export function worstEntries(traces: readonly TraceSummary[]): Entry[] {
  const groups = new Map<string, { count: number; newest: TraceSummary }>();
  for (const trace of traces) {
    if (!trace.failed) continue;
    const key = JSON.stringify([
      trace.method,
      trace.route,
      trace.root,
      trace.cause,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { count: 1, newest: trace });
    else {
      group.count++;
      if (endOfTrace(trace) > endOfTrace(group.newest)) group.newest = trace;
    }
  }
  const failed = [...groups].map(([key, { count, newest }]) =>
    entryOf(key, newest, count)
  ).sort((a, b) =>
    b.count - a.count || endOfTrace(b.newest) - endOfTrace(a.newest)
  ).slice(0, MOST_FAILED);
  const slow = traces.filter((trace) => !trace.failed)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, MOST_ENTRIES - failed.length)
    .map((trace) => entryOf(trace.id, trace, 1));
  return [...failed, ...slow];
}

function entryOf(key: string, newest: TraceSummary, count: number): Entry {
  const { failed, method, route, root, cause } = newest;
  return {
    key,
    isFailed: failed,
    method: route === "" ? "" : method,
    name: route === "" ? root : route,
    cause,
    count,
    newest,
  };
}
