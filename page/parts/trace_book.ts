/** The traces that a view knows. Pure; nothing here knows the document. */
import type { TraceSummary } from "../../src/dashboard/protocol.ts";
import { routeKey } from "./requests.ts";

/** Traces that are kept of either kind; the oldest make room. */
const MOST_CHOSEN = 400;
const MOST_OTHERS = 400;

/** The traces that came by lists and by the feed, each once. */
export class TraceBook {
  /** Failed ones, and those of a list: a busy minute must not push them out. */
  readonly #chosen = new Map<string, TraceSummary>();
  readonly #others = new Map<string, TraceSummary>();

  /** Adds traces of a list of the server, or of the feed. */
  add(traces: Iterable<TraceSummary>, from: "list" | "feed"): void {
    for (const trace of traces) {
      const { id } = trace;
      if (this.#chosen.has(id)) continue;
      if (from === "list" || trace.failed) {
        this.#others.delete(id);
        this.#chosen.set(id, trace);
      } else this.#others.set(id, trace);
    }
    keepNewest(this.#chosen, MOST_CHOSEN);
    keepNewest(this.#others, MOST_OTHERS);
  }

  /** Forgets all, as after a restart of the program. */
  clear(): void {
    this.#chosen.clear();
    this.#others.clear();
  }

  /** Returns the traces of a route ("" for all) that ended within a span. */
  within(route: string, from: number, to: number): TraceSummary[] {
    const all = [...this.#chosen.values(), ...this.#others.values()];
    return all.filter((trace) => {
      const end = endOfTrace(trace);
      return end >= from && end <= to &&
        (route === "" || routeKey(trace.method, trace.route) === route);
    });
  }
}

/** Returns when a trace ended: then its request was counted. */
export function endOfTrace({ start, ms }: TraceSummary): number {
  return start + ms / 1000;
}

function keepNewest(traces: Map<string, TraceSummary>, most: number): void {
  if (traces.size <= most) return;
  const byAge = [...traces.values()].sort((a, b) => a.start - b.start);
  for (const { id } of byAge.slice(0, traces.size - most)) traces.delete(id);
}
