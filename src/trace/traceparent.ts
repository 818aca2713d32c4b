/**
 * W3C trace context: `traceparent` and `tracestate`.
 *
 * - A malformed `traceparent` is ignored: a new trace begins. A malformed
 *   `tracestate` is discarded as a whole.
 * - A later version is continued by its first four fields. Version 00 is written.
 * - A context that is passed on unchanged keeps its header byte for byte.
 *
 * Source: https://www.w3.org/TR/trace-context-2/, sections 3.2 and 3.3.
 */
import { cutText } from "../base/internal.ts";
import { markParsed } from "./parsed.ts";
import type { SpanContext } from "./record.ts";

const TRACEPARENT =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const LENGTH = 55;
/** The trace flags of Level 2. Section 3.2.2.5.3: all others are written as 0. */
const SAMPLED = 1;
const RANDOM = 2;
/** Longer headers are rewritten: a context keeps no unbounded text. */
const MAX_RECEIVED_LENGTH = 512;
const VISIBLE = /^[\x21-\x7e]*$/;

/** Key of a header that `formatTraceparent` would not write by itself. */
const RECEIVED: unique symbol = Symbol("received traceparent") as never;

/** A context with its header as received. */
interface Received extends SpanContext {
  readonly [RECEIVED]?: string;
}

/** Parses a `traceparent` header; undefined if it is malformed. */
export function parseTraceparent(
  header: string | null | undefined,
  traceState = "",
): SpanContext | undefined {
  if (typeof header !== "string" || header.length < LENGTH) return undefined;
  const isLonger = header.length > LENGTH;
  if (isLonger && header[LENGTH] !== "-") return undefined;
  const [, version, traceId = "", spanId = "", digits = ""] =
    TRACEPARENT.exec(cutText(header, LENGTH)) ?? [];
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  if (version === "ff" || (version === "00" && isLonger)) return undefined;
  const flags = parseInt(digits, 16);
  const sampled = (flags & SAMPLED) !== 0;
  const context: SpanContext = (flags & RANDOM) === 0
    ? { traceId, spanId, sampled, traceState }
    : { traceId, spanId, sampled, random: true, traceState };
  if (traceState.length <= MAX_STATE_LENGTH) markParsed(context);
  const isPlain = version === "00" && flags <= (SAMPLED | RANDOM);
  if (isPlain || header.length > MAX_RECEIVED_LENGTH || !VISIBLE.test(header)) {
    return context;
  }
  // Not enumerable: a copy with other fields must not keep the header.
  return Object.defineProperty(context, RECEIVED, { value: header });
}

/**
 * Formats the `traceparent` header of a span. The context of a caller is
 * formatted as it was received.
 */
export function formatTraceparent(context: SpanContext): string {
  const received = (context as Received)[RECEIVED];
  if (received !== undefined) return received;
  return `00-${context.traceId}-${context.spanId}-0${traceFlags(context)}`;
}

/** Returns the trace flags of a context as a number. */
export function traceFlags({ sampled, random }: SpanContext): number {
  return (sampled ? SAMPLED : 0) | (random === true ? RANDOM : 0);
}

/** Splits trace flags into the fields of a context. */
export function fromTraceFlags(
  flags: number,
): Pick<SpanContext, "sampled" | "random"> {
  const sampled = (flags & SAMPLED) !== 0;
  return (flags & RANDOM) === 0 ? { sampled } : { sampled, random: true };
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
/** Longer members are the first to go if the header is too long. */
const MAX_SAFE_MEMBER = 128;
/** A longer header is discarded unread. */
const MAX_READ_LENGTH = 16_384;
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
const VALUE =
  /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Returns a `tracestate` header to pass on, without optional whitespace.
 *
 * - Returns an empty string if a member is malformed, or if there are more than
 *   32 members.
 * - If a key is repeated, its first member counts: it is the newest.
 * - If the header has more than 512 characters, whole members are left out:
 *   those of more than 128 characters first, then from the end.
 */
export function checkedTraceState(header: unknown): string {
  if (typeof header !== "string" || header.length > MAX_READ_LENGTH) return "";
  const members = new Map<string, string>();
  let count = 0;
  for (const part of header.split(",")) {
    const member = withoutSpace(part);
    if (member === "") continue;
    const at = member.indexOf("=");
    const key = member.slice(0, Math.max(0, at));
    if (!KEY.test(key) || !VALUE.test(member.slice(at + 1))) return "";
    if (++count > MAX_MEMBERS) return "";
    if (!members.has(key)) members.set(key, member);
  }
  const kept = [...members.values()];
  let length = kept.reduce((sum, { length }) => sum + length + 1, -1);
  for (const limit of [MAX_SAFE_MEMBER, 0]) {
    for (let i = kept.length - 1; i >= 0 && length > MAX_STATE_LENGTH; i--) {
      if (kept[i]!.length <= limit) continue;
      length -= kept[i]!.length + 1;
      kept.splice(i, 1);
    }
  }
  // A single member would be a slice, which keeps the whole header alive.
  return length === header.length
    ? kept.join(",")
    : cutText(`${kept.join(",")},`, Math.max(0, length));
}

/** Removes spaces and tabs at both ends, in linear time. */
function withoutSpace(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text[from])) from++;
  while (to > from && isSpace(text[to - 1])) to--;
  return text.slice(from, to);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
