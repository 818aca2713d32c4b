/** The data of spans: plain objects without behaviour. */

/** The value of an attribute. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];

/** Attributes of a span, an event or a link by name. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Role of a span in a trace, by OpenTelemetry's names. */
export type SpanKind =
  | "internal"
  | "server"
  | "client"
  | "producer"
  | "consumer";

/** Identity of a span, within and across processes. */
export interface SpanContext {
  /** 32 hexadecimal digits, lower case, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits, lower case, not all zero. */
  readonly spanId: string;
  /** Whether the span is recorded; downstream services should record theirs too. */
  readonly sampled: boolean;
  /** Whether the caller declared the trace id random (W3C Level 2). */
  readonly random?: boolean | undefined;
  /** The W3C `tracestate` of the trace; may be empty. */
  readonly traceState: string;
}

/** An event at one moment of a span. */
export interface SpanEvent {
  /** Name of the event. */
  readonly name: string;
  /** Time in unix seconds. */
  readonly time: number;
  /** Attributes of the event. */
  readonly attributes: Attributes;
}

/** A link from one span to another. */
export interface SpanLink {
  /** Identity of the other span. */
  readonly context: SpanContext;
  /** Attributes of the link. */
  readonly attributes: Attributes;
}

/** Outcome of the work. */
export interface SpanStatus {
  /** `unset` until it is set. `ok` is final. */
  readonly code: "unset" | "ok" | "error";
  /** Description of the error; empty unless `code` is `error`. */
  readonly message: string;
}

/** A span that has ended: frozen data. */
export interface SpanRecord {
  /** Name of the operation, of low cardinality. */
  readonly name: string;
  /** Role of the span. */
  readonly kind: SpanKind;
  /** Identity of the span. */
  readonly context: SpanContext;
  /** Id of the parent span; empty for the root of a trace. */
  readonly parentSpanId: string;
  /** Whether the parent belongs to another process. */
  readonly parentIsRemote: boolean;
  /** Start in unix seconds. */
  readonly start: number;
  /** End in unix seconds; never before `start`. */
  readonly end: number;
  /** Attributes of the span. */
  readonly attributes: Attributes;
  /** Events in the order in which they were added. */
  readonly events: readonly SpanEvent[];
  /** Links to other spans. */
  readonly links: readonly SpanLink[];
  /** Outcome of the work. */
  readonly status: SpanStatus;
  /** Numbers of attributes, events and links that were dropped. */
  readonly dropped: {
    /** Attributes of the span, its events and its links. */
    readonly attributes: number;
    /** Events. */
    readonly events: number;
    /** Links. */
    readonly links: number;
  };
  /** The tracer that started the span (the instrumentation scope). */
  readonly scope: {
    /** Name of the service or library. */
    readonly name: string;
    /** Version of the service or library; empty if unknown. */
    readonly version: string;
  };
}
