/** Adapter that gives our spans the shape of OpenTelemetry's API. */
import { callSafely } from "../base/internal.ts";
import {
  exceptionAttributes,
  fromOtel,
  OURS,
  REMOTE,
  traceFlags,
  valueOf,
} from "../trace/internal.ts";
import type {
  Attributes,
  OtelSpanContext,
  OtelTraceState,
  Span,
  SpanContext,
  SpanLink,
} from "../trace/mod.ts";

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
  readonly attributes?: Readonly<Record<string, unknown>>;
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
  return valueOf(span, OURS) as Span | undefined;
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
    const unix = unixSeconds(time);
    this[OURS].addEvent(name, (attributes ?? {}) as Attributes, unix);
    return this;
  }

  addLink(link: OtelLink): this {
    const { context, attributes } = linkOf(link);
    this[OURS].addLink(context, attributes);
    return this;
  }

  addLinks(links: readonly OtelLink[]): this {
    if (Array.isArray(links)) { for (const link of links) this.addLink(link); }
    return this;
  }

  setStatus(status: OtelStatus): this {
    callSafely(({ code, message }) => {
      if (code === OK) this[OURS].setStatus("ok");
      if (code === ERROR) this[OURS].setStatus("error", message);
    }, status);
    return this;
  }

  updateName(name: string): this {
    this[OURS].updateName(name);
    return this;
  }

  end(time?: TimeInput): void {
    this[OURS].end(unixSeconds(time));
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
class TraceState implements OtelTraceState {
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

/**
 * Converts a time of OpenTelemetry's API to unix seconds; undefined if it is
 * none.
 */
export function unixSeconds(time: unknown): number | undefined {
  if (time instanceof Date) return finite(time.getTime() / 1000);
  if (Array.isArray(time)) {
    const [seconds, nanoseconds] = time as readonly unknown[];
    return typeof seconds === "number" && typeof nanoseconds === "number"
      ? finite(seconds + nanoseconds / 1e9)
      : undefined;
  }
  if (typeof time !== "number") return undefined;
  // In the API, a number below the time origin is a reading of performance.now().
  const { timeOrigin } = performance;
  return finite((time < timeOrigin ? timeOrigin + time : time) / 1000);
}

function finite(seconds: number): number | undefined {
  return Number.isFinite(seconds) ? seconds : undefined;
}

const INVALID: SpanContext = Object.freeze({
  traceId: "",
  spanId: "",
  sampled: false,
  traceState: "",
});

/** Converts a link. The span checks it, and counts one that is malformed. */
export function linkOf(link: OtelLink): SpanLink {
  return callSafely(({ context, attributes }) => ({
    context: fromOtel(context) ?? INVALID,
    attributes: (attributes ?? {}) as Attributes, // the span checks them
  }), link) ?? { context: INVALID, attributes: {} };
}
