/**
 * The two implementations of `Span`.
 *
 * - A span ends once; later changes are ignored.
 * - Attributes, events and links are bounded; dropped ones are counted.
 * - A span that is not recorded does nothing, and generates its ids only when
 *   they are read.
 */
import type { Clock } from "../base/mod.ts";
import type { Span, SpanLimits, SpanStart, Tracer } from "./api.ts";
import { checkedAttribute, exceptionAttributes } from "./attributes.ts";
import type { IdSource } from "./ids.ts";
import type {
  Attributes,
  AttributeValue,
  SpanContext,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanRecord,
  SpanStatus,
} from "./record.ts";

/** The part of a tracer that its spans use. */
export interface TracerInternals {
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: SpanLimits;
  ended(record: SpanRecord, span: Span): void;
}

/**
 * One moment in system time and in monotonic time, in seconds. All spans of a
 * local tree share it, so that their times agree even if the system clock is set
 * meanwhile.
 */
export interface Anchor {
  readonly unix: number;
  readonly mono: number;
}

/** The data with which a span begins. */
export interface SpanInit {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  /** Id of the trace; generated at the first read. */
  readonly traceId: string;
}

const UNSET: SpanStatus = Object.freeze({ code: "unset", message: "" });
const OK: SpanStatus = Object.freeze({ code: "ok", message: "" });
const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
const NO_LINKS: readonly SpanLink[] = Object.freeze([]);
const NO_ATTRIBUTES: Attributes = Object.freeze({});
const NONE_DROPPED = Object.freeze({ attributes: 0, events: 0, links: 0 });

/** The record under construction. */
type Draft = { -readonly [K in keyof SpanRecord]: SpanRecord[K] };

/** A span that is recorded. */
export class RecordedSpan implements Span {
  readonly propagates = true;
  readonly tracer: Tracer;
  readonly context: SpanContext;
  readonly root: Span;
  readonly #internals: TracerInternals;
  readonly #draft: Draft;
  readonly #attributes: Record<string, AttributeValue> = {};
  readonly #localParent: RecordedSpan | undefined;
  #anchor: Anchor | undefined;
  #size = 0;
  #open = true;

  /** `localParent` is the parent span, if it belongs to this process. */
  constructor(
    internals: TracerInternals,
    init: SpanInit,
    localParent: Span | undefined,
    start: number | undefined,
    scope: SpanRecord["scope"],
  ) {
    const { parent } = init;
    this.#internals = internals;
    this.tracer = internals.tracer;
    const context = {
      traceId: init.traceId,
      spanId: internals.ids.spanId(),
      sampled: true,
      traceState: parent?.traceState ?? "",
    };
    this.context = parent?.random ? { ...context, random: true } : context;
    this.root = localParent?.root ?? this;
    this.#localParent = localParent instanceof RecordedSpan
      ? localParent
      : undefined;
    this.#draft = {
      name: init.name,
      kind: init.kind,
      context: this.context,
      parentSpanId: parent?.spanId ?? "",
      parentIsRemote: parent !== undefined && localParent === undefined,
      start: start ?? this.#now(),
      end: 0,
      attributes: this.#attributes,
      events: NO_EVENTS,
      links: NO_LINKS,
      status: UNSET,
      dropped: NONE_DROPPED,
      scope,
    };
  }

  get recording(): boolean {
    return this.#open;
  }

  /** The data of the span so far. */
  get started(): SpanStart {
    return this.#draft;
  }

  attribute(name: string): AttributeValue | undefined {
    const value = this.#attributes[name];
    // Object.prototype has no strings, and hasOwn() costs more than the read.
    if (typeof value === "string" || value === undefined) return value;
    return Object.hasOwn(this.#attributes, name) ? value : undefined;
  }

  setAttribute(name: string, value: AttributeValue | undefined | null): this {
    if (!this.#open || value === undefined || value === null) return this;
    const { limits } = this.#internals;
    const checked = checkedAttribute(name, value, limits.valueLength);
    const isNew = !Object.hasOwn(this.#attributes, name);
    if (checked === undefined || (isNew && this.#size >= limits.attributes)) {
      return this.#drop("attributes");
    }
    if (isNew) this.#size++;
    this.#attributes[name] = checked;
    return this;
  }

  setAttributes(
    attributes: Readonly<Record<string, AttributeValue | undefined | null>>,
  ): this {
    for (const name in attributes) this.setAttribute(name, attributes[name]);
    return this;
  }

  addEvent(
    name: string,
    attributes: Attributes = NO_ATTRIBUTES,
    time: number = this.#now(),
  ): this {
    if (!this.#open) return this;
    const { events } = this.#draft;
    if (events.length >= this.#internals.limits.events) {
      return this.#drop("events");
    }
    const event = { name, time, attributes: this.#checked(attributes) };
    if (events === NO_EVENTS) this.#draft.events = [event];
    else (events as SpanEvent[]).push(event);
    return this;
  }

  addLink(context: SpanContext, attributes: Attributes = NO_ATTRIBUTES): this {
    if (!this.#open) return this;
    const { links } = this.#draft;
    if (links.length >= this.#internals.limits.links) {
      return this.#drop("links");
    }
    const link = { context, attributes: this.#checked(attributes) };
    if (links === NO_LINKS) this.#draft.links = [link];
    else (links as SpanLink[]).push(link);
    return this;
  }

  recordException(error: unknown): this {
    return this.addEvent("exception", exceptionAttributes(error));
  }

  setStatus(code: "ok" | "error", message = ""): this {
    if (!this.#open || this.#draft.status === OK) return this;
    this.#draft.status = code === "ok" ? OK : { code: "error", message };
    return this;
  }

  updateName(name: string): this {
    if (this.#open) this.#draft.name = name;
    return this;
  }

  end(time: number = this.#now()): void {
    if (!this.#open) return;
    this.#open = false;
    const draft = this.#draft;
    draft.end = Math.max(draft.start, time);
    this.#internals.ended(Object.freeze(draft), this);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  /** The anchor of the local tree. */
  get anchor(): Anchor {
    if (this.#anchor !== undefined) return this.#anchor;
    const { clock } = this.#internals;
    return this.#anchor = this.#localParent?.anchor ??
      { unix: clock.unix(), mono: clock.mono() };
  }

  #now(): number {
    const { unix, mono } = this.anchor;
    return unix + this.#internals.clock.mono() - mono;
  }

  #checked(attributes: Attributes): Attributes {
    if (attributes === NO_ATTRIBUTES) return attributes;
    const { limits } = this.#internals;
    const checked: Record<string, AttributeValue> = {};
    let size = 0;
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined || value === null) continue;
      const stored = checkedAttribute(name, value, limits.valueLength);
      if (stored === undefined || size >= limits.attributes) {
        this.#drop("attributes");
        continue;
      }
      checked[name] = stored;
      size++;
    }
    return checked;
  }

  #drop(what: keyof SpanRecord["dropped"]): this {
    const { dropped } = this.#draft;
    this.#draft.dropped = { ...dropped, [what]: dropped[what] + 1 };
    return this;
  }
}

/**
 * An unrecorded span: ids only. It is its own `SpanContext`, to save an object
 * per request.
 */
export class UnrecordedSpan implements Span, SpanContext {
  readonly recording = false;
  readonly sampled = false;
  readonly context: SpanContext;
  readonly propagates: boolean;
  readonly #internals: TracerInternals;
  readonly #parent: SpanContext | undefined;
  readonly #localParent: Span | undefined;
  #traceId: string | undefined;
  #spanId: string | undefined;

  /**
   * Without listeners, the context of the parent is passed on unchanged, and
   * without a parent nothing is propagated. `traceId` is undefined if it has not
   * been generated.
   */
  constructor(
    internals: TracerInternals,
    parent: SpanContext | undefined,
    localParent: Span | undefined,
    traceId: string | undefined,
    nobodyListens: boolean,
  ) {
    this.#internals = internals;
    this.#parent = parent;
    this.#localParent = localParent;
    this.#traceId = traceId;
    this.propagates = !nobodyListens || parent !== undefined;
    this.context = nobodyListens && parent !== undefined ? parent : this;
  }

  get tracer(): Tracer {
    return this.#internals.tracer;
  }

  get root(): Span {
    return this.#localParent?.root ?? this;
  }

  get traceId(): string {
    const parent = this.#localParent?.context ?? this.#parent;
    return this.#traceId ??= parent?.traceId ?? this.#internals.ids.traceId();
  }

  get spanId(): string {
    return this.#spanId ??= this.#internals.ids.spanId();
  }

  get random(): boolean | undefined {
    return this.#parent?.random;
  }

  get traceState(): string {
    return this.#parent?.traceState ?? "";
  }

  attribute(): undefined {}

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

  recordException(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  end(): void {}

  [Symbol.dispose](): void {}
}
