/** How a tracer works: what its names share, and what each does by itself. */
import { type Clock, systemClock } from "../base/mod.ts";
import { onSettled } from "../base/internal.ts";
import { activeScope, runIn, type Scope } from "./active.ts";
import { errorMessage } from "./attributes.ts";
import { NO_BAGGAGE } from "./baggage.ts";
import { foreignContext } from "./foreign.ts";
import { IdSource, systemRandom } from "./ids.ts";
import type {
  Attributes,
  SpanContext,
  SpanKind,
  SpanRecord,
} from "./record.ts";
import {
  alwaysOn,
  type Candidate,
  parentBased,
  type Sampler,
} from "./sampler.ts";
import {
  type Hub,
  LIMITS,
  QuietSpan,
  RecordedSpan,
  type Span,
  type SpanLimits,
} from "./span.ts";
import type {
  SpanOptions,
  SpanStart,
  Start,
  Tracer,
  TracerOptions,
  TracerStats,
} from "./tracer.ts";

/** Each by itself: two may be the same function. */
type Listeners<L> = Set<{ readonly listener: L }>;

/** What all names of one tracer share. */
export class TracerHub implements Hub {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly limits: SpanLimits;
  readonly sampler: Sampler;
  readonly starts: Listeners<(span: Span, start: SpanStart) => void> =
    new Set();
  readonly ends: Listeners<(record: SpanRecord, span: Span) => void> =
    new Set();
  recorded = 0;
  unsampled = 0;
  finished = 0;
  failures = 0;
  /** The first name. */
  #tracer: Tracer | undefined;

  constructor(options: TracerOptions) {
    this.clock = options.clock ?? systemClock;
    this.ids = new IdSource(options.random ?? systemRandom);
    this.limits = { ...LIMITS, ...options.limits };
    this.sampler = options.sampler ?? parentBased(alwaysOn);
  }

  get tracer(): Tracer {
    return this.#tracer!;
  }

  named(name: string, version: string): Tracer {
    const tracer = new NamedTracer(this, name, version);
    this.#tracer ??= tracer;
    return tracer;
  }

  /** Says what is known of a span; who tells it cannot fail the work. */
  describe(span: Span, candidate: Candidate): void {
    try {
      span.setAttributes(candidate.attributes);
    } catch {
      this.failures++;
    }
  }

  samples(candidate: Candidate): boolean {
    try {
      return this.sampler(candidate) === true;
    } catch {
      this.failures++;
      return false;
    }
  }

  ended(record: SpanRecord, span: Span): void {
    this.finished++;
    this.tell(this.ends, record, span);
  }

  tell<A, B>(listeners: Listeners<(a: A, b: B) => void>, a: A, b: B): void {
    for (const { listener } of listeners) {
      try {
        listener(a, b);
      } catch {
        this.failures++; // who listens cannot fail the work
      }
    }
  }
}

const NOTHING: Attributes = Object.freeze({});

/** A span that may be recorded; its trace id is drawn when somebody asks. */
class SpanCandidate implements Candidate {
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
    { kind = "internal", attributes = NOTHING }: SpanOptions,
  ) {
    this.#ids = ids;
    this.name = name;
    this.kind = kind;
    this.parent = parent;
    this.#attributes = attributes;
  }

  get attributes(): Attributes {
    if (typeof this.#attributes === "function") {
      this.#attributes = this.#attributes();
    }
    return this.#attributes;
  }

  /** The id, if it was drawn. */
  get drawnId(): string | undefined {
    return this.#traceId;
  }

  get traceId(): string {
    return this.#traceId ??= this.parent?.traceId ?? this.#ids.traceId();
  }
}

class NamedTracer implements Tracer {
  readonly name: string;
  readonly #hub: TracerHub;
  readonly #scope: SpanRecord["scope"];

  constructor(hub: TracerHub, name: string, version: string) {
    this.name = name;
    this.#hub = hub;
    this.#scope = Object.freeze({ name, version });
  }

  get origin(): Tracer {
    return this.#hub.tracer;
  }

  start(name: string, options: SpanOptions = {}): Span {
    const hub = this.#hub;
    const within = spanWithin(options.parent);
    const parent = within === undefined
      ? contextAbove(options.parent)
      : within.announced
      ? within.context
      : undefined;
    const candidate = new SpanCandidate(hub.ids, name, parent, options);
    const passing = hub.starts.size === 0 && hub.ends.size === 0;
    if (passing || !hub.samples(candidate)) {
      if (!passing) hub.unsampled++;
      const traceId = candidate.drawnId;
      return new QuietSpan(hub, { parent, within, traceId, passing });
    }
    hub.recorded++;
    const { kind, links = [], start } = options;
    const span = new RecordedSpan(hub, {
      name,
      kind: kind ?? "internal",
      traceId: candidate.traceId,
      parent,
      within,
      start,
      scope: this.#scope,
    });
    if (options.attributes !== undefined) hub.describe(span, candidate);
    for (const { context, attributes } of links) {
      span.addLink(context, attributes);
    }
    if (hub.starts.size > 0) hub.tell(hub.starts, span, span.started);
    return span;
  }

  run<T>(
    name: string,
    work: (span: Span) => T,
    options: SpanOptions = {},
  ): T {
    const span = this.start(name, options);
    const outer = activeScope();
    const baggage = options.baggage ?? outer?.baggage ?? NO_BAGGAGE;
    const isEmpty = !span.announced && baggage.size === 0;
    if (isEmpty && outer === undefined) return work(span);
    const scope: Scope = { span, baggage, values: outer?.values };
    return runIn(scope, () =>
      onSettled(() => work(span), (failed, error) => {
        if (failed) {
          span.recordException(error).setStatus("error", errorMessage(error));
        }
        span.end();
      }));
  }

  record(name: string, start: Start, error?: unknown): void {
    const parent = activeScope()?.span;
    if (!parent?.recording) return;
    const now = this.#hub.clock.unix();
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
    return listening(this.#hub.starts, listener, "onStart");
  }

  onEnd(listener: (record: SpanRecord, span: Span) => void): Disposable {
    return listening(this.#hub.ends, listener, "onEnd");
  }

  named(name: string, version = ""): Tracer {
    return this.#hub.named(name, version);
  }

  stats(): TracerStats {
    const { recorded, unsampled, finished, failures } = this.#hub;
    return { recorded, unsampled, ended: finished, failures };
  }
}

/** The span of this process that a new one is part of. */
function spanWithin(parent: SpanOptions["parent"]): Span | undefined {
  if (parent === undefined) return activeScope()?.span;
  return parent !== null && "context" in parent ? parent : undefined;
}

/** The context of another place that a new span is part of. */
function contextAbove(parent: SpanOptions["parent"]): SpanContext | undefined {
  if (parent === undefined) return foreignContext();
  return parent === null ? undefined : parent as SpanContext;
}

function listening<L>(
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
  const own = { listener };
  listeners.add(own);
  return { [Symbol.dispose]: () => void listeners.delete(own) };
}
