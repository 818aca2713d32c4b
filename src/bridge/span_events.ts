/**
 * Spans as events: what happened, in order, and to which request.
 *
 * - A span of kind `server` is two events, its start and its end; one of kind
 *   `client` is one, `downstream`; any other is one, `span`.
 * - All carry the ids of their trace, so that the feed can be read as a tree.
 */
import type { Bus } from "../bus/mod.ts";
import {
  type Span,
  spanFromContext,
  type SpanRecord,
  type SpanStart,
  type Tracer,
} from "../trace/mod.ts";

/** Which request, and where it stands in its trace. */
export interface TraceIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The span that it is part of, if any. */
  readonly parentId?: string;
}

/** Which request it is; what is unknown is left out. */
export interface RequestFacts extends TraceIds {
  /** The service that answers. */
  readonly service?: string;
  /** Method and route, such as `GET /pets/:id`; `WS` for a WebSocket. */
  readonly endpoint?: string;
  /** By which way it came. */
  readonly transport?: "rest" | "websocket";
  /** Its method. */
  readonly method?: string;
  /** Its path as it came, without the query. */
  readonly path?: string;
}

/** How a request ended. */
export interface RequestEnd extends RequestFacts {
  /** The status of the answer. */
  readonly status?: number;
  /** Milliseconds until the answer was there, with a fraction. */
  readonly durationMs?: number;
  /** What went wrong, in words. */
  readonly error?: string;
}

/** Work that was done within a request, here or by another service. */
export interface WorkEvent extends TraceIds {
  /** The service that did it, or asked for it. */
  readonly service?: string;
  /** The endpoint that asked for it. */
  readonly endpoint?: string;
  /** What was done. */
  readonly message: string;
  /** Milliseconds that it took, with a fraction. */
  readonly durationMs?: number;
  /** What went wrong, in words. */
  readonly error?: string;
}

/** Something worth telling, by the user's own hand. */
export interface LogEvent {
  /** The trace that it belongs to. */
  readonly traceId?: string;
  /** What to tell. */
  readonly message: string;
  /** More about it. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** The topics that tell of requests. */
export interface RequestEvents {
  /** A request has come. */
  "request.start": RequestFacts;
  /** It has been answered, or has failed. */
  "request.end": RequestEnd;
  /** A call to another service is over. */
  downstream: WorkEvent;
  /** A span of another kind has ended. */
  span: WorkEvent;
  /** For what users want to tell: nothing publishes it by itself. */
  log: LogEvent;
}

interface Publishing {
  readonly bus: Bus<RequestEvents>;
}

/** Who publishes the spans of a tracer at the moment, in order. */
const publishings = new WeakMap<Tracer, readonly Publishing[]>();

/** How spans are published. */
export interface PublishOptions {
  /** The service that the spans are of. */
  readonly service?: string;
}

/**
 * Publishes the spans of `tracer`, under whatever name they are made, until the
 * result is disposed. Of several at a time each publishes all of them, and
 * `busFromContext` tells of the last.
 */
export function publishSpans(
  tracer: Tracer,
  bus: Bus<RequestEvents>,
  { service = "" }: PublishOptions = {},
): Disposable {
  const { origin } = tracer;
  const own: Publishing = { bus };
  publishings.set(origin, [...publishings.get(origin) ?? [], own]);
  const starts = tracer.onStart((span, start) => {
    if (start.kind !== "server") return;
    bus.publish("request.start", factsOf(span, start, service), start.start);
  });
  const ends = tracer.onEnd((record, span) => {
    if (record.kind === "server") {
      return void bus.publish("request.end", endOf(span, record, service));
    }
    const topic = record.kind === "client" ? "downstream" : "span";
    bus.publish(topic, workOf(span, record, service));
  });
  return {
    [Symbol.dispose](): void {
      starts[Symbol.dispose]();
      ends[Symbol.dispose]();
      const others = publishings.get(origin)!.filter((one) => one !== own);
      publishings.set(origin, others);
    },
  };
}

/** The bus that tells of the work at hand; undefined outside of all. */
export function busFromContext(): Bus<RequestEvents> | undefined {
  const tracer = spanFromContext()?.tracer;
  return tracer && publishings.get(tracer)?.at(-1)?.bus;
}

/** An event while it is put together: built once for each request. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

function idsOf(
  { context: { traceId, spanId } }: Span,
  { parentSpanId }: Pick<SpanRecord, "parentSpanId">,
  service: string,
): Draft<TraceIds & { service?: string }> {
  const ids: Draft<TraceIds & { service?: string }> = { traceId, spanId };
  if (parentSpanId !== "") ids.parentId = parentSpanId;
  if (service !== "") ids.service = service;
  return ids;
}

function factsOf(
  span: Span,
  start: SpanStart,
  service: string,
): Draft<RequestFacts> {
  const { attributes, name } = start;
  const path = attributes["url.path"];
  const method = attributes["http.request.method"];
  const facts: Draft<RequestFacts> = idsOf(span, start, service);
  facts.endpoint = endpointOf(span, name);
  if (typeof method === "string") {
    facts.transport = isWebSocket(span) ? "websocket" : "rest";
    facts.method = method;
  }
  if (typeof path === "string") facts.path = path;
  return facts;
}

function endOf(span: Span, record: SpanRecord, service: string): RequestEnd {
  const end: Draft<RequestEnd> = factsOf(span, record, service);
  const status = record.attributes["http.response.status_code"];
  if (typeof status === "number") end.status = status;
  return withOutcome(end, record);
}

function workOf(span: Span, record: SpanRecord, service: string): WorkEvent {
  const work: Draft<WorkEvent> = {
    ...idsOf(span, record, service),
    message: record.name,
  };
  const endpoint = endpointOf(span.root, "");
  if (endpoint !== "") work.endpoint = endpoint;
  return withOutcome(work, record);
}

function withOutcome<T extends Draft<Pick<WorkEvent, "durationMs" | "error">>>(
  event: T,
  record: SpanRecord,
): T {
  // Microseconds: what float64 keeps of a moment of this century.
  const durationMs = Math.round((record.end - record.start) * 1e6) / 1e3;
  if (durationMs > 0) event.durationMs = durationMs;
  if (record.status.code === "error") event.error = errorOf(record);
  return event;
}

function errorOf({ status, attributes }: SpanRecord): string {
  if (status.message !== "") return status.message;
  const type = attributes["error.type"];
  return typeof type === "string" ? type : "error";
}

/** Method and route of a request; of other work, `unless`. */
function endpointOf(span: Span, unless: string): string {
  const method = span.attribute("http.request.method");
  if (typeof method !== "string") return unless;
  const route = span.attribute("http.route") || "unknown";
  return `${isWebSocket(span) ? "WS" : method} ${route}`;
}

function isWebSocket(span: Span): boolean {
  return span.attribute("network.protocol.name") === "websocket";
}
