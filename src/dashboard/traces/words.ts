/** Words of traces that the server makes: causes and durations. */
import type { SpanRecord } from "../../trace/mod.ts";
import { peerOf } from "./counted_in.ts";
import type { KeptTrace } from "./kept_trace.ts";
import { methodOf, textAt } from "./route.ts";

/** Maximum length of a cause. */
const MAX_CAUSE = 160;

/** Returns a duration with three digits: `2.96 s`, `46.7 ms`, `240 µs`. */
export function durationText(seconds: number): string {
  if (seconds >= 0.9995) return `${digits(seconds)} s`;
  if (seconds >= 0.0009995) return `${digits(seconds * 1e3)} ms`;
  return `${digits(seconds * 1e6)} µs`;
}

function digits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Returns the message of a span in error; its type if it has no message. */
export function errorOf(record: SpanRecord): string {
  if (record.status.code !== "error") return "";
  return record.status.message || textAt(record, "error.type") || "error";
}

/**
 * Returns the span that a failed trace failed in: from the root down, the failed
 * child that ended last. Undefined if no span has failed.
 */
export function failedSpan(
  { root, records }: KeptTrace,
): SpanRecord | undefined {
  const failed = records.filter(({ status }) => status.code === "error");
  let found = failed.includes(root) ? root : earliest(failed);
  // Each round removes a span: parents that form a circle end the walk.
  while (found !== undefined) {
    const { spanId } = found.context;
    failed.splice(failed.indexOf(found), 1);
    const next = failed.filter(({ parentSpanId }) => parentSpanId === spanId)
      .reduce<SpanRecord | undefined>(
        (last, each) => last === undefined || each.end > last.end ? each : last,
        undefined,
      );
    if (next === undefined) return found;
    found = next;
  }
  return undefined;
}

function earliest(records: readonly SpanRecord[]): SpanRecord | undefined {
  return records.reduce<SpanRecord | undefined>(
    (first, each) =>
      first === undefined || each.start < first.start ? each : first,
    undefined,
  );
}

/** Returns the span with most own time, and that time in seconds. */
export function busiestSpan(trace: KeptTrace): readonly [SpanRecord, number] {
  const own = trace.ownTimes();
  let most = 0;
  for (let i = 1; i < own.length; i++) if (own[i]! > own[most]!) most = i;
  return [trace.records[most]!, own[most]!];
}

/** Returns the error of a failed span in words, such as `payments: timeout`. */
export function failureText(record: SpanRecord, isRoot: boolean): string {
  const error = errorOf(record);
  if (isRoot) return cut(error);
  const peer = record.kind === "client" && methodOf(record) !== ""
    ? peerOf(record)
    : "unknown";
  return cut(`${peer === "unknown" ? record.name : peer}: ${error}`);
}

/** Returns a span with most own time in words, such as `db.search 2.96 s`. */
export function busiestText(
  record: SpanRecord,
  seconds: number,
  isRoot: boolean,
): string {
  return cut(`${isRoot ? "own time" : record.name} ${durationText(seconds)}`);
}

function cut(text: string): string {
  return text.length <= MAX_CAUSE ? text : `${text.slice(0, MAX_CAUSE - 1)}…`;
}
