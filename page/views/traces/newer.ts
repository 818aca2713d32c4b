/** Lists of traces that the feed continues. */
import type {
  TraceList,
  TraceSummary,
} from "../../../src/dashboard/protocol_traces.ts";
import { routeKey } from "../../parts/requests.ts";

/** Maximum number of traces in a list, as in the server. */
const MAX_LISTED = 100;

/**
 * Returns the traces of the feed after the one with the id `last` that belong to
 * a list, newest first. The feed cannot continue the list of the slowest ones.
 */
export function newerTraces(
  feed: readonly TraceSummary[],
  last: string,
  list: TraceList["list"],
  route: string,
): TraceSummary[] {
  if (list === "slowest") return [];
  const newer: TraceSummary[] = [];
  for (let i = feed.length - 1; i >= 0 && feed[i]!.id !== last; i--) {
    const trace = feed[i]!;
    if (list === "failed" && !trace.failed) continue;
    if (route !== "" && routeKey(trace.method, trace.route) !== route) continue;
    newer.push(trace);
  }
  return newer;
}

/** Returns a list with newer traces in front; each trace once, as it is now. */
export function withNewer(
  answer: TraceList,
  newer: readonly TraceSummary[],
): TraceList {
  const byId = new Map<string, TraceSummary>();
  for (const trace of [...newer, ...answer.traces]) {
    if (!byId.has(trace.id)) byId.set(trace.id, trace);
  }
  const traces = [...byId.values()].slice(0, MAX_LISTED);
  const { counts, list } = answer;
  const count = Math.max(counts[list], traces.length);
  return { ...answer, traces, counts: { ...counts, [list]: count } };
}
