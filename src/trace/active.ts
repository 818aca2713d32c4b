/**
 * The active span: that of the work which this code is part of, over `await`,
 * timers and callbacks.
 *
 * Every copy of the module sees the same one.
 */
import { type ContextStore, contextStore } from "../platform/internal.ts";
import { type Baggage, NO_BAGGAGE } from "./baggage.ts";
import { foreignContext } from "./foreign.ts";
import { type HeaderSetter, injectScope } from "./propagate.ts";
import type { SpanContext } from "./record.ts";
import type { Span } from "./span.ts";

/** What travels with a piece of work. */
export interface Scope {
  /** The span that it is part of, if any. */
  readonly span: Span | undefined;
  /** What it carries to other services. */
  readonly baggage: Baggage;
  /** What OpenTelemetry's API has put there. */
  readonly values?: unknown;
}

const KEY = Symbol.for("barograph.context.1");

type Global = { [KEY]?: ContextStore<Scope> };

let store: ContextStore<Scope> | undefined;
/** A scope for a synchronous moment: see `during`. */
let momentary: Scope | undefined;

function scopes(): ContextStore<Scope> {
  return store ??= (globalThis as Global)[KEY] ??= contextStore<Scope>();
}

/** What travels with the work that this code is part of. */
export function activeScope(): Scope | undefined {
  return momentary ?? scopes().get();
}

/** Runs `work`, and all that it starts, in `scope`. */
export function runIn<R>(scope: Scope, work: () => R): R {
  return scopes().run(scope, work);
}

/**
 * Runs `work` with `span` as the active one; without the price of a context
 * where there is nothing to tell, and nothing to hide.
 */
export function runWith<R>(span: Span, baggage: Baggage, work: () => R): R {
  const isEmpty = !span.announced && baggage.size === 0;
  if (isEmpty && activeScope() === undefined) return work();
  return runIn({ span, baggage }, work);
}

/** Runs `work` as part of nothing. */
export function isolated<R>(work: () => R): R {
  if (activeScope() === undefined) return work();
  return runIn({ span: undefined, baggage: NO_BAGGAGE }, work);
}

/**
 * Lets `span` be the active one for a moment that is all synchronous: a tenth
 * of what an asynchronous context costs on V8, and nothing is started in it.
 */
export function during(span: Span, work: () => void): void {
  const outer = momentary;
  momentary = { span, baggage: NO_BAGGAGE };
  try {
    work();
  } finally {
    momentary = outer;
  }
}

/** The span that this code is part of; undefined outside of all. */
export function spanFromContext(): Span | undefined {
  return activeScope()?.span;
}

/**
 * By what the work is known that this code is part of: by a span of ours, or
 * by one that another tracer has made active through OpenTelemetry's API.
 */
export function activeContext(): SpanContext | undefined {
  const span = spanFromContext();
  return span?.announced ? span.context : foreignContext();
}

/** What the work carries that this code is part of. */
export function activeBaggage(): Baggage {
  return activeScope()?.baggage ?? NO_BAGGAGE;
}

/** Runs `work` with `entries` put over what is carried already. */
export function withBaggage<R>(
  entries: Readonly<Record<string, string>>,
  work: () => R,
): R {
  const baggage = new Map(activeBaggage());
  for (const [name, value] of Object.entries(entries)) {
    baggage.set(name, { value });
  }
  return runIn({ span: undefined, ...activeScope(), baggage }, work);
}

/** The context of a piece of work, to be used where it is lost. */
export interface TraceContext {
  /** The span that was active; undefined outside of all. */
  readonly span: Span | undefined;
  /** What was carried. */
  readonly baggage: Baggage;
  /** Runs `work` in it: in a queue, in an emitter's listener. */
  run<R>(work: () => R): R;
  /** Puts it into the headers of a request to another service. */
  inject(headers: HeaderSetter): void;
}

/** Takes the present context along; never undefined, though it may be empty. */
export function traceContext(): TraceContext {
  const { span, baggage, ...rest } = activeScope() ??
    { span: undefined, baggage: NO_BAGGAGE };
  return {
    span,
    baggage,
    run: (work) => runIn({ span, baggage, ...rest }, work),
    inject: (headers) =>
      injectScope(headers, span?.announced ? span.context : undefined, baggage),
  };
}

/**
 * Puts the present context into the headers of a request to another service:
 * `traceparent`, `tracestate`, `baggage`, as far as there are any. What stands
 * there already is replaced.
 */
export function inject(headers: HeaderSetter): void {
  injectScope(headers, activeContext(), activeBaggage());
}
