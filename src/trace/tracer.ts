/**
 * The tracer: makes spans, and tells who listens of their start and end.
 *
 * - While nobody listens nothing is recorded; what a caller has said of its
 *   trace is passed on all the same.
 * - A listener or sampler that throws disturbs nobody, and is counted.
 * - It knows neither bus nor exporter: see `onEnd`.
 */
import type { Clock } from "../base/mod.ts";
import { spanFromContext } from "./active.ts";
import type { Baggage } from "./baggage.ts";
import type { Random } from "./ids.ts";
import type {
  Attributes,
  SpanContext,
  SpanKind,
  SpanLink,
  SpanRecord,
} from "./record.ts";
import type { Sampler } from "./sampler.ts";
import { LIMITS, type Span, type SpanLimits } from "./span.ts";
import { TracerHub } from "./tracer_hub.ts";

/** How a tracer is made. */
export interface TracerOptions {
  /** Whose spans they are: a service, a library; `barograph` unless given. */
  readonly name?: string;
  /** The version of that; empty unless given. */
  readonly version?: string;
  /** Which traces are recorded; as the caller says, else all, unless given. */
  readonly sampler?: Sampler;
  /** Bounds of what one span holds. */
  readonly limits?: Partial<SpanLimits>;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
  /** Where ids come from, the machine unless given. */
  readonly random?: Random;
}

/** How a span is started. */
export interface SpanOptions {
  /** `internal` unless given. */
  readonly kind?: SpanKind;
  /**
   * Facts that are known from the start; samplers see them. A function is
   * asked only where somebody looks at them.
   */
  readonly attributes?: Attributes | (() => Attributes);
  /** Spans of other places that it has to do with. */
  readonly links?: readonly SpanLink[];
  /** What it is part of; null for nothing; the active span unless given. */
  readonly parent?: Span | SpanContext | null;
  /** When it began, in unix seconds; now unless given. */
  readonly start?: number;
  /** For `run`: what the work carries; what is carried now unless given. */
  readonly baggage?: Baggage;
}

/** What a tracer tells of itself. */
export interface TracerStats {
  /** Spans that were started and are recorded. */
  readonly recorded: number;
  /** Spans that were started and are not: not sampled. */
  readonly unsampled: number;
  /** Recorded spans that have ended. */
  readonly ended: number;
  /** Listeners and samplers that threw. */
  readonly failures: number;
}

/** Makes spans. */
export interface Tracer {
  /** Whose spans they are. */
  readonly name: string;
  /** The tracer that this one is another name of; itself, if it is the first. */
  readonly origin: Tracer;
  /**
   * Runs `work` in a new span, which is active in all that `work` starts, and
   * ends when it returns, or when its promise is settled. What `work` throws
   * is told of, makes the span failed, and reaches the caller unchanged.
   */
  run<T>(name: string, work: (span: Span) => T, options?: SpanOptions): T;
  /** Starts a span that is active nowhere; end it, or say `using`. */
  start(name: string, options?: SpanOptions): Span;
  /**
   * Tells of downstream work that is done: a call, a query. It becomes a span
   * of kind `client` within the active one; outside of all, nothing happens.
   * `start` is when it began: unix seconds, a `Date`, or a stopwatch.
   */
  record(name: string, start: Start, error?: unknown): void;
  /** Hears of each recorded span as it starts, until the result is disposed. */
  onStart(listener: (span: Span, record: SpanStart) => void): Disposable;
  /** Hears of each recorded span that has ended. */
  onEnd(listener: (record: SpanRecord, span: Span) => void): Disposable;
  /** The same tracer under another name: for a library. */
  named(name: string, version?: string): Tracer;
  /** What it has to tell of itself, at this moment; of all its names. */
  stats(): TracerStats;
}

/**
 * `Tracer.record` on the tracer of the active span: tells of a call or a query
 * that is done. Outside of all spans nothing happens.
 *
 * ```ts
 * import { record, stopwatch } from "@barograph/barograph";
 *
 * const watch = stopwatch();
 * // … a query …
 * record("db.pets.list", watch);
 * ```
 */
export function record(name: string, start: Start, error?: unknown): void {
  spanFromContext()?.tracer.record(name, start, error);
}

/** What is known of a span when it starts. */
export type SpanStart = Readonly<
  Pick<SpanRecord, "name" | "kind" | "start" | "parentSpanId" | "attributes">
>;

/** When something began: unix seconds, a date, or a stopwatch. */
export type Start = number | Date | { seconds(): number };

/**
 * Makes a tracer.
 *
 * ```ts
 * import { createTracer } from "@barograph/barograph/trace";
 *
 * const tracer = createTracer({ name: "shop" });
 * using _ = tracer.onEnd((record) => console.log(record.name, record.status));
 * await tracer.run("checkout", async (span) => {
 *   span.setAttribute("cart.items", 3);
 *   await Promise.resolve(); // still in the span, as is all that is called
 * });
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function createTracer(options: TracerOptions = {}): Tracer {
  checkOptions(options);
  const { name = "barograph", version = "" } = options;
  return new TracerHub(options).named(name, version);
}

function checkOptions(options: TracerOptions): void {
  const { sampler, limits = {}, name = "barograph", version = "" } = options;
  if (typeof name !== "string" || typeof version !== "string") {
    throw new TypeError(
      "Cannot make a tracer: name and version must be texts, such as " +
        '{ name: "shop", version: "1.2.0" }',
    );
  }
  if (sampler !== undefined && typeof sampler !== "function") {
    throw new TypeError(
      `Cannot make a tracer: sampler is of type ${typeof sampler}; ` +
        `give a function, such as parentBased(ratio(0.1))`,
    );
  }
  for (const [limit, value] of Object.entries(limits)) {
    if (
      Object.hasOwn(LIMITS, limit) && Number.isInteger(value) && value >= 0
    ) continue;
    throw new RangeError(
      `Cannot make a tracer: limit ${limit} is ${value}; give whole numbers ` +
        `from 0 on for ${Object.keys(LIMITS).join(", ")}`,
    );
  }
}
