/**
 * Publishes spans as events.
 *
 * - A span of kind `server` becomes two events, `request.start` and
 *   `request.end`. A span of kind `client` becomes `downstream`, any other
 *   becomes `span`.
 * - Each event carries the ids of its span and of the parent span, so that
 *   readers can rebuild the tree.
 */
import type { LogSeverity } from "../base/mod.ts";
import { readOptions, type SchemaOf, text } from "../base/internal.ts";
import type { Bus } from "../bus/mod.ts";
import {
  activeSpan,
  type Span,
  type SpanRecord,
  type SpanStart,
  type Tracer,
} from "../trace/mod.ts";
import {
  followMirrored,
  publishedTracers,
  quietListener,
} from "../trace/internal.ts";

/** Ids of the span that an event belongs to. */
export interface TraceIds {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Id of the parent span, if it has one. */
  readonly parentId?: string;
}

/** Data of a request; unknown members are omitted. */
export interface RequestFacts extends TraceIds {
  /** Service that handles the request. */
  readonly service?: string;
  /** Method and route, such as `GET /pets/:id`; `WS` for a WebSocket. */
  readonly endpoint?: string;
  /** Transport of the request. */
  readonly transport?: "rest" | "websocket";
  /** HTTP method. */
  readonly method?: string;
  /** Raw path, without the query. */
  readonly path?: string;
}

/** Data of a finished request. */
export interface RequestEnd extends RequestFacts {
  /** Status code of the response. */
  readonly status?: number;
  /** Duration until the response in milliseconds, with a fraction. */
  readonly durationMs?: number;
  /** Message of the error, if the request failed. */
  readonly error?: string;
}

/** Data of finished work within a request, here or in another service. */
export interface WorkEvent extends TraceIds {
  /** Service that the request belongs to. */
  readonly service?: string;
  /** Endpoint of the request, as in `RequestFacts`. */
  readonly endpoint?: string;
  /** Name of the span. */
  readonly message: string;
  /** Duration in milliseconds, with a fraction. */
  readonly durationMs?: number;
  /** Message of the error, if the work failed. */
  readonly error?: string;
}

/** Data of a log event, from `log` of a telemetry or from the application. */
export interface LogEvent {
  /** Id of the trace, if the event belongs to one. */
  readonly traceId?: string;
  /** Id of the span during which it happened, if there is one. */
  readonly spanId?: string;
  /** How severe it is; `log` always sets it. */
  readonly severity?: LogSeverity;
  /** Text of the event. */
  readonly message: string;
  /** Further data; `log` converts it to values that JSON can express. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Topics and data of the events about requests. */
export interface RequestEvents {
  /** A request has arrived. */
  "request.start": RequestFacts;
  /** A request was answered or failed. */
  "request.end": RequestEnd;
  /** A call to another service has ended. */
  downstream: WorkEvent;
  /** A span of another kind has ended. */
  span: WorkEvent;
  /** The application has logged an event. */
  log: LogEvent;
}

interface Publishing {
  readonly bus: Bus<RequestEvents>;
}

/** The buses that the spans of each tracer are published on, oldest first. */
const publishings = new WeakMap<Tracer, readonly Publishing[]>();

/** Options of `publishSpans`. */
export interface PublishOptions {
  /** The member `service` of each event. Default: the member is omitted. */
  readonly service?: string | undefined;
}

const OPTIONS = { service: text("shop", "") } satisfies SchemaOf<
  PublishOptions
>;

/**
 * Publishes the spans of `tracer`, and of all tracers derived from it, on `bus`
 * until the result is disposed. If the spans of a tracer are published on several
 * buses, each bus gets all spans, and `busFromContext` returns the latest bus.
 * Requests whose spans another tracer starts, such as Deno's telemetry, are
 * published as well.
 *
 * @throws {TypeError} If an option is wrong.
 */
export function publishSpans(
  tracer: Tracer,
  bus: Bus<RequestEvents>,
  options: PublishOptions = {},
): Disposable {
  const { service } = readOptions("Cannot publish spans", OPTIONS, options);
  const { origin } = tracer;
  const own: Publishing = { bus };
  publishings.set(origin, [...publishings.get(origin) ?? [], own]);
  publishedTracers().add(origin);
  const started = quietListener((span: Span, start: SpanStart) => {
    if (start.kind !== "server") return;
    bus.publish("request.start", factsOf(span, start, service), start.start);
  });
  const ended = quietListener((record: SpanRecord, span: Span) => {
    if (record.kind === "server") {
      return void bus.publish("request.end", endOf(span, record, service));
    }
    const topic = record.kind === "client" ? "downstream" : "span";
    bus.publish(topic, workOf(span, record, service));
  });
  const starts = tracer.onStart(started);
  const ends = tracer.onEnd(ended);
  const mirrored = followMirrored(tracer, { started, ended });
  return {
    [Symbol.dispose](): void {
      starts[Symbol.dispose]();
      ends[Symbol.dispose]();
      mirrored[Symbol.dispose]();
      const others = publishings.get(origin)!.filter((other) => other !== own);
      publishings.set(origin, others);
      if (others.length === 0) publishedTracers().delete(origin);
    },
  };
}

/**
 * Returns the bus that the active span is published on; undefined if there is no
 * active span or it is not published.
 */
export function busFromContext(): Bus<RequestEvents> | undefined {
  const tracer = activeSpan()?.tracer;
  return tracer && publishings.get(tracer)?.at(-1)?.bus;
}

/** An event under construction, filled in place to allocate one object. */
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
  // Rounded to microseconds, the precision of a float64 of unix seconds.
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

/** Returns method and route of a request span; `fallback` for other spans. */
function endpointOf(span: Span, fallback: string): string {
  const method = span.attribute("http.request.method");
  if (typeof method !== "string") return fallback;
  const route = span.attribute("http.route") || "unknown";
  return `${isWebSocket(span) ? "WS" : method} ${route}`;
}

function isWebSocket(span: Span): boolean {
  return span.attribute("network.protocol.name") === "websocket";
}
