/** The interfaces of spans and tracers, without any implementation. */
import type { Clock } from "../base/mod.ts";
import type { Baggage } from "./baggage.ts";
import type { Random } from "./ids.ts";
import type {
  Attributes,
  AttributeValue,
  SpanContext,
  SpanKind,
  SpanLink,
  SpanRecord,
} from "./record.ts";
import type { Sampler } from "./sampler.ts";

/**
 * A piece of work in progress. A `using` declaration ends it with its block.
 *
 * No method throws. A wrong name, value or time is dropped and counted in
 * `TracerStats.dropped`, as are changes beyond the limits or after the end.
 */
export interface Span extends Disposable {
  /** Identity of the span, within and across processes. */
  readonly context: SpanContext;
  /** Whether changes are recorded: the span is sampled and has not ended. */
  readonly recording: boolean;
  /**
   * Whether outgoing requests carry the span's context. False where nothing is
   * recorded and the caller sent no context: there is nothing to propagate.
   */
  readonly propagates: boolean;
  /** The outermost ancestor in this process, or the span itself. */
  readonly root: Span;
  /** The tracer that started the span, under its first name (`Tracer.origin`). */
  readonly tracer: Tracer;
  /** Returns an attribute; undefined if unset or if the span is unrecorded. */
  attribute(name: string): AttributeValue | undefined;
  /**
   * Sets an attribute; a later value replaces an earlier one. Values of an
   * unsupported type and attributes beyond the limits are dropped and counted;
   * undefined and null are ignored.
   */
  setAttribute(name: string, value: AttributeValue | undefined | null): this;
  /** Sets several attributes: the own properties of an object. */
  setAttributes(
    attributes: Readonly<Record<string, AttributeValue | undefined | null>>,
  ): this;
  /** Adds an event at `time` in unix seconds. Default: now. */
  addEvent(name: string, attributes?: Attributes, time?: number): this;
  /** Adds a link to another span, of the same or another trace. */
  addLink(context: SpanContext, attributes?: Attributes): this;
  /** Adds an `exception` event. The status of the span does not change. */
  recordException(error: unknown): this;
  /** Sets the status. `ok` is final; `error` can still become `ok`. */
  setStatus(code: "ok" | "error", message?: string): this;
  /** Replaces the name. */
  updateName(name: string): this;
  /** Ends the span once, at `time` in unix seconds. Default: now. */
  end(time?: number): void;
}

/** Bounds of the data that one span holds. */
export interface SpanLimits {
  /** Maximum number of attributes of the span, and of each event and link. */
  readonly attributes: number;
  /** Maximum number of events. */
  readonly events: number;
  /** Maximum number of links. */
  readonly links: number;
  /**
   * Maximum length in UTF-16 units of each attribute that is a string, of each
   * item of a list, and of the message of the status; longer ones are cut. A list
   * has at most 128 items. Names of spans and events are cut at 4096 units;
   * attributes with a longer name are dropped.
   */
  readonly valueLength: number;
  /**
   * Maximum total size of the attributes, events and links of one span: the
   * UTF-16 units of all names and strings, 8 for each number, boolean, item and
   * name, 16 for each event and 64 for each link. Values that do not fit are
   * dropped.
   */
  readonly totalLength: number;
}

/** Options of `createTracer`. */
export interface TracerOptions {
  /** Name of the service or library that the spans describe. Default: `barograph`. */
  readonly name?: string | undefined;
  /** Version of the service or library. Default: empty. */
  readonly version?: string | undefined;
  /** Decides which traces are recorded. Default: `parentBased(alwaysOn)`. */
  readonly sampler?: Sampler | undefined;
  /**
   * Bounds of the data that one span holds. Default: 128 attributes, 128 events,
   * 128 links, strings of 4096 UTF-16 units, and 16 such strings in total.
   */
  readonly limits?:
    | { readonly [K in keyof SpanLimits]?: SpanLimits[K] | undefined }
    | undefined;
  /** Source of the time. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** Source of the ids. Default: `crypto.getRandomValues`. */
  readonly random?: Random | undefined;
}

/** Options of `Tracer.start` and `Tracer.run`. */
export interface SpanOptions {
  /** Role of the span. Default: `internal`. */
  readonly kind?: SpanKind | undefined;
  /**
   * Attributes that are known at the start; samplers see them. A function is
   * called only if a sampler reads them or the span is recorded.
   */
  readonly attributes?: Attributes | (() => Attributes) | undefined;
  /** Links to other spans. */
  readonly links?: readonly SpanLink[] | undefined;
  /** Parent of the span; null starts a new trace. Default: the active span. */
  readonly parent?: Span | SpanContext | null | undefined;
  /** Start in unix seconds. Default: now. */
  readonly start?: number | undefined;
  /** Baggage of the work that `run` calls. Default: the active baggage. */
  readonly baggage?: Baggage | undefined;
}

/** Counts of a tracer, summed over all tracers derived by `named`. */
export interface TracerStats {
  /** Spans started and recorded. */
  readonly recorded: number;
  /** Spans not sampled, without those started while there was no listener. */
  readonly unsampled: number;
  /** Recorded spans that have ended. */
  readonly ended: number;
  /**
   * Exceptions and rejections of listeners, samplers, attribute functions and
   * sources of random bytes.
   */
  readonly failures: number;
  /** Changes to recorded spans that were dropped, by reason. */
  readonly dropped: {
    /** A name, a value, a context, a kind or a time was wrong. */
    readonly invalid: number;
    /** An attribute, an event or a link was beyond the limits. */
    readonly limit: number;
    /** The span had ended. */
    readonly late: number;
  };
}

/** The data of a span at its start. */
export type SpanStart = Readonly<
  Pick<SpanRecord, "name" | "kind" | "start" | "parentSpanId" | "attributes">
>;

/** Start of a finished operation: unix seconds, a `Date`, or a stopwatch. */
export type Start = number | Date | { seconds(): number };

/** Starts spans. */
export interface Tracer {
  /** Name of the service or library that the spans describe. */
  readonly name: string;
  /** The tracer from which `named` derived this tracer, or the tracer itself. */
  readonly origin: Tracer;
  /**
   * Runs `work` in a new span. The span is active in everything that `work`
   * starts. It ends when `work` returns or its promise settles; an exception is
   * recorded, sets the status to `error`, and reaches the caller unchanged.
   */
  run<T>(name: string, work: (span: Span) => T, options?: SpanOptions): T;
  /** Starts a span without making it active; call `end` or use `using`. */
  start(name: string, options?: SpanOptions): Span;
  /**
   * Records a finished call or query as a child of the active span, of kind
   * `client`, also if that span has ended; does nothing if it is not sampled, or
   * if there is none. `start` is in
   * unix seconds, a `Date` or a stopwatch. `error` sets the status to `error`.
   */
  record(name: string, start: Start, error?: unknown): void;
  /**
   * Calls `listener` at the start of each recorded span, until disposed. Its
   * errors are counted.
   */
  onStart(listener: (span: Span, record: SpanStart) => void): Disposable;
  /**
   * Calls `listener` at the end of each recorded span, until disposed. Its
   * errors are counted.
   */
  onEnd(listener: (record: SpanRecord, span: Span) => void): Disposable;
  /**
   * Derives a tracer with another name and version, such as those of a library.
   * Everything else is shared: listeners, sampler, limits and counts.
   */
  named(name: string, version?: string): Tracer;
  /** Returns the current counts, summed over all tracers derived by `named`. */
  stats(): TracerStats;
}
