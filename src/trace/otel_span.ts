/** Our spans in the shape that OpenTelemetry's API gives to spans. */
import {
  contextOfSpan,
  fromOtel,
  type OtelSpanContext,
  OURS,
} from "./foreign.ts";
import { exceptionAttributes } from "./attributes.ts";
import type { Attributes, SpanContext } from "./record.ts";
import type { Span } from "./span.ts";

/** A moment, in any of the ways of that API. */
export type TimeInput = number | Date | readonly [number, number];

/** How a span went, by the numbers of that API. */
export interface OtelStatus {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number;
  /** What went wrong. */
  readonly message?: string;
}

/** Another span that a span has to do with. */
export interface OtelLink {
  /** The other span. */
  readonly context: OtelSpanContext;
  /** How it has to do with it. */
  readonly attributes?: Attributes;
}

const ERROR = 2;
const OK = 1;

/** A span as `@opentelemetry/api` types it. */
export interface OtelSpan {
  /** By what it is known. */
  spanContext(): OtelSpanContext;
  /** Says a fact. */
  setAttribute(name: string, value: unknown): this;
  /** Says several facts. */
  setAttributes(attributes: Readonly<Record<string, unknown>>): this;
  /** Tells of something that happened. */
  addEvent(name: string, attributes?: unknown, time?: TimeInput): this;
  /** Tells of another span that it has to do with. */
  addLink(link: OtelLink): this;
  /** Tells of several. */
  addLinks(links: readonly OtelLink[]): this;
  /** Says how it went, by the API's numbers. */
  setStatus(status: OtelStatus): this;
  /** Gives it another name. */
  updateName(name: string): this;
  /** Ends it, once. */
  end(time?: TimeInput): void;
  /** Whether what is said of it is kept. */
  isRecording(): boolean;
  /** Tells of an error. */
  recordException(error: unknown, time?: TimeInput): void;
}

const seen = new WeakMap<Span, OtelSpan>();

/** The span in that shape; the same object each time. */
export function otelSpan(span: Span): OtelSpan {
  let shaped = seen.get(span);
  if (shaped === undefined) seen.set(span, shaped = new ShapedSpan(span));
  return shaped;
}

/** Our span behind one of that shape; undefined if it is not ours. */
export function ourSpan(span: unknown): Span | undefined {
  if (typeof span !== "object" || span === null) return undefined;
  return (span as { readonly [OURS]?: Span })[OURS];
}

/** What a span or a context of that API says of a place; see `Span.context`. */
export function placeOf(span: unknown): SpanContext | undefined {
  try {
    return contextOfSpan(span);
  } catch {
    return undefined;
  }
}

class ShapedSpan implements OtelSpan {
  readonly [OURS]: Span;

  constructor(span: Span) {
    this[OURS] = span;
  }

  spanContext(): OtelSpanContext {
    const { context } = this[OURS];
    const { traceId, spanId, sampled, traceState } = context;
    const traceFlags = sampled ? 1 : 0;
    return traceState === ""
      ? { traceId, spanId, traceFlags }
      : { traceId, spanId, traceFlags, traceState: new State(traceState) };
  }

  setAttribute(name: string, value: unknown): this {
    this[OURS].setAttribute(name, value as string); // checked there
    return this;
  }

  setAttributes(attributes: Readonly<Record<string, unknown>>): this {
    this[OURS].setAttributes(attributes as Attributes);
    return this;
  }

  addEvent(name: string, attributes?: unknown, time?: TimeInput): this {
    const isTime = isTimeInput(attributes);
    const at = isTime ? attributes : time;
    const facts = isTime ? undefined : attributes as Attributes | undefined;
    this[OURS].addEvent(name, facts ?? {}, at && unixSeconds(at));
    return this;
  }

  addLink({ context, attributes }: OtelLink): this {
    const place = fromOtel(context);
    if (place !== undefined) this[OURS].addLink(place, attributes);
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

/** That API's form of `tracestate`. */
class State {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): string | undefined {
    const member = this.#members().find((one) => one.startsWith(`${key}=`));
    return member?.slice(key.length + 1);
  }

  set(key: string, value: string): State {
    const rest = this.unset(key).serialize();
    return new State([`${key}=${value}`, ...rest ? [rest] : []].join(","));
  }

  unset(key: string): State {
    const rest = this.#members().filter((one) => !one.startsWith(`${key}=`));
    return new State(rest.join(","));
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

/** Unix seconds of a moment in any of the ways of that API. */
export function unixSeconds(time: TimeInput): number {
  if (time instanceof Date) return time.getTime() / 1000;
  if (typeof time !== "number") return time[0] + time[1] / 1e9;
  // By its rule a small number is a reading of performance.now().
  const { timeOrigin } = performance;
  return (time < timeOrigin ? timeOrigin + time : time) / 1000;
}
