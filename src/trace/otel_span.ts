/** Adapter that gives our spans the shape of OpenTelemetry's API. */
import type { Span } from "./api.ts";
import { exceptionAttributes } from "./attributes.ts";
import {
  fromOtel,
  type OtelSpanContext,
  OURS,
  REMOTE,
} from "./otel_context.ts";
import type { Attributes, SpanContext } from "./record.ts";
import { traceFlags } from "./traceparent.ts";

/**
 * A time in one of the forms of OpenTelemetry's API: milliseconds since the
 * epoch or since the start of the process, a `Date`, or seconds and nanoseconds.
 */
export type TimeInput = number | Date | readonly [number, number];

/** The status of a span in OpenTelemetry's API. */
export interface OtelStatus {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number;
  /** Description of the error. */
  readonly message?: string;
}

/** A link to another span in OpenTelemetry's API. */
export interface OtelLink {
  /** Identity of the other span. */
  readonly context: OtelSpanContext;
  /** Attributes of the link. */
  readonly attributes?: Attributes;
}

const ERROR = 2;
const OK = 1;

/** A span in the shape of OpenTelemetry's API. */
export interface OtelSpan {
  /** Returns the identity of the span. */
  spanContext(): OtelSpanContext;
  /** Sets an attribute. */
  setAttribute(name: string, value: unknown): this;
  /** Sets several attributes. */
  setAttributes(attributes: Readonly<Record<string, unknown>>): this;
  /** Adds an event; `attributes` may be omitted in favour of `time`. */
  addEvent(name: string, attributes?: unknown, time?: TimeInput): this;
  /** Adds a link to another span. */
  addLink(link: OtelLink): this;
  /** Adds several links. */
  addLinks(links: readonly OtelLink[]): this;
  /** Sets the status. */
  setStatus(status: OtelStatus): this;
  /** Replaces the name. */
  updateName(name: string): this;
  /** Ends the span once. Default: now. */
  end(time?: TimeInput): void;
  /** Returns whether the span is recorded and has not ended. */
  isRecording(): boolean;
  /** Adds an `exception` event. */
  recordException(error: unknown, time?: TimeInput): void;
}

const adapters = new WeakMap<Span, OtelSpan>();

/** Returns the adapter of a span; the same object each time. */
export function otelSpan(span: Span): OtelSpan {
  let adapter = adapters.get(span);
  if (adapter === undefined) {
    adapters.set(span, adapter = new SpanAdapter(span));
  }
  return adapter;
}

/** Returns the span behind an adapter; undefined for other values. */
export function ourSpan(span: unknown): Span | undefined {
  if (typeof span !== "object" || span === null) return undefined;
  return (span as { readonly [OURS]?: Span })[OURS];
}

/** Returns the span of a caller, as a propagator puts it into a context. */
export function remoteSpan(context: SpanContext): OtelSpan {
  return new RemoteSpan(context);
}

/** Converts the identity of a span to the shape of that API. */
function toOtel(context: SpanContext, isRemote: boolean): OtelSpanContext {
  const { traceId, spanId, traceState } = context;
  return {
    traceId,
    spanId,
    traceFlags: traceFlags(context),
    ...traceState === "" ? {} : { traceState: new TraceState(traceState) },
    ...isRemote ? { isRemote } : {},
  };
}

class SpanAdapter implements OtelSpan {
  readonly [OURS]: Span;

  constructor(span: Span) {
    this[OURS] = span;
  }

  spanContext(): OtelSpanContext {
    return toOtel(this[OURS].context, false);
  }

  setAttribute(name: string, value: unknown): this {
    this[OURS].setAttribute(name, value as string); // the span checks it
    return this;
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): this {
    this[OURS].setAttributes(attributes as Attributes);
    return this;
  }

  addEvent(name: string, attributes?: unknown, time?: TimeInput): this {
    if (isTimeInput(attributes)) return this.addEvent(name, {}, attributes);
    const unix = time === undefined ? undefined : unixSeconds(time);
    this[OURS].addEvent(name, (attributes ?? {}) as Attributes, unix);
    return this;
  }

  addLink({ context, attributes }: OtelLink): this {
    const linked = fromOtel(context);
    if (linked !== undefined) this[OURS].addLink(linked, attributes);
    return this;
  }

  addLinks(links: readonly OtelLink[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: OtelStatus): this {
    if (code === OK) this[OURS].setStatus("ok");
    if (code === ERROR) this[OURS].setStatus("error", message);
    return this;
  }

  updateName(name: string): this {
    this[OURS].updateName(name);
    return this;
  }

  end(time?: TimeInput): void {
    this[OURS].end(time === undefined ? undefined : unixSeconds(time));
  }

  isRecording(): boolean {
    return this[OURS].recording;
  }

  recordException(error: unknown, time?: TimeInput): void {
    this.addEvent("exception", exceptionAttributes(error), time);
  }
}

/** The span of a caller: an identity that records nothing. */
class RemoteSpan implements OtelSpan {
  readonly [REMOTE]: SpanContext;

  constructor(context: SpanContext) {
    this[REMOTE] = context;
  }

  spanContext(): OtelSpanContext {
    return toOtel(this[REMOTE], true);
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {}

  isRecording(): boolean {
    return false;
  }

  recordException(): void {}
}

/** A `tracestate` in the shape of OpenTelemetry's API. */
class TraceState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): string | undefined {
    const prefix = `${key}=`;
    return this.#members().find((member) => member.startsWith(prefix))
      ?.slice(prefix.length);
  }

  set(key: string, value: string): TraceState {
    const rest = this.unset(key).serialize();
    return new TraceState([`${key}=${value}`, ...rest ? [rest] : []].join(","));
  }

  unset(key: string): TraceState {
    const prefix = `${key}=`;
    const rest = this.#members().filter((member) => !member.startsWith(prefix));
    return new TraceState(rest.join(","));
  }

  serialize(): string {
    return this.#text;
  }

  #members(): string[] {
    return this.#text === "" ? [] : this.#text.split(",");
  }
}

function isTimeInput(value: unknown): value is TimeInput {
  return typeof value === "number" || value instanceof Date ||
    Array.isArray(value);
}

/** Converts a time of OpenTelemetry's API to unix seconds. */
export function unixSeconds(time: TimeInput): number {
  if (time instanceof Date) return time.getTime() / 1000;
  if (typeof time !== "number") return time[0] + time[1] / 1e9;
  // In the API, a number below the time origin is a reading of performance.now().
  const { timeOrigin } = performance;
  return (time < timeOrigin ? timeOrigin + time : time) / 1000;
}
