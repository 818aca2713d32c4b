/**
 * The implementation of tracers. A `TracerCore` is shared by all tracers derived
 * from one; a `NamedTracer` is a name and version on top of it.
 */
import type { Clock } from "../base/mod.ts";
import {
  callSafely,
  cutText,
  errorMessage,
  isThenable,
  onSettled,
} from "../base/internal.ts";
import {
  type ActiveContext,
  currentContext,
  isTracingSuppressed,
  withContext,
} from "./active.ts";
import type {
  Span,
  SpanLimits,
  SpanOptions,
  SpanStart,
  Start,
  Tracer,
  TracerStats,
} from "./api.ts";
import { NO_BAGGAGE } from "./baggage.ts";
import { checkedContext } from "./checked_context.ts";
import { IdSource, type Random } from "./ids.ts";
import { hasContextManager, otelSpanContext } from "./otel_context.ts";
import type {
  Attributes,
  SpanContext,
  SpanKind,
  SpanRecord,
} from "./record.ts";
import type { Candidate, Sampler } from "./sampler.ts";
import { unobservedListener } from "./unobserved.ts";
import {
  type DropCounts,
  RecordedSpan,
  type SpanInit,
  type TracerInternals,
} from "./span.ts";
import { UnrecordedSpan } from "./unrecorded_span.ts";

/** Registered listeners, each in an object: a function may register twice. */
type Listeners<L> = Set<{ readonly listener: L }>;

/** The options of a tracer, with the defaults filled in. */
export interface TracerCoreInit {
  readonly clock: Clock;
  readonly limits: SpanLimits;
  readonly sampler: Sampler;
  readonly random: Random;
}

/** The state that all tracers derived from one share. */
export class TracerCore implements TracerInternals {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: SpanLimits;
  readonly #sampler: Sampler;
  readonly starts: Listeners<(span: Span, start: SpanStart) => void> =
    new Set();
  readonly ends: Listeners<(record: SpanRecord, span: Span) => void> =
    new Set();
  readonly dropped: DropCounts = { invalid: 0, limit: 0, late: 0 };
  recorded = 0;
  unsampled = 0;
  finished = 0;
  failures = 0;
  /** Counts what a function of the user throws or rejects with. */
  readonly failed = (): void => void this.failures++;
  /** The tracer under its first name. */
  #tracer: Tracer | undefined;

  constructor({ clock, limits, sampler, random }: TracerCoreInit) {
    this.clock = clock;
    this.ids = new IdSource(random, this.failed);
    this.limits = limits;
    this.#sampler = sampler;
  }

  get tracer(): Tracer {
    return this.#tracer!;
  }

  named(name: string, version: string): Tracer {
    const tracer = new NamedTracer(
      this,
      this.textOf(name),
      this.textOf(version),
    );
    this.#tracer ??= tracer;
    return tracer;
  }

  /** Returns a name to keep; an empty one if `name` is no text. */
  textOf(name: unknown): string {
    if (typeof name === "string") return cutText(name);
    this.dropped.invalid++;
    return "";
  }

  /** Returns the parent of a new span, if only its context is known. */
  remoteParentOf(
    parent: SpanOptions["parent"],
    hasApi: boolean,
  ): SpanContext | undefined {
    if (parent === undefined) return hasApi ? otelSpanContext() : undefined;
    if (parent === null) return undefined;
    const checked = checkedContext(parent);
    if (checked === undefined) this.dropped.invalid++;
    return checked;
  }

  /** Adds the initial links. */
  addLinks(span: Span, links: NonNullable<SpanOptions["links"]>): void {
    try {
      for (const { context, attributes } of links) {
        span.addLink(context, attributes);
      }
    } catch {
      this.dropped.invalid++; // no list, or no link in it
    }
  }

  samples(candidate: Candidate): boolean {
    return callSafely(this.#sampler, candidate, this.failed) === true;
  }

  ended(record: SpanRecord, span: Span): void {
    this.finished++;
    this.notify(this.ends, record, span);
  }

  /** Calls listeners as `callSafely` does, without a closure for each call. */
  notify<A, B>(
    listeners: Listeners<(a: A, b: B) => unknown>,
    a: A,
    b: B,
  ): void {
    for (const { listener } of listeners) {
      try {
        const result = listener(a, b);
        if (result !== undefined) callSafely(identity, result, this.failed);
      } catch {
        this.failures++; // a listener must not fail the work
      }
    }
  }
}

function identity<T>(value: T): T {
  return value;
}

const NO_ATTRIBUTES: Attributes = Object.freeze({});
const NO_OPTIONS: SpanOptions = Object.freeze({});

/** A span about to start; generates its trace id only when that is read. */
class SpanCandidate implements Candidate, SpanInit {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  readonly #core: TracerCore;
  #attributes: Attributes | (() => Attributes);
  #traceId: string | undefined;

  constructor(
    core: TracerCore,
    name: string,
    parent: SpanContext | undefined,
    { kind = "internal", attributes = NO_ATTRIBUTES }: SpanOptions,
  ) {
    this.#core = core;
    this.name = core.textOf(name);
    this.kind = kind;
    this.parent = parent;
    this.#attributes = attributes ?? NO_ATTRIBUTES;
  }

  get attributes(): Attributes {
    if (typeof this.#attributes === "function") {
      const { failed, dropped } = this.#core;
      const result = callSafely(this.#attributes, undefined, failed);
      const isLate = isThenable(result);
      if (isLate) dropped.invalid++;
      this.#attributes = isLate ? NO_ATTRIBUTES : result ?? NO_ATTRIBUTES;
    }
    return this.#attributes;
  }

  /** The id of the trace, if it has been generated. */
  get generatedId(): string | undefined {
    return this.#traceId;
  }

  get traceId(): string {
    return this.#traceId ??= this.parent?.traceId ?? this.#core.ids.traceId();
  }
}

class NamedTracer implements Tracer {
  readonly name: string;
  readonly #core: TracerCore;
  readonly #scope: SpanRecord["scope"];

  constructor(core: TracerCore, name: string, version: string) {
    this.name = name;
    this.#core = core;
    this.#scope = Object.freeze({ name, version });
  }

  get origin(): Tracer {
    return this.#core.tracer;
  }

  start(name: string, options: SpanOptions = NO_OPTIONS): Span {
    const core = this.#core;
    const current = currentContext();
    // The global of the API is read once: a property that is not there is slow.
    const hasApi = hasContextManager();
    if (isTracingSuppressed(current, hasApi)) {
      return new UnrecordedSpan(core, undefined, undefined, undefined, true);
    }
    const given = options?.parent;
    const localParent = localParentOf(given, current);
    const parent = localParent === undefined
      ? core.remoteParentOf(given, hasApi)
      : localParent.propagates
      ? localParent.context
      : undefined;
    const candidate = new SpanCandidate(core, name, parent, options);
    const nobodyListens = core.starts.size === 0 && core.ends.size === 0;
    if (nobodyListens || !core.samples(candidate)) {
      if (!nobodyListens) core.unsampled++;
      return new UnrecordedSpan(
        core,
        parent,
        localParent,
        candidate.generatedId,
        nobodyListens,
      );
    }
    return this.#record(candidate, localParent, options);
  }

  /** Separate from `start`, which engines can inline without it. */
  #record(
    candidate: SpanCandidate,
    localParent: Span | undefined,
    { attributes, links, start }: SpanOptions,
  ): Span {
    const core = this.#core;
    core.recorded++;
    const span = new RecordedSpan(
      core,
      candidate,
      localParent,
      start,
      this.#scope,
    );
    if (attributes !== undefined) span.setAttributes(candidate.attributes);
    if (links !== undefined) core.addLinks(span, links);
    if (core.starts.size > 0) core.notify(core.starts, span, span.started);
    return span;
  }

  run<T>(
    name: string,
    work: (span: Span) => T,
    options: SpanOptions = NO_OPTIONS,
  ): T {
    const span = this.start(name, options);
    const outer = currentContext();
    const baggage = options?.baggage ?? outer?.baggage ?? NO_BAGGAGE;
    const isEmpty = !span.propagates && baggage.size === 0;
    if (isEmpty && outer === undefined) return work(span);
    const context: ActiveContext = { span, baggage, values: outer?.values };
    const within = <R>(part: () => R): R => withContext(context, part);
    return within(() =>
      onSettled(() => work(span), (failed, error) => {
        if (failed) {
          span.recordException(error).setStatus("error", errorMessage(error));
        }
        span.end();
      }, within)
    );
  }

  record(name: string, start: Start, error?: unknown): void {
    const parent = currentContext()?.span;
    // Not `recording`: children of an ended span are recorded as well.
    if (!parent?.context.sampled) return;
    const now = this.#core.clock.unix();
    const span = this.start(name, {
      kind: "client",
      parent,
      start: Math.min(unixSeconds(start, now), now),
    });
    if (error !== undefined && error !== null) {
      span.recordException(error).setStatus("error", errorMessage(error));
    }
    span.end();
  }

  onStart(listener: (span: Span, start: SpanStart) => void): Disposable {
    return listen(this.#core.starts, unobservedListener(listener), "onStart");
  }

  onEnd(listener: (record: SpanRecord, span: Span) => void): Disposable {
    return listen(this.#core.ends, unobservedListener(listener), "onEnd");
  }

  named(name: string, version = ""): Tracer {
    return this.#core.named(name, version);
  }

  stats(): TracerStats {
    const { recorded, unsampled, finished, failures, dropped } = this.#core;
    return {
      recorded,
      unsampled,
      ended: finished,
      failures,
      dropped: { ...dropped },
    };
  }
}

/** Returns the parent of a new span, if it is a span of this process. */
function localParentOf(
  parent: SpanOptions["parent"],
  current: ActiveContext | undefined,
): Span | undefined {
  if (parent === undefined) return current?.span;
  // Each request without a caller's trace has this one: no error is thrown here.
  if (parent === null) return undefined;
  return isSpan(parent) ? parent : undefined;
}

function isSpan(value: unknown): value is Span {
  try {
    if (value instanceof RecordedSpan || value instanceof UnrecordedSpan) {
      return true;
    }
    // A span of another copy of this module.
    const { context } = value as Span;
    return checkedContext(context) !== undefined;
  } catch {
    return false; // a proxy that throws
  }
}

/** Converts a `Start` to unix seconds; NaN if it is none. */
function unixSeconds(start: Start, now: number): number {
  try {
    if (typeof start === "number") return start;
    return "getTime" in start ? start.getTime() / 1000 : now - start.seconds();
  } catch {
    return NaN;
  }
}

function listen<L>(
  listeners: Listeners<L>,
  listener: L,
  name: string,
): Disposable {
  if (typeof listener !== "function") {
    throw new TypeError(
      `Cannot listen with a ${typeof listener}: give a function, ` +
        `such as ${name}((span) => {})`,
    );
  }
  const registration = { listener };
  listeners.add(registration);
  return { [Symbol.dispose]: () => void listeners.delete(registration) };
}
