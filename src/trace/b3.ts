/**
 * B3, the propagation format of Zipkin: one header, or one for each field.
 *
 * - Both propagators read both forms; a valid single header takes precedence.
 * - Trace ids of 64 bits are padded with zeros on the left.
 * - The debug flag is read as sampled, and is not passed on.
 *
 * Source: https://github.com/openzipkin/b3-propagation
 */
import { markParsed } from "./parsed.ts";
import {
  type HeaderGetter,
  type HeaderSetter,
  type Propagator,
  textOf,
} from "./propagate.ts";
import type { SpanContext } from "./record.ts";
import { isSpanId, isTraceId } from "./traceparent.ts";

const SINGLE =
  /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-[0-9a-f]{16})?)?$/;

/** The longest header: both ids, the sampling state and the parent's id. */
const MAX_LENGTH = 68;

/** B3 in the single header `b3`. */
export const b3: Propagator = {
  fields: ["b3"],
  parent: b3Parent,
  inject(headers, context) {
    if (context === undefined) return;
    const { traceId, spanId, sampled } = context;
    headers.set("b3", `${traceId}-${spanId}-${sampled ? 1 : 0}`);
  },
};

/** B3 in the headers `x-b3-traceid`, `x-b3-spanid` and `x-b3-sampled`. */
export const b3multi: Propagator = {
  fields: ["x-b3-traceid", "x-b3-spanid", "x-b3-sampled"],
  parent: b3Parent,
  inject(headers: HeaderSetter, context) {
    if (context === undefined) return;
    headers.set("x-b3-traceid", context.traceId);
    headers.set("x-b3-spanid", context.spanId);
    headers.set("x-b3-sampled", context.sampled ? "1" : "0");
  },
};

function b3Parent(headers: HeaderGetter): SpanContext | undefined {
  return ofSingle(textOf(headers.get("b3"))) ?? ofMulti(headers);
}

function ofSingle(header: string | undefined): SpanContext | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined;
  const [, traceId = "", spanId = "", state] = SINGLE.exec(header) ?? [];
  return contextOf(traceId, spanId, state === "1" || state === "d");
}

function ofMulti(headers: HeaderGetter): SpanContext | undefined {
  const traceId = textOf(headers.get("x-b3-traceid"));
  if (traceId === undefined) return undefined;
  const sampled = textOf(headers.get("x-b3-sampled"))?.toLowerCase();
  const isDebug = textOf(headers.get("x-b3-flags")) === "1";
  return contextOf(
    traceId,
    textOf(headers.get("x-b3-spanid")),
    isDebug || sampled === "1" || sampled === "true",
  );
}

function contextOf(
  id: string,
  spanId: string | undefined,
  sampled: boolean,
): SpanContext | undefined {
  const traceId = id.length === 16 ? id.padStart(32, "0") : id;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  const context: SpanContext = { traceId, spanId, sampled, traceState: "" };
  markParsed(context);
  return context;
}
