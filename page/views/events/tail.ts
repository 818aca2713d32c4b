/** The rows of the tail: which events are shown, and where a filter hits. */
import type {
  EventGap,
  EventMessage,
} from "../../../src/dashboard/protocol.ts";
import { rowOf, type TailRow } from "./words.ts";

/** Topics that repeat what others say; they are off until they are chosen. */
const OFF_AT_FIRST: ReadonlySet<string> = new Set(["request.start", "span"]);

/** Topics that every program can have. */
const COMMON: readonly string[] = [
  "request.end",
  "request.start",
  "downstream",
  "span",
  "log",
  "source.failed",
  "scrape.failed",
  "finding.opened",
  "finding.closed",
];

/** The parameter for no topic at all. */
const NONE = "-";

/** Returns all topics: the common ones, then those that were seen, by name. */
export function allTopics(seen: Iterable<string>): string[] {
  const others = new Set(seen);
  for (const topic of COMMON) others.delete(topic);
  return [...COMMON, ...[...others].sort()];
}

/** Returns the topics that are on; `chosen` is the parameter of the address. */
export function topicsOn(
  chosen: string | undefined,
  all: readonly string[],
): ReadonlySet<string> {
  if (chosen === undefined || chosen === "") {
    return new Set(all.filter((topic) => !OFF_AT_FIRST.has(topic)));
  }
  return new Set(chosen === NONE ? [] : chosen.split(","));
}

/** Returns the parameter of the address after a click on `topic`. */
export function withTopic(
  on: ReadonlySet<string>,
  topic: string,
  all: readonly string[],
): string {
  const next = new Set(on);
  if (!next.delete(topic)) next.add(topic);
  if (next.size === 0) return NONE;
  const first = topicsOn(undefined, all);
  const isFirst = next.size === first.size &&
    [...next].every((each) => first.has(each));
  return isFirst ? "" : all.filter((each) => next.has(each)).join(",");
}

/** The filters of the tail. */
export interface TailFilter {
  readonly topics: ReadonlySet<string>;
  /** In lower case; empty for all. */
  readonly text: string;
  /** Method and route; empty for all. */
  readonly route: string;
}

const rows = new WeakMap<object, TailRow>();

/** Returns the rows of events in their order; each event is read once. */
export function tailRows(
  items: readonly (EventMessage | EventGap)[],
  { topics, text, route }: TailFilter,
): TailRow[] {
  const shown: TailRow[] = [];
  for (const item of items) {
    let row = rows.get(item);
    if (row === undefined) rows.set(item, row = rowOf(item));
    if (row.kind === "event") {
      if (!topics.has(row.topic)) continue;
      if (route !== "" && row.endpoint !== route) continue;
      if (text !== "" && !row.search.includes(text)) continue;
    }
    shown.push(row);
  }
  return shown;
}

/** Returns the number of events after the one with `key`. */
export function countAfter(shown: readonly TailRow[], key: string): number {
  let count = 0;
  for (let i = shown.length - 1; i >= 0 && shown[i]!.key !== key; i--) {
    if (shown[i]!.kind === "event") count++;
  }
  return count;
}

/**
 * Splits a text at the hits of `query`, which is in lower case: what lies
 * between hits and hits by turns.
 */
export function marked(text: string, query: string): string[] {
  if (query === "") return [text];
  const parts: string[] = [];
  const lower = text.toLowerCase();
  // Lower case of some letters has another length: places would not agree.
  if (lower.length !== text.length) return [text];
  let from = 0;
  for (
    let at = lower.indexOf(query);
    at >= 0;
    at = lower.indexOf(query, from)
  ) {
    parts.push(text.slice(from, at), text.slice(at, at + query.length));
    from = at + query.length;
  }
  return [...parts, text.slice(from)];
}
