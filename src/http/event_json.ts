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

/** Years have four digits. */
const FIRST_MS = Date.parse("0000-01-01T00:00:00.000Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

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
    // The one would be no field, the other would take the place of all.
    if (name === "__proto__" || name === "toJSON") continue;
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

/** RFC 3339, in UTC; of what it cannot say, the beginning of unix time. */
function timestampOf(time: number): string {
  const ms = Math.round(time * 1000);
  const isSayable = ms >= FIRST_MS && ms <= LAST_MS;
  return new Date(isSayable ? ms : 0).toISOString();
}
