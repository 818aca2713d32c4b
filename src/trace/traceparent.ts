/**
 * W3C trace context: `traceparent` and `tracestate`, parsed strictly.
 *
 * - A malformed header is ignored as a whole: a new trace begins.
 * - Only version 00 is read and written.
 *
 * Source: https://www.w3.org/TR/trace-context/, sections 3.2 and 3.3.
 */
import type { SpanContext } from "./record.ts";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const LENGTH = 55;
const SAMPLED = 1;

/** Parses a `traceparent` header; undefined if it is not a valid version 00. */
export function parseTraceparent(
  header: string | null | undefined,
  traceState = "",
): SpanContext | undefined {
  if (typeof header !== "string" || header.length !== LENGTH) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = TRACEPARENT.exec(header) ??
    [];
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  const sampled = (parseInt(flags, 16) & SAMPLED) !== 0;
  return { traceId, spanId, sampled, traceState };
}

/** Formats the `traceparent` header of a span. */
export function formatTraceparent(context: SpanContext): string {
  const flags = context.sampled ? "01" : "00";
  return `00-${context.traceId}-${context.spanId}-${flags}`;
}

/** Returns whether `text` is 32 hexadecimal digits in lower case, not all zero. */
export function isTraceId(text: unknown): text is string {
  return typeof text === "string" && /^(?!0{32})[0-9a-f]{32}$/.test(text);
}

/** Returns whether `text` is 16 hexadecimal digits in lower case, not all zero. */
export function isSpanId(text: unknown): text is string {
  return typeof text === "string" && /^(?!0{16})[0-9a-f]{16}$/.test(text);
}

const MAX_MEMBERS = 32;
const MAX_STATE_LENGTH = 512;
const KEY =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const VALUE =
  /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Returns a `tracestate` header to pass on, without optional whitespace. Returns
 * an empty string if a member is malformed, if a key is repeated, or if the
 * header has more than 32 members or 512 characters.
 */
export function checkedTraceState(header: string | null | undefined): string {
  if (!header || header.length > MAX_STATE_LENGTH) return "";
  const members = header.split(",").map((member) =>
    member.replace(/^[ \t]+|[ \t]+$/g, "")
  ).filter((member) => member !== "");
  const keys = new Set<string>();
  for (const member of members) {
    const at = member.indexOf("=");
    const key = member.slice(0, Math.max(0, at));
    if (!KEY.test(key) || !VALUE.test(member.slice(at + 1))) return "";
    keys.add(key);
  }
  if (keys.size < members.length || members.length > MAX_MEMBERS) return "";
  return members.join(",");
}
