/**
 * Spans: what a piece of work was, from its start to its end.
 *
 * - A span ends once; whatever is said of it later is ignored.
 * - Its attributes, events and links are bounded, and what is beyond the
 *   bounds is counted.
 * - A span that is not recorded does nothing, and draws its id when somebody
 *   asks for it.
 */
import type { Clock } from "../base/mod.ts";
import type { IdSource } from "./ids.ts";
import { checkedAttribute, exceptionAttributes } from "./attributes.ts";
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
import type { SpanStart, Tracer } from "./tracer.ts";

/** A piece of work under way. With `using`, it ends with the block. */
export interface Span extends Disposable {
  /** By what it is known, here and elsewhere. */
  readonly context: SpanContext;
  /** Whether what is said of it is kept: it is sampled, and has not ended. */
  readonly recording: boolean;
  /**
   * Whether other services are to hear of it. Where nobody records anything
   * and no caller has named a span, there is nothing to tell them.
   */
  readonly announced: boolean;
  /** The outermost span of this process that it is part of. */
  readonly root: Span;
  /** What made it. */
  readonly tracer: Tracer;
  /** What was said under that name; undefined if nothing, or nothing is kept. */
  attribute(name: string): AttributeValue | undefined;
  /**
   * Says a fact; saying it again replaces it. What is neither text, number,
   * truth value nor a list of one of them is dropped and counted, as is what is
   * beyond the limits; undefined and null say nothing.
   */
  setAttribute(name: string, value: AttributeValue | undefined | null): this;
  /** Says several facts. */
  setAttributes(
    attributes: Readonly<Record<string, AttributeValue | undefined | null>>,
  ): this;
  /** Tells of something that happened, now unless `time` (unix seconds). */
  addEvent(name: string, attributes?: Attributes, time?: number): this;
  /** Tells of a span of another place that it has to do with. */
  addLink(context: SpanContext, attributes?: Attributes): this;
  /** Tells of an error, as an event; it does not make the span failed. */
  recordException(error: unknown): this;
  /** Says how it went. `ok` stays; `error` can still become `ok`. */
  setStatus(code: "ok" | "error", message?: string): this;
  /** Gives it another name. */
  updateName(name: string): this;
  /** Ends it, now unless `time` (unix seconds) is given; once. */
  end(time?: number): void;
}

/** Bounds of what one span holds. */
export interface SpanLimits {
  /** 128 unless given. */
  readonly attributes: number;
  /** 128 unless given. */
  readonly events: number;
  /** 128 unless given. */
  readonly links: number;
  /** Of each text, in UTF-16 units; 4096 unless given. Longer is cut. */
  readonly valueLength: number;
}

/** What a span holds unless told otherwise. */
export const LIMITS: SpanLimits = {
  attributes: 128,
  events: 128,
  links: 128,
  valueLength: 4096,
};

/** What spans need of their tracer. */
export interface Hub {
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: SpanLimits;
  ended(record: SpanRecord, span: Span): void;
}

/** One moment on both scales, by which all spans of a process agree. */
export interface Anchor {
  readonly unix: number;
  readonly mono: number;
}

/** What a recorded span is made of. */
export interface SpanInit {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly parent: SpanContext | undefined;
  /** The span of this process that it is part of. */
  readonly within: Span | undefined;
  readonly start: number | undefined;
  readonly scope: SpanRecord["scope"];
}

const UNSET: SpanStatus = Object.freeze({ code: "unset", message: "" });
const OK: SpanStatus = Object.freeze({ code: "ok", message: "" });
const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
const NO_LINKS: readonly SpanLink[] = Object.freeze([]);
const NOTHING: Attributes = Object.freeze({});
const NONE_DROPPED = Object.freeze({ attributes: 0, events: 0, links: 0 });

/** The record while it is written. */
type Draft = { -readonly [K in keyof SpanRecord]: SpanRecord[K] };

/** A span that is kept. */
export class RecordedSpan implements Span {
  readonly announced = true;
  readonly tracer: Tracer;
  readonly context: SpanContext;
  readonly root: Span;
  readonly #hub: Hub;
  readonly #draft: Draft;
  readonly #attributes: Record<string, AttributeValue> = {};
  readonly #within: RecordedSpan | undefined;
  #anchor: Anchor | undefined;
  #size = 0;
  #open = true;

  constructor(hub: Hub, init: SpanInit) {
    const { parent, within, kind, scope } = init;
    this.#hub = hub;
    this.tracer = hub.tracer;
    this.context = {
      traceId: init.traceId,
      spanId: hub.ids.spanId(),
      sampled: true,
      traceState: parent?.traceState ?? "",
    };
    this.root = within?.root ?? this;
    this.#within = within instanceof RecordedSpan ? within : undefined;
    this.#draft = {
      name: init.name,
      kind,
      context: this.context,
      parentSpanId: parent?.spanId ?? "",
      parentIsRemote: parent !== undefined && within === undefined,
      start: init.start ?? this.#now(),
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

  /** What is known of it so far. */
  get started(): SpanStart {
    return this.#draft;
  }

  attribute(name: string): AttributeValue | undefined {
    return this.#attributes[name];
  }

  setAttribute(name: string, value: AttributeValue | undefined | null): this {
    if (!this.#open || value === undefined || value === null) return this;
    const { limits } = this.#hub;
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
    attributes: Attributes = NOTHING,
    time: number = this.#now(),
  ): this {
    if (!this.#open) return this;
    const { events } = this.#draft;
    if (events.length >= this.#hub.limits.events) return this.#drop("events");
    const event = { name, time, attributes: this.#checked(attributes) };
    if (events === NO_EVENTS) this.#draft.events = [event];
    else (events as SpanEvent[]).push(event);
    return this;
  }

  addLink(context: SpanContext, attributes: Attributes = NOTHING): this {
    if (!this.#open) return this;
    const { links } = this.#draft;
    if (links.length >= this.#hub.limits.links) return this.#drop("links");
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
    this.#hub.ended(Object.freeze(draft), this);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  /** The moment by which it reads the clock: that of its root. */
  get anchor(): Anchor {
    if (this.#anchor !== undefined) return this.#anchor;
    const { clock } = this.#hub;
    return this.#anchor = this.#within?.anchor ??
      { unix: clock.unix(), mono: clock.mono() };
  }

  #now(): number {
    const { unix, mono } = this.anchor;
    return unix + this.#hub.clock.mono() - mono;
  }

  #checked(attributes: Attributes): Attributes {
    if (attributes === NOTHING) return attributes;
    const { limits } = this.#hub;
    const kept: Record<string, AttributeValue> = {};
    let size = 0;
    for (const [name, value] of Object.entries(attributes)) {
      if (value === undefined || value === null) continue;
      const checked = checkedAttribute(name, value, limits.valueLength);
      if (checked === undefined || size >= limits.attributes) {
        this.#drop("attributes");
        continue;
      }
      kept[name] = checked;
      size++;
    }
    return kept;
  }

  #drop(what: keyof SpanRecord["dropped"]): this {
    const { dropped } = this.#draft;
    this.#draft.dropped = { ...dropped, [what]: dropped[what] + 1 };
    return this;
  }
}

/** What a span is made of that is not kept. */
export interface QuietInit {
  readonly parent: SpanContext | undefined;
  /** The span of this process that it is part of. */
  readonly within: Span | undefined;
  /** The id of its trace, if it was drawn. */
  readonly traceId: string | undefined;
  /**
   * Whether nobody traces at all: then what the caller said is passed on as it
   * is, and nothing is said where it said nothing.
   */
  readonly passing: boolean;
}

/**
 * A span that is not kept: it only has a name in the world, and is that itself.
 * Many of them live as long as a request, so that they hold on to little.
 */
export class QuietSpan implements Span, SpanContext {
  readonly recording = false;
  readonly sampled = false;
  readonly context: SpanContext;
  readonly announced: boolean;
  readonly #hub: Hub;
  readonly #parent: SpanContext | undefined;
  readonly #within: Span | undefined;
  #traceId: string | undefined;
  #spanId: string | undefined;

  constructor(hub: Hub, { parent, within, traceId, passing }: QuietInit) {
    this.#hub = hub;
    this.#parent = parent;
    this.#within = within;
    this.#traceId = traceId;
    this.announced = !passing || parent !== undefined;
    this.context = passing && parent !== undefined ? parent : this;
  }

  get tracer(): Tracer {
    return this.#hub.tracer;
  }

  get root(): Span {
    return this.#within?.root ?? this;
  }

  get traceId(): string {
    return this.#traceId ??= (this.#within?.context ?? this.#parent)?.traceId ??
      this.#hub.ids.traceId();
  }

  get spanId(): string {
    return this.#spanId ??= this.#hub.ids.spanId();
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
