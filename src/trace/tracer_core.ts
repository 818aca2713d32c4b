/**
 * The implementation of tracers. A `TracerCore` is shared by all tracers derived
 * from one; a `NamedTracer` is a name and version on top of it.
 */
import type { Clock } from "../base/mod.ts";
import { errorMessage, onSettled } from "../base/internal.ts";
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
import { IdSource, type Random } from "./ids.ts";
import { otelSpanContext } from "./otel_context.ts";
import type {
  Attributes,
  SpanContext,
  SpanKind,
  SpanRecord,
} from "./record.ts";
import type { Candidate, Sampler } from "./sampler.ts";
import { unobservedListener } from "./unobserved.ts";
import {
  RecordedSpan,
  type SpanInit,
  type TracerInternals,
  UnrecordedSpan,
} from "./span.ts";

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
  recorded = 0;
  unsampled = 0;
  finished = 0;
  failures = 0;
  /** The tracer under its first name. */
  #tracer: Tracer | undefined;

  constructor({ clock, limits, sampler, random }: TracerCoreInit) {
    this.clock = clock;
    this.ids = new IdSource(random);
    this.limits = limits;
    this.#sampler = sampler;
  }

  get tracer(): Tracer {
    return this.#tracer!;
  }

  named(name: string, version: string): Tracer {
    const tracer = new NamedTracer(this, name, version);
    this.#tracer ??= tracer;
    return tracer;
  }

  /** Sets the initial attributes; counts a failure if their function throws. */
  describe(span: Span, candidate: Candidate): void {
    try {
      span.setAttributes(candidate.attributes);
    } catch {
      this.failures++;
    }
  }

  samples(candidate: Candidate): boolean {
    try {
      return this.#sampler(candidate) === true;
    } catch {
      this.failures++;
      return false;
    }
  }

  ended(record: SpanRecord, span: Span): void {
    this.finished++;
    this.notify(this.ends, record, span);
  }

  notify<A, B>(listeners: Listeners<(a: A, b: B) => void>, a: A, b: B): void {
    for (const { listener } of listeners) {
      try {
        listener(a, b);
      } catch {
        this.failures++; // a listener must not fail the work
      }
    }
  }
}

const NO_ATTRIBUTES: Attributes = Object.freeze({});
const NO_LINKS: NonNullable<SpanOptions["links"]> = Object.freeze([]);

/** A span about to start; generates its trace id only when that is read. */
class SpanCandidate implements Candidate, SpanInit {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: SpanContext | undefined;
  readonly #ids: IdSource;
  #attributes: Attributes | (() => Attributes);
  #traceId: string | undefined;

  constructor(
    ids: IdSource,
    name: string,
    parent: SpanContext | undefined,
    { kind, attributes = NO_ATTRIBUTES }: SpanOptions,
  ) {
    this.#ids = ids;
    this.name = name;
    this.kind = kind ?? "internal";
    this.parent = parent;
    this.#attributes = attributes;
  }

  get attributes(): Attributes {
    if (typeof this.#attributes === "function") {
      this.#attributes = this.#attributes();
    }
    return this.#attributes;
  }

  /** The id of the trace, if it has been generated. */
  get generatedId(): string | undefined {
    return this.#traceId;
  }

  get traceId(): string {
    return this.#traceId ??= this.parent?.traceId ?? this.#ids.traceId();
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

  start(name: string, options: SpanOptions = {}): Span {
    const core = this.#core;
    const current = currentContext();
    if (isTracingSuppressed(current)) {
      return new UnrecordedSpan(core, undefined, undefined, undefined, true);
    }
    const localParent = localParentOf(options.parent, current);
    const parent = localParent === undefined
      ? remoteParentOf(options.parent)
      : localParent.propagates
      ? localParent.context
      : undefined;
    const candidate = new SpanCandidate(core.ids, name, parent, options);
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
    core.recorded++;
    const { links = NO_LINKS, start } = options;
    const span = new RecordedSpan(
      core,
      candidate,
      localParent,
      start,
      this.#scope,
    );
    if (options.attributes !== undefined) core.describe(span, candidate);
    for (const { context, attributes } of links) {
      span.addLink(context, attributes);
    }
    if (core.starts.size > 0) core.notify(core.starts, span, span.started);
    return span;
  }

  run<T>(
    name: string,
    work: (span: Span) => T,
    options: SpanOptions = {},
  ): T {
    const span = this.start(name, options);
    const outer = currentContext();
    const baggage = options.baggage ?? outer?.baggage ?? NO_BAGGAGE;
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
    if (!parent?.recording) return;
    const now = this.#core.clock.unix();
    const began = typeof start === "number"
      ? start
      : start instanceof Date
      ? start.getTime() / 1000
      : now - start.seconds();
    const span = this.start(name, {
      kind: "client",
      parent,
      start: Number.isFinite(began) ? Math.min(began, now) : now,
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
    const { recorded, unsampled, finished, failures } = this.#core;
    return { recorded, unsampled, ended: finished, failures };
  }
}

/** Returns the parent of a new span, if it is a span of this process. */
function localParentOf(
  parent: SpanOptions["parent"],
  current: ActiveContext | undefined,
): Span | undefined {
  if (parent === undefined) return current?.span;
  return parent !== null && "context" in parent ? parent : undefined;
}

/** Returns the parent of a new span, if only its context is known. */
function remoteParentOf(
  parent: SpanOptions["parent"],
): SpanContext | undefined {
  if (parent === undefined) return otelSpanContext();
  return parent === null ? undefined : parent as SpanContext;
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
