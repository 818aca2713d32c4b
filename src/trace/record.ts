/** What is left of a span when it has ended: plain data, frozen. */

/** What an attribute can be. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];

/** Facts about a span, an event or a link, by their names. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** On which side of which kind of work a span stands. */
export type SpanKind =
  | "internal"
  | "server"
  | "client"
  | "producer"
  | "consumer";

/** By what a span is known, in this process and in others. */
export interface SpanContext {
  /** 32 hexadecimal digits, lower case, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, lower case, not all zero. */
  readonly spanId: string;
  /** Whether it is recorded; who calls on should do as we do. */
  readonly sampled: boolean;
  /** What vendors passed along (W3C `tracestate`); empty if nothing. */
  readonly traceState: string;
}

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  /** What happened. */
  readonly name: string;
  /** When, in unix seconds. */
  readonly time: number;
  /** More about it. */
  readonly attributes: Attributes;
}

/** A span of another place that this one has to do with. */
export interface SpanLink {
  /** The other span. */
  readonly context: SpanContext;
  /** How it has to do with it. */
  readonly attributes: Attributes;
}

/** How the work went: `unset` unless somebody said. */
export interface SpanStatus {
  /** `error` outlives `unset`; `ok` outlives both. */
  readonly code: "unset" | "ok" | "error";
  /** What went wrong; empty unless `code` is `error`. */
  readonly message: string;
}

/** A span that has ended. */
export interface SpanRecord {
  /** What was done, in few words of bounded number. */
  readonly name: string;
  /** On which side of which kind of work it stands. */
  readonly kind: SpanKind;
  /** By what it is known. */
  readonly context: SpanContext;
  /** The span that it is part of; empty if it is the first of its trace. */
  readonly parentSpanId: string;
  /** Whether that one is of another process. */
  readonly parentIsRemote: boolean;
  /** When it began, in unix seconds. */
  readonly start: number;
  /** When it ended, in unix seconds; never before `start`. */
  readonly end: number;
  /** Facts about it. */
  readonly attributes: Attributes;
  /** What happened during it, by time. */
  readonly events: readonly SpanEvent[];
  /** Spans of other places that it has to do with. */
  readonly links: readonly SpanLink[];
  /** How it went. */
  readonly status: SpanStatus;
  /** How many attributes, events and links were beyond the limits. */
  readonly dropped: {
    /** Attributes of the span itself. */
    readonly attributes: number;
    /** Events. */
    readonly events: number;
    /** Links. */
    readonly links: number;
  };
  /** The tracer that made it. */
  readonly scope: {
    /** Whose spans they are: a service, a library. */
    readonly name: string;
    /** Its version; empty if unknown. */
    readonly version: string;
  };
}
