/**
 * Copies of spans that another tracer has started, such as those of Deno's
 * telemetry. Live feeds get them; exporters and other listeners do not, because
 * the other tracer exports its spans itself.
 */
import type { Clock } from "../base/mod.ts";
import { callSafely } from "../base/internal.ts";
import type { Span, SpanLimits, SpanStart, Tracer } from "./api.ts";
import { isTracedElsewhere, otelSpanContext } from "./otel_context.ts";
import type { Attributes, SpanContext, SpanRecord } from "./record.ts";
import { RecordedSpan } from "./span.ts";

/** Receives the copies. */
export interface SpanFeed {
  readonly started: (span: Span, start: SpanStart) => void;
  readonly ended: (record: SpanRecord, span: Span) => void;
}

/** The feeds of each tracer. */
const feeds = new WeakMap<Tracer, Set<SpanFeed>>();

/** A request has few attributes; the other tracer keeps the rest. */
const LIMITS: SpanLimits = {
  attributes: 128,
  events: 128,
  links: 0,
  valueLength: 4096,
  totalLength: 65536,
};

/**
 * Passes copies of spans on to `feed`, for `tracer` and all tracers derived from
 * it, until the result is disposed.
 */
export function followMirrored(tracer: Tracer, feed: SpanFeed): Disposable {
  const { origin } = tracer;
  const all = feeds.get(origin) ?? new Set();
  feeds.set(origin, all.add(feed));
  return { [Symbol.dispose]: () => void all.delete(feed) };
}

/** The data of a copy. */
export interface MirrorInit {
  readonly name: string;
  readonly start: number;
  readonly clock: Clock;
  /** Parent of the copied span, if it is known. */
  readonly parent: SpanContext | undefined;
  readonly attributes: () => Attributes;
}

/**
 * Starts a copy of the active span of another tracer, which is a server span. It
 * has the ids of that span, and is not active. Returns undefined if there is no
 * such span, if it is not sampled, or if no feed wants it.
 */
export function mirrorActiveSpan(
  tracer: Tracer,
  { name, start, clock, parent, attributes }: MirrorInit,
): Span | undefined {
  const all = feeds.get(tracer.origin);
  if (all === undefined || all.size === 0 || !isTracedElsewhere()) {
    return undefined;
  }
  const copied = otelSpanContext();
  if (!copied?.sampled) return undefined;
  const { traceId, spanId } = copied;
  const span = new RecordedSpan(
    {
      tracer: tracer.origin,
      clock,
      ids: { traceId: () => traceId, spanId: () => spanId },
      limits: LIMITS,
      dropped: { invalid: 0, limit: 0, late: 0 },
      ended(record, span) {
        for (const feed of all) callSafely(() => feed.ended(record, span), 0);
      },
    },
    {
      name,
      kind: "server",
      parent: parent?.traceId === traceId ? parent : undefined,
      traceId,
    },
    undefined,
    start,
    { name: tracer.name, version: "" },
  );
  span.setAttributes(callSafely(attributes, undefined) ?? {});
  for (const feed of all) callSafely(() => feed.started(span, span.started), 0);
  return span;
}
