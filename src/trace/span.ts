/**
 * A span that is recorded.
 *
 * - It ends once. Later changes are dropped and counted.
 * - Every value is checked: a wrong one is dropped and counted.
 * - Attributes, events and links are bounded in number and in total size.
 * - It keeps no ancestor alive but the root: work that plans its own next round
 *   would otherwise make a chain of spans.
 */
import type { Clock } from "../base/mod.ts";
import { cutText } from "../base/internal.ts";
import type { Span, SpanLimits, SpanStart, Tracer } from "./api.ts";
import {
  checkedAttribute,
  ENTRY_SIZE,
  exceptionAttributes,
  sizeOf,
} from "./attributes.ts";
import { checkedContext } from "./checked_context.ts";
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

/** Numbers of changes that spans have dropped, by reason. */
export interface DropCounts {
  invalid: number;
  limit: number;
  late: number;
}

/** The part of a tracer that its spans use. */
export interface TracerInternals {
  readonly tracer: Tracer;
  readonly clock: Clock;
  readonly ids: Pick<IdSource, "traceId" | "spanId">;
  readonly limits: SpanLimits;
  readonly dropped: DropCounts;
  ended(record: SpanRecord, span: Span): void;
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

const KINDS: ReadonlySet<SpanKind> = new Set([
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
]);

/** Sizes of an event and a link, beside their texts and attributes. */
const EVENT_SIZE = 2 * ENTRY_SIZE;
const LINK_SIZE = 8 * ENTRY_SIZE;

/** The last time that OTLP and the events can express, in unix seconds. */
const MAX_TIME = 2 ** 53 / 1e6;

/** The record under construction. */
type Draft = { -readonly [K in keyof SpanRecord]: SpanRecord[K] };

/**
 * One moment in system time and in monotonic time, in seconds; read when the
 * first time is needed. All spans of a local tree share it, so that their times
 * agree even if the system clock is set meanwhile.
 */
class Anchor {
  unix = 0;
  mono = NaN;

  /** Returns the time in unix seconds. */
  now(clock: Clock): number {
    const mono = clock.mono();
    if (!Number.isNaN(this.mono)) return this.unix + mono - this.mono;
    this.mono = mono;
    return this.unix = clock.unix();
  }
}

/** Attributes of a span, an event or a link. */
class Bag {
  readonly values: Record<string, AttributeValue> = {};
  size = 0;
}

const PROPERTY = { writable: true, enumerable: true, configurable: true };

function ownValue(
  values: Readonly<Record<string, AttributeValue>>,
  name: string,
): AttributeValue | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** A span that is recorded. */
export class RecordedSpan implements Span {
  readonly propagates = true;
  readonly tracer: Tracer;
  readonly context: SpanContext;
  readonly root: Span;
  readonly #internals: TracerInternals;
  readonly #draft: Draft;
  readonly #bag = new Bag();
  readonly #anchor: Anchor;
  /** The rest of `limits.totalLength`. */
  #left: number;
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
    this.#left = internals.limits.totalLength;
    this.tracer = internals.tracer;
    const context = {
      traceId: init.traceId,
      spanId: internals.ids.spanId(),
      sampled: true,
      traceState: parent?.traceState ?? "",
    };
    this.context = parent?.random ? { ...context, random: true } : context;
    this.root = localParent?.root ?? this;
    this.#anchor = localParent instanceof RecordedSpan
      ? localParent.#anchor
      : new Anchor();
    this.#draft = {
      name: init.name,
      kind: this.#kindOf(init.kind),
      context: this.context,
      parentSpanId: parent?.spanId ?? "",
      parentIsRemote: parent !== undefined && localParent === undefined,
      start: this.#timeOf(start),
      end: 0,
      attributes: this.#bag.values,
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
    if (typeof name !== "string") return undefined;
    return ownValue(this.#bag.values, name);
  }

  setAttribute(name: string, value: AttributeValue | undefined | null): this {
    this.#store(this.#bag, name, value);
    return this;
  }

  setAttributes(
    attributes: Readonly<Record<string, AttributeValue | undefined | null>>,
  ): this {
    this.#storeAll(this.#bag, attributes);
    return this;
  }

  addEvent(
    name: string,
    attributes: Attributes = NO_ATTRIBUTES,
    time?: number,
  ): this {
    if (!this.#open) return this.#drop("events", "late");
    if (typeof name !== "string") return this.#drop("events", "invalid");
    const text = cutText(name);
    if (!this.#takes("events", EVENT_SIZE + text.length)) return this;
    const event = {
      name: text,
      time: this.#timeOf(time),
      attributes: this.#checked(attributes),
    };
    // A getter of the attributes may have changed the span.
    if (!this.#takes("events", 0)) return this;
    const { events } = this.#draft;
    if (events === NO_EVENTS) this.#draft.events = [event];
    else (events as SpanEvent[]).push(event);
    return this;
  }

  addLink(context: SpanContext, attributes: Attributes = NO_ATTRIBUTES): this {
    if (!this.#open) return this.#drop("links", "late");
    const checked = checkedContext(context);
    if (checked === undefined) return this.#drop("links", "invalid");
    const size = LINK_SIZE + checked.traceState.length;
    if (!this.#takes("links", size)) return this;
    const link = { context: checked, attributes: this.#checked(attributes) };
    if (!this.#takes("links", 0)) return this;
    const { links } = this.#draft;
    if (links === NO_LINKS) this.#draft.links = [link];
    else (links as SpanLink[]).push(link);
    return this;
  }

  recordException(error: unknown): this {
    if (!this.#open) return this.#drop("events", "late");
    return this.addEvent("exception", exceptionAttributes(error));
  }

  setStatus(code: "ok" | "error", message?: string): this {
    const { dropped, limits } = this.#internals;
    if (!this.#open) {
      dropped.late++;
    } else if (code === "ok") {
      this.#draft.status = OK;
    } else if (code !== "error") {
      dropped.invalid++;
    } else if (this.#draft.status !== OK) {
      const isText = typeof message === "string";
      if (!isText && message !== undefined) dropped.invalid++;
      const text = isText ? cutText(message, limits.valueLength) : "";
      this.#draft.status = { code: "error", message: text };
    }
    return this;
  }

  updateName(name: string): this {
    const { dropped } = this.#internals;
    if (!this.#open) dropped.late++;
    else if (typeof name !== "string") dropped.invalid++;
    else this.#draft.name = cutText(name);
    return this;
  }

  end(time?: number): void {
    if (!this.#open) return;
    const draft = this.#draft;
    const end = this.#timeOf(time);
    draft.end = end > draft.start ? end : draft.start;
    this.#open = false;
    this.#internals.ended(Object.freeze(draft), this);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #kindOf(kind: SpanKind): SpanKind {
    if (KINDS.has(kind)) return kind;
    this.#internals.dropped.invalid++;
    return "internal";
  }

  /** Returns `time`; the current time if it is undefined or no time. */
  #timeOf(time: number | undefined): number {
    const { clock, dropped } = this.#internals;
    if (typeof time === "number" && time >= 0 && time <= MAX_TIME) return time;
    if (time !== undefined) dropped.invalid++;
    return this.#anchor.now(clock);
  }

  #checked(attributes: Attributes): Attributes {
    if (attributes === NO_ATTRIBUTES) return attributes;
    const bag = new Bag();
    this.#storeAll(bag, attributes);
    return bag.values;
  }

  #storeAll(
    bag: Bag,
    attributes: Readonly<Record<string, AttributeValue | undefined | null>>,
  ): void {
    if (attributes === undefined || attributes === null) return;
    if (typeof attributes !== "object" || Array.isArray(attributes)) {
      return void this.#drop("attributes", "invalid");
    }
    try {
      for (const name in attributes) {
        // Nothing inherited is an attribute, such as a polluted prototype.
        if (!Object.hasOwn(attributes, name)) continue;
        this.#store(bag, name, attributes[name]);
      }
    } catch {
      this.#drop("attributes", "invalid"); // a getter or a proxy throws
    }
  }

  #store(bag: Bag, name: string, value: unknown): void {
    if (value === undefined || value === null) return;
    const { limits } = this.#internals;
    const stored = checkedAttribute(name, value, limits.valueLength);
    if (!this.#open) return void this.#drop("attributes", "late");
    if (stored === undefined) return void this.#drop("attributes", "invalid");
    const { values } = bag;
    const isKnown = name in values;
    const before = isKnown ? ownValue(values, name) : undefined;
    const isNew = before === undefined;
    const size = sizeOf(stored) +
      (isNew ? ENTRY_SIZE + name.length : -sizeOf(before));
    if (size > this.#left || (isNew && bag.size >= limits.attributes)) {
      return void this.#drop("attributes", "limit");
    }
    this.#left -= size;
    if (isNew) bag.size++;
    if (isKnown && isNew) {
      // A frozen prototype or an inherited setter prevents the assignment.
      Object.defineProperty(values, name, { value: stored, ...PROPERTY });
    } else values[name] = stored;
  }

  /** Takes `size` off what is left; otherwise drops an event or a link. */
  #takes(what: "events" | "links", size: number): boolean {
    const { limits } = this.#internals;
    if (this.#draft[what].length >= limits[what] || size > this.#left) {
      this.#drop(what, "limit");
      return false;
    }
    if (!this.#open) {
      this.#drop(what, "late");
      return false;
    }
    this.#left -= size;
    return true;
  }

  #drop(what: keyof SpanRecord["dropped"], reason: keyof DropCounts): this {
    if (!this.#open) reason = "late";
    this.#internals.dropped[reason]++;
    if (!this.#open) return this; // the record is frozen
    const { dropped } = this.#draft;
    this.#draft.dropped = { ...dropped, [what]: dropped[what] + 1 };
    return this;
  }
}
