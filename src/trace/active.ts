/**
 * The active context: the span and the baggage of the running code. It follows
 * `await`, timers and callbacks.
 *
 * All copies of the module in a process share it.
 */
import { processWide } from "../base/internal.ts";
import {
  type ContextStore,
  contextStore,
  followAsyncWork,
} from "../platform/internal.ts";
import type { AsyncStorageClass } from "../platform/mod.ts";
import type { Span } from "./api.ts";
import { type Baggage, NO_BAGGAGE } from "./baggage.ts";
import { fromOtelBaggage } from "./otel_baggage.ts";
import {
  BAGGAGE_KEY,
  contextElsewhere,
  otelSpanContext,
  SPAN_KEY,
  suppressesTracing,
  valueIn,
} from "./otel_context.ts";
import type { OtelContext } from "./otel_values.ts";
import {
  type HeaderSetter,
  injectContext,
  type Propagator,
} from "./propagate.ts";
import type { SpanContext } from "./record.ts";

/** The context of a piece of work. */
export interface ActiveContext {
  /** The active span, if there is one. */
  readonly span: Span | undefined;
  /** Entries that outgoing requests carry. */
  readonly baggage: Baggage;
  /** The OpenTelemetry context that the work runs in, if there is one. */
  readonly values?: unknown;
}

const KEY = Symbol.for("barograph.context.1");

let store: ContextStore<ActiveContext> | undefined;
/** The context of the innermost `withSpanSync`, if the code runs in one. */
let synchronous: ActiveContext | undefined;

function contexts(): ContextStore<ActiveContext> {
  return store ??= processWide(KEY, contextStore<ActiveContext>);
}

/**
 * Makes spans and baggage follow `await`, timers and callbacks by the class
 * `AsyncLocalStorage` of `node:async_hooks`, on runtimes where only the program
 * can import it: Cloudflare Workers with the flag `nodejs_als`. Tracers that exist
 * already follow, too. Does nothing where the runtime offers the class itself.
 *
 * ```ts
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { useAsyncLocalStorage } from "@barograph/barograph/trace";
 *
 * useAsyncLocalStorage(AsyncLocalStorage);
 * ```
 *
 * @throws {TypeError} If the argument is not a class.
 */
export function useAsyncLocalStorage(
  AsyncLocalStorage: AsyncStorageClass,
): void {
  if (typeof AsyncLocalStorage !== "function") {
    throw new TypeError(
      `Cannot use an AsyncLocalStorage of type ${typeof AsyncLocalStorage}: ` +
        "give the class of that name, which node:async_hooks exports",
    );
  }
  followAsyncWork(contexts(), AsyncLocalStorage);
}

/** Returns the context of the running code; undefined if there is none. */
export function currentContext(): ActiveContext | undefined {
  return synchronous ?? contexts().get();
}

/** Runs `work`, and everything that it starts, in `context`. */
export function withContext<R>(context: ActiveContext, work: () => R): R {
  return contexts().run(context, work);
}

/**
 * Runs `work`, and everything that it starts, with `span` as the active span.
 * Costs no context switch if there is nothing to propagate and no outer context
 * to hide.
 */
export function withSpan<R>(span: Span, baggage: Baggage, work: () => R): R {
  const outer = currentContext();
  const isEmpty = !span.propagates && baggage.size === 0;
  if (isEmpty && outer === undefined) return work();
  return withContext({ span, baggage, values: outer?.values }, work);
}

/**
 * Runs `work`, and everything that it starts, without span and baggage. Tracing
 * stays suppressed.
 */
export function withoutContext<R>(work: () => R): R {
  const outer = currentContext();
  if (outer === undefined) return work();
  const values = suppressesTracing(outer.values)
    ? (outer.values as OtelContext).deleteValue(SPAN_KEY)
      .deleteValue(BAGGAGE_KEY)
    : undefined;
  return withContext({ span: undefined, baggage: NO_BAGGAGE, values }, work);
}

/**
 * Calls synchronous `work` with `span` as the active span, at a tenth of the cost
 * of an asynchronous context on V8. Asynchronous work that `work` starts does
 * not see the span. `argument` saves a closure on hot paths.
 */
export function withSpanSync<A = undefined>(
  span: Span,
  work: (argument: A) => void,
  argument?: A,
): void {
  const outer = synchronous;
  synchronous = { span, baggage: NO_BAGGAGE };
  try {
    work(argument as A);
  } finally {
    synchronous = outer;
  }
}

/** Returns the span of the running code; undefined if there is none. */
export function activeSpan(): Span | undefined {
  return currentContext()?.span;
}

/** Returns the active span. Alias of `activeSpan`. */
export function spanFromContext(): Span | undefined {
  return activeSpan();
}

/**
 * Returns the identity of the active span; undefined if there is none. Falls
 * back to a span that another tracer has activated through OpenTelemetry's API.
 */
export function activeSpanContext(): SpanContext | undefined {
  const span = activeSpan();
  return span?.propagates ? span.context : otelSpanContext();
}

/**
 * Returns the active baggage; empty if there is none. Falls back to baggage that
 * another context manager of OpenTelemetry's API holds.
 */
export function activeBaggage(): Baggage {
  const baggage = currentContext()?.baggage;
  return baggage !== undefined && baggage.size > 0
    ? baggage
    : baggageIn(contextElsewhere());
}

function baggageIn(elsewhere: unknown): Baggage {
  return elsewhere === undefined
    ? NO_BAGGAGE
    : fromOtelBaggage(valueIn(elsewhere, BAGGAGE_KEY));
}

/**
 * Returns whether `suppressTracing` of OpenTelemetry's SDK applies to the running
 * code, whose context is `current`: no span starts, and no context is sent.
 * `hasApi` is false if no context manager of that API is registered.
 */
export function isTracingSuppressed(
  current: ActiveContext | undefined,
  hasApi = true,
): boolean {
  return suppressesTracing(current?.values) ||
    (hasApi && suppressesTracing(contextElsewhere()));
}

/** Runs `work` with `entries` added to the active baggage. */
export function withBaggage<R>(
  entries: Readonly<Record<string, string>>,
  work: () => R,
): R {
  const baggage = new Map(activeBaggage());
  for (const [name, value] of Object.entries(entries)) {
    baggage.set(name, { value });
  }
  return withContext({ span: undefined, ...currentContext(), baggage }, work);
}

/** A captured context, for queues and other code that loses the active one. */
export interface TraceContext {
  /** The span that was active; undefined if there was none. */
  readonly span: Span | undefined;
  /** The baggage that was active. */
  readonly baggage: Baggage;
  /** Runs `work`, such as a queued job or an event listener, in the context. */
  run<R>(work: () => R): R;
  /** Writes the context into the headers of an outgoing request. */
  inject(headers: HeaderSetter): void;
}

/** Captures the active context. The result is empty if none is active. */
export function traceContext(): TraceContext {
  const current = currentContext();
  const span = current?.span;
  const baggage = activeBaggage();
  const context = activeSpanContext();
  const isSuppressed = isTracingSuppressed(current);
  return {
    span,
    baggage,
    run: (work) =>
      withContext({ span, baggage, values: current?.values }, work),
    inject: (headers) => {
      if (!isSuppressed) injectContext(headers, context, baggage);
    },
  };
}

/**
 * Writes the active context into the headers of an outgoing request. Sets
 * `traceparent`, `tracestate` and `baggage`, or the headers of `propagators`; a
 * header without a value is left alone. Does nothing while tracing is suppressed.
 */
export function inject(
  headers: HeaderSetter,
  propagators?: readonly Propagator[],
): void {
  const current = currentContext();
  const elsewhere = contextElsewhere();
  if (suppressesTracing(current?.values) || suppressesTracing(elsewhere)) {
    return;
  }
  const span = current?.span;
  const baggage = current?.baggage ?? NO_BAGGAGE;
  injectContext(
    headers,
    span?.propagates ? span.context : otelSpanContext(),
    baggage.size > 0 ? baggage : baggageIn(elsewhere),
    propagators,
  );
}
