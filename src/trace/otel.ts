/**
 * Our tracer as a provider for OpenTelemetry's API, so that libraries which are
 * instrumented with that API make spans here.
 *
 * The API is not imported: what is made here has the shapes that it asks for,
 * and users hand it to the copy that they have installed.
 */
import { activeScope, runIn, type Scope } from "./active.ts";
import { type Baggage, NO_BAGGAGE } from "./baggage.ts";
import { fromOtel, type OtelSpanContext, SPAN_KEY } from "./foreign.ts";
import {
  type OtelSpan,
  otelSpan,
  ourSpan,
  placeOf,
  type TimeInput,
  unixSeconds,
} from "./otel_span.ts";
import type { Attributes, SpanContext, SpanKind } from "./record.ts";
import type { Span } from "./span.ts";
import type { SpanOptions, Tracer } from "./tracer.ts";

/** A context of that API: values by keys, never changed. */
export interface OtelContext {
  /** The value of a key. */
  getValue(key: symbol): unknown;
  /** The same, with another value. */
  setValue(key: symbol, value: unknown): OtelContext;
  /** The same, without a value. */
  deleteValue(key: symbol): OtelContext;
}

/** How that API starts a span. */
export interface OtelSpanOptions {
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind?: number;
  /** Facts that are known from the start. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Other spans that it has to do with. */
  readonly links?: readonly {
    readonly context: OtelSpanContext;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  /** When it began. */
  readonly startTime?: TimeInput;
  /** Whether it is part of nothing. */
  readonly root?: boolean;
}

/** A tracer as that API types it. */
export interface OtelTracer {
  /** Starts a span. */
  startSpan(
    name: string,
    options?: OtelSpanOptions,
    context?: OtelContext,
  ): OtelSpan;
  /** Starts a span and runs the last argument in it. */
  startActiveSpan<R>(name: string, ...rest: readonly unknown[]): R;
}

/** A tracer provider as that API types it. */
export interface OtelProvider {
  /** The tracer of a library. */
  getTracer(name: string, version?: string): OtelTracer;
}

const KINDS: readonly SpanKind[] = [
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
];

/**
 * The tracer in the shape of a provider: hand it to the API that you have
 * installed, `trace.setGlobalTracerProvider(asOtelProvider(tracer))`, and the
 * context manager beside it, so that both see the same active span.
 */
export function asOtelProvider(tracer: Tracer): OtelProvider {
  return {
    getTracer: (name, version) => shapedTracer(tracer.named(name, version)),
  };
}

function shapedTracer(tracer: Tracer): OtelTracer {
  const start = (
    name: string,
    options: OtelSpanOptions = {},
    context?: OtelContext,
  ): Span => {
    const { kind = 0, attributes, links, startTime, root = false } = options;
    const wanted: SpanOptions = {
      kind: KINDS[kind] ?? "internal",
      links: (links ?? []).flatMap(({ context, attributes = {} }) => {
        const place = fromOtel(context);
        const facts = attributes as Attributes; // checked by the span
        return place === undefined
          ? []
          : [{ context: place, attributes: facts }];
      }),
      ...(attributes && { attributes: attributes as Attributes }),
      ...(startTime !== undefined && { start: unixSeconds(startTime) }),
    };
    const parent = root ? null : parentIn(context);
    return tracer.start(
      name,
      parent === undefined ? wanted : {
        ...wanted,
        parent,
      },
    );
  };
  return {
    startSpan: (...given) => otelSpan(start(...given)),
    startActiveSpan<R>(name: string, ...rest: readonly unknown[]): R {
      const work = rest.at(-1) as (span: OtelSpan) => R;
      const [options, context] = rest.slice(0, -1) as [
        OtelSpanOptions?,
        OtelContext?,
      ];
      const span = start(name, options, context);
      return runIn(scopeOf(span, context), () => work(otelSpan(span)));
    },
  };
}

/** The parent in a context; null for none, undefined for the active span. */
function parentIn(
  context: OtelContext | undefined,
): Span | SpanContext | null | undefined {
  if (context === undefined) return undefined;
  const span = context.getValue(SPAN_KEY);
  const parent = ourSpan(span) ?? placeOf(span);
  if (parent !== undefined) return parent;
  // Without our context manager every context of that API is empty.
  return context instanceof Values ? null : undefined;
}

/** What travels with work in `context`; in the present one unless given. */
function scopeOf(span: Span | undefined, context?: OtelContext): Scope {
  const values = context ?? activeScope()?.values;
  const baggage = context === undefined
    ? activeScope()?.baggage
    : context.getValue(BAGGAGE_KEY) as Baggage | undefined;
  return { span, baggage: baggage ?? NO_BAGGAGE, values };
}

/** Under which a context that is kept for later keeps our baggage. */
const BAGGAGE_KEY = Symbol("barograph baggage");

/** A context of our own. */
class Values implements OtelContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): OtelContext {
    return new Values(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): OtelContext {
    const rest = new Map(this.#values);
    rest.delete(key);
    return new Values(rest);
  }
}

const ROOT: OtelContext = new Values(new Map());

/** A context manager as that API types it. */
export interface OtelContextManager {
  /** The context of the work that this code is part of. */
  active(): OtelContext;
  /** Runs `work` in a context. */
  with<A extends unknown[], R>(
    context: OtelContext,
    work: (...args: A) => R,
    self?: unknown,
    ...args: A
  ): R;
  /** A function that runs in a context whoever calls it; else `target`. */
  bind<T>(context: OtelContext, target: T): T;
  /** Does nothing: it is always there. */
  enable(): this;
  /** Does nothing. */
  disable(): this;
}

/**
 * Our active span in the shape of a context manager: hand it to the API with
 * `context.setGlobalContextManager(asOtelContextManager())`.
 */
export function asOtelContextManager(): OtelContextManager {
  const manager: OtelContextManager = {
    active() {
      const scope = activeScope();
      if (scope === undefined) return ROOT;
      const { span, baggage } = scope;
      let values = (scope.values ?? ROOT) as OtelContext;
      if (span !== undefined && ourSpan(values.getValue(SPAN_KEY)) !== span) {
        values = values.setValue(SPAN_KEY, otelSpan(span));
      }
      return (values.getValue(BAGGAGE_KEY) ?? NO_BAGGAGE) === baggage
        ? values
        : values.setValue(BAGGAGE_KEY, baggage);
    },
    with(context, work, self, ...args) {
      // A foreign span stays in the context, where `foreignContext` finds it.
      const span = ourSpan(context.getValue(SPAN_KEY));
      return runIn(scopeOf(span, context), () => work.apply(self, args));
    },
    bind(context, target) {
      if (typeof target !== "function") return target;
      const bound = function (this: unknown, ...args: unknown[]): unknown {
        return manager.with(context, target as never, this, ...args as never);
      };
      return bound as typeof target;
    },
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
