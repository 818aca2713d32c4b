/**
 * Events of the bus in words. The data of an event is that of any program:
 * whatever is not understood is shown as JSON.
 */
import type {
  EventGap,
  EventMessage,
} from "../../../src/dashboard/protocol.ts";
import { seconds, wholeNumber, words } from "../../core/units.ts";

/** Longest text of a row. */
const MAX_TEXT = 500;

/** A row of the tail with an event. */
export interface EventRow {
  readonly kind: "event";
  readonly key: string;
  readonly id: number;
  readonly time: number;
  readonly topic: string;
  /** The event in words. */
  readonly text: string;
  /** Seconds that it took; null if it has no duration. */
  readonly took: number | null;
  /** Ids of trace and span; empty if it belongs to none. */
  readonly trace: string;
  readonly span: string;
  /** Method and route of its request; empty if it belongs to none. */
  readonly endpoint: string;
  /** Whether something is wrong. */
  readonly isBad: boolean;
  /** All that the text filter looks into, in lower case. */
  readonly search: string;
}

/** A row of the tail with events that are missing. */
export interface GapRow {
  readonly kind: "gap";
  readonly key: string;
  readonly text: string;
  readonly why: string;
}

/** A row of the tail. */
export type TailRow = EventRow | GapRow;

type Data = Readonly<Record<string, unknown>>;

const GAPS: Readonly<Record<string, string>> = {
  lagged: "this page was slower than the feed",
  expired: "the bus did not keep them long enough",
  restarted: "the program was restarted",
};

/** Returns the row of an event, or of events that are missing. */
export function rowOf(item: EventMessage | EventGap): TailRow {
  if ("gap" in item) return gapRow(item);
  const { id, topic, time } = item;
  const data = isObject(item.data) ? item.data : {};
  const text = cut(textOf(topic, item.data, data));
  const trace = textAt(data, "traceId");
  const ms = data["durationMs"];
  return {
    kind: "event",
    key: `e${id}`,
    id,
    time,
    topic,
    text,
    took: typeof ms === "number" ? ms / 1000 : null,
    trace,
    span: textAt(data, "spanId"),
    endpoint: textAt(data, "endpoint"),
    isBad: isBad(topic, data),
    search: `${topic} ${text} ${trace}`.toLowerCase(),
  };
}

function gapRow({ gap, from, to, missed }: EventGap): GapRow {
  const events = missed === 1
    ? "1 event is"
    : `${wholeNumber(missed)} events are`;
  const ids = to > from
    ? `, ids ${wholeNumber(from)} to ${wholeNumber(to)}`
    : missed > 0
    ? `, id ${wholeNumber(from)}`
    : "";
  return {
    kind: "gap",
    key: `g${from}-${to}-${gap}`,
    text: missed > 0
      ? `${events} not here${ids}`
      : "Events may be missing here",
    why: GAPS[gap] ?? gap,
  };
}

function textOf(topic: string, all: unknown, data: Data): string {
  switch (topic) {
    case "request.start": {
      const { endpoint, path } = texts(data, "endpoint", "path");
      return joined(" ", endpoint || textAt(data, "method"), path);
    }
    case "request.end": {
      const { endpoint, error } = texts(data, "endpoint", "error");
      const status = data["status"];
      const code = typeof status === "number" ? String(status) : "";
      const answer = joined(" ", endpoint || textAt(data, "method"), code);
      return joined(": ", answer, error);
    }
    case "downstream":
    case "span": {
      const { message, error } = texts(data, "message", "error");
      return joined(": ", message, error);
    }
    case "log": {
      const { severity, message } = texts(data, "severity", "message");
      const meta = data["meta"];
      return joined(
        " ",
        joined(": ", severity, message),
        isObject(meta) && Object.keys(meta).length > 0 ? json(meta) : "",
      );
    }
    case "source.failed": {
      const { source, error } = texts(data, "source", "error");
      return joined(": ", source, error);
    }
    case "scrape.failed":
      return `scrape ${textAt(data, "outcome")}`;
    case "finding.opened":
    case "finding.closed":
      return findingText(topic === "finding.opened", data);
  }
  return json(isObject(all) && !Array.isArray(all) ? withoutIds(all) : all);
}

/** The ids of trace and span stand in another column. */
function withoutIds(data: Data): Data {
  const { traceId: _trace, spanId: _span, ...rest } = data;
  return rest;
}

function findingText(isOpened: boolean, data: Data): string {
  const subject = subjectOf(data);
  const { k, n, window, since, until } = data;
  if (!isOpened) {
    const lasted = typeof since === "number" && typeof until === "number"
      ? `, after ${words(seconds(until - since))}`
      : "";
    return `${subject} ${OVER[textAt(data, "rule")] ?? "is over"}${lasted}`;
  }
  const cases = typeof k === "number" && typeof n === "number" && n > 0
    ? `${wholeNumber(k)} of ${wholeNumber(n)}`
    : "";
  const time = cases !== "" && typeof window === "number"
    ? `in ${words(seconds(window))}`
    : "";
  const rule = textAt(data, "rule");
  if (rule === "overflow") {
    // Only of a family that is nearly full the limit was a share of its series.
    return data["limit"] === null
      ? `${subject} is full`
      : joined(": ", `${subject} is nearly full`, `${cases} series`);
  }
  const verb = OPENED[rule] ?? "needs a look";
  return joined(
    "; ",
    joined(": ", `${subject} ${verb}`, joined(" ", cases, time)),
    textAt(data, "cause"),
  );
}

const OPENED: Readonly<Record<string, string>> = {
  failing: "fails",
  slow: "is slower than usual",
  loop: "is late",
  loss: "loses data",
  source: "fails",
};

const OVER: Readonly<Record<string, string>> = {
  failing: "no longer fails",
  slow: "is as fast as usual again",
  loop: "is on time again",
  overflow: "no longer overflows",
  loss: "no longer loses data",
  source: "works again",
};

/** Words before the subject, or in its place. */
const SUBJECTS: Readonly<Record<string, string>> = {
  loop: "The event loop",
  loss: "Export of",
};

function subjectOf(data: Data): string {
  const rule = textAt(data, "rule");
  const subject = isObject(data["subject"])
    ? Object.values(data["subject"]).filter((each) => typeof each === "string")
    : [];
  return joined(" ", SUBJECTS[rule] ?? "", ...subject as string[]) ||
    textAt(data, "family") || textAt(data, "id");
}

function isBad(topic: string, data: Data): boolean {
  if (topic === "finding.opened" || topic.endsWith(".failed")) return true;
  const { severity, error } = texts(data, "severity", "error");
  if (severity === "error" || severity === "fatal" || error !== "") return true;
  const { status } = data;
  return typeof status === "number" && status >= 500;
}

function isObject(value: unknown): value is Data {
  return typeof value === "object" && value !== null;
}

function textAt(data: Data, name: string): string {
  const value = data[name];
  return typeof value === "string" ? value : "";
}

function texts<const N extends string>(
  data: Data,
  ...names: N[]
): Record<N, string> {
  return Object.fromEntries(
    names.map((name) => [name, textAt(data, name)]),
  ) as Record<N, string>;
}

function joined(by: string, ...parts: string[]): string {
  return parts.filter((part) => part !== "").join(by);
}

function json(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

function cut(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ⏎ ");
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT - 1)}…`;
}
