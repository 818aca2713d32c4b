/** Reads contexts from headers, and writes contexts into headers. */
import {
  type Baggage,
  formatBaggage,
  NO_BAGGAGE,
  parseBaggage,
} from "./baggage.ts";
import type { SpanContext } from "./record.ts";
import {
  checkedTraceState,
  formatTraceparent,
  parseTraceparent,
} from "./traceparent.ts";

/** Incoming headers. */
export interface HeaderGetter {
  /** Returns the value of a header; repeated headers are joined by commas. */
  get(name: string): string | null | undefined;
}

/** Outgoing headers. */
export interface HeaderSetter {
  /** Writes a header, replacing all headers of that name. */
  set(name: string, value: string): void;
}

/** The context that a caller has sent. */
export interface Remote {
  /** The caller's span; undefined if the header is missing or malformed. */
  readonly parent: SpanContext | undefined;
  /** The caller's baggage. */
  readonly baggage: Baggage;
}

const HEADER = /^[\x20-\x7e]+$/;

const NO_REMOTE: Remote = { parent: undefined, baggage: NO_BAGGAGE };

/**
 * Reads the context of a caller from its headers. Malformed headers are
 * ignored; throws only if `headers` throws.
 */
export function extract(headers: HeaderGetter | undefined): Remote {
  if (headers === undefined) return NO_REMOTE;
  const traceparent = textOf(headers.get("traceparent"));
  const baggage = textOf(headers.get("baggage"));
  if (!traceparent && !baggage) return NO_REMOTE;
  const parent = traceparent
    ? parseTraceparent(
      traceparent,
      checkedTraceState(textOf(headers.get("tracestate"))),
    )
    : undefined;
  return { parent, baggage: parseBaggage(baggage) };
}

/** Joins a repeated header that a getter returns as a list. */
function textOf(header: unknown): string | undefined {
  if (typeof header === "string") return header;
  return Array.isArray(header) ? header.join(",") : undefined;
}

/** Writes a context and baggage into headers; sets no header without a value. */
export function injectContext(
  headers: HeaderSetter,
  context: SpanContext | undefined,
  baggage: Baggage,
): void {
  if (context !== undefined) {
    headers.set("traceparent", formatTraceparent(context));
    const { traceState } = context;
    // A context of the application or of another tracer is unchecked.
    if (traceState && HEADER.test(traceState)) {
      headers.set("tracestate", traceState);
    }
  }
  if (baggage.size === 0) return;
  const header = formatBaggage(baggage);
  if (header !== "") headers.set("baggage", header);
}
