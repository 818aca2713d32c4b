/**
 * Events as JSON.
 *
 * - Those that tell of requests are one flat object, and what is empty in it
 *   is left out; any other carries its payload under `data`.
 * - A payload that JSON cannot say does no harm: the event says so.
 */
import type { BusEvent, Gap } from "../bus/mod.ts";

/** An event of any topic. */
export type AnyEvent = BusEvent<Record<string, unknown>>;

/** Topics whose payload is flat; their names are the kinds of the feed. */
const FLAT: ReadonlySet<string> = new Set([
  "request.start",
  "request.end",
  "downstream",
  "span",
  "log",
]);

/** Fields of those that are left out where they are zero or empty. */
const OPTIONAL: ReadonlySet<string> = new Set([
  "service",
  "endpoint",
  "transport",
  "method",
  "path",
  "status",
  "durationMs",
  "message",
  "error",
  "meta",
]);

/** An event, as one JSON object on one line. */
export function eventJson({ id, topic, time, data }: AnyEvent): string {
  const traceId = traceIdOf(data);
  const head = { id, traceId, kind: topic, timestamp: timestampOf(time) };
  const isFlat = FLAT.has(topic) && typeof data === "object" && data !== null;
  try {
    return JSON.stringify(
      isFlat ? { ...head, ...rest(data), ...head } : { ...head, data },
    );
  } catch {
    const error = "the payload cannot be said in JSON";
    return JSON.stringify({ ...head, error });
  }
}

/** A gap, as one JSON object on one line; `time` is when it was noticed. */
export function gapJson({ gap, from, to, missed }: Gap, time: number): string {
  const timestamp = timestampOf(time);
  const head = { id: to, traceId: "", kind: "gap", timestamp };
  return JSON.stringify({ ...head, gap, from, to, missed });
}

function rest(data: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (name === "__proto__") continue;
    if (OPTIONAL.has(name) && isEmpty(value)) continue;
    fields[name] = value;
  }
  return fields;
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  return Object.keys(value).length === 0;
}

function traceIdOf(data: unknown): string {
  try {
    const { traceId } = (data ?? {}) as { traceId?: unknown };
    return typeof traceId === "string" ? traceId : "";
  } catch {
    return "";
  }
}

/** RFC 3339, in UTC. */
function timestampOf(time: number): string {
  const moment = new Date(time * 1000);
  return Number.isNaN(moment.getTime())
    ? new Date(0).toISOString()
    : moment.toISOString();
}
