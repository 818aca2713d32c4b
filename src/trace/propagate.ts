/** From headers to contexts, and back. */
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

/** What headers are read from. */
export interface HeaderGetter {
  /** The value of a header; of several of one name, joined by commas. */
  get(name: string): string | null | undefined;
}

/** What headers are written to. */
export interface HeaderSetter {
  /** Writes a header in the place of all of that name. */
  set(name: string, value: string): void;
}

/** What a caller has told of itself. */
export interface Remote {
  /** The caller's span; undefined if it named none, or wrongly. */
  readonly parent: SpanContext | undefined;
  /** What it carries. */
  readonly baggage: Baggage;
}

const NOBODY: Remote = { parent: undefined, baggage: NO_BAGGAGE };

/**
 * Reads what a caller has told of itself, whatever it is; throws only what
 * `headers` does.
 */
export function extract(headers: HeaderGetter | undefined): Remote {
  if (headers === undefined) return NOBODY;
  const traceparent = headers.get("traceparent");
  const baggage = headers.get("baggage");
  if (!traceparent && !baggage) return NOBODY;
  let parent = parseTraceparent(traceparent);
  if (parent !== undefined) {
    const traceState = checkedTraceState(headers.get("tracestate"));
    if (traceState !== "") parent = { ...parent, traceState };
  }
  return { parent, baggage: parseBaggage(baggage) };
}

/** Writes a context into headers, as far as there is one. */
export function injectScope(
  headers: HeaderSetter,
  context: SpanContext | undefined,
  baggage: Baggage,
): void {
  if (context !== undefined) {
    headers.set("traceparent", formatTraceparent(context));
    const { traceState } = context;
    if (traceState !== "") headers.set("tracestate", traceState);
  }
  if (baggage.size === 0) return;
  const header = formatBaggage(baggage);
  if (header !== "") headers.set("baggage", header);
}
