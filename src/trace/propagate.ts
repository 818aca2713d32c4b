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

/** A format in which contexts travel in headers. */
export interface Propagator {
  /** The names of the headers that `inject` writes, in lower case. */
  readonly fields: readonly string[];
  /** Returns the caller's span; undefined if there is no valid header. */
  parent?(headers: HeaderGetter): SpanContext | undefined;
  /** Returns the caller's baggage; empty if there is no valid header. */
  baggage?(headers: HeaderGetter): Baggage;
  /** Writes a context and baggage; sets no header without a value. */
  inject(
    headers: HeaderSetter,
    context: SpanContext | undefined,
    baggage: Baggage,
  ): void;
}

const HEADER = /^[\x20-\x7e]+$/;

const NO_REMOTE: Remote = { parent: undefined, baggage: NO_BAGGAGE };

/**
 * Reads the context of a caller from its headers. Malformed headers are
 * ignored; throws only if `headers` throws. Default for `propagators`: W3C trace
 * context and baggage. Of several that find a span, or baggage, the last one
 * counts.
 */
export function extract(
  headers: HeaderGetter | undefined,
  propagators?: readonly Propagator[],
): Remote {
  if (headers === undefined) return NO_REMOTE;
  if (propagators !== undefined) return extractBy(propagators, headers);
  const traceparent = textOf(headers.get("traceparent"));
  const baggage = textOf(headers.get("baggage"));
  if (!traceparent && !baggage) return NO_REMOTE;
  const parent = traceparent ? parentOf(traceparent, headers) : undefined;
  return { parent, baggage: parseBaggage(baggage) };
}

function extractBy(
  propagators: readonly Propagator[],
  headers: HeaderGetter,
): Remote {
  let { parent, baggage } = NO_REMOTE;
  for (const propagator of propagators) {
    parent = propagator.parent?.(headers) ?? parent;
    const found = propagator.baggage?.(headers) ?? NO_BAGGAGE;
    if (found.size > 0) baggage = found;
  }
  return { parent, baggage };
}

/** Returns the caller's span by W3C trace context. */
export function parentIn(headers: HeaderGetter): SpanContext | undefined {
  const traceparent = textOf(headers.get("traceparent"));
  return traceparent ? parentOf(traceparent, headers) : undefined;
}

function parentOf(
  traceparent: string,
  headers: HeaderGetter,
): SpanContext | undefined {
  return parseTraceparent(
    traceparent,
    checkedTraceState(textOf(headers.get("tracestate"))),
  );
}

/** Joins a repeated header that a getter returns as a list. */
export function textOf(header: unknown): string | undefined {
  if (typeof header === "string") return header;
  return Array.isArray(header) ? header.join(",") : undefined;
}

/**
 * Writes a context and baggage into headers; sets no header without a value.
 * Default for `propagators`: W3C trace context and baggage.
 */
export function injectContext(
  headers: HeaderSetter,
  context: SpanContext | undefined,
  baggage: Baggage,
  propagators?: readonly Propagator[],
): void {
  if (propagators !== undefined) {
    for (const each of propagators) each.inject(headers, context, baggage);
    return;
  }
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
