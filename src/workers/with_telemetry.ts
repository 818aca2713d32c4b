/**
 * Telemetry around the event handlers of a Worker.
 *
 * - Nothing is drawn, timed or sent at global scope.
 * - A flush belongs to an event and never delays its response. No error of a flush
 *   reaches a handler.
 */
import {
  callSafely,
  errorMessage,
  ignoreRejection,
  ownValue,
  warn,
} from "../base/internal.ts";
import { exposeExporter } from "../bridge/mod.ts";
import { readSpanOptions, spanSender } from "../push/internal.ts";
import type { EventMiddleware } from "../instrument/mod.ts";
import { createTelemetry, type Telemetry } from "../telemetry/mod.ts";
import {
  collectorsOf,
  environmentOf,
  identityOf,
  unobservedFetch,
} from "../telemetry/internal.ts";
import { useAsyncLocalStorage } from "../trace/mod.ts";
import { quietListener, unobserved } from "../trace/internal.ts";
import type { ObservedHandler, WorkerHandler, WorkerOptions } from "./api.ts";
import { Flusher } from "./flusher.ts";
import { observeQueue, observeScheduled } from "./observed_events.ts";
import { ACTION, readWorkerOptions, type WorkerParts } from "./options.ts";
import { SpanQueue } from "./span_queue.ts";

/** An event handler of a Worker; those of other events are assignable to it. */
// deno-lint-ignore no-explicit-any
type EventHandler = (this: any, event: any, env: any, context: any) => any;

type Wrap = (handler: EventHandler) => EventHandler;

/** The handlers of a Worker by the name of their event. */
type Handlers = Partial<Record<string, EventHandler>>;

/** The events that are observed. */
const OBSERVED = ["fetch", "scheduled", "queue"] as const;

/** The events that are passed through, as far as they are known. */
const OTHERS = ["email", "tail", "tailStream", "trace", "test", "connect"];

/**
 * Wraps the event handlers of a Cloudflare Worker: records metrics and a span for
 * each request, run of a cron trigger and batch of a queue, and serves `/metrics`
 * in front of `fetch`. Handlers of other events are passed through.
 *
 * Requests have the metrics of `instrumentHandler`; the other events have those of
 * `instrumentEvents` with the namespaces `scheduled` and `queue`, where `path` is
 * the expression of the trigger or the name of the queue, and
 * `queue_batch_messages` for the sizes of batches.
 *
 * Spans are sent by `waitUntil` of an event: one request to the collector, at
 * most every `flushInterval` seconds in each isolate.
 *
 * ```ts
 * import { withTelemetry } from "@barograph/barograph/workers";
 *
 * interface Env {
 *   readonly OTLP: string;
 * }
 *
 * export default withTelemetry({
 *   fetch: (request: Request, env: Env) => new Response("thank you"),
 * }, (env: Env) => ({ service: "shop", collector: env.OTLP }));
 * ```
 *
 * `options` may be a function of the bindings. It is called once in each isolate,
 * at the first event. If it throws, if it returns a promise or if its options are
 * wrong, that is logged, and the isolate is not observed.
 *
 * @throws {TypeError | RangeError} If `handler` has no handler of these events, or
 *   if an option is wrong or unknown.
 */
export function withTelemetry<Env, H extends WorkerHandler<Env>>(
  handler: H & WorkerHandler<Env>,
  options: WorkerOptions | ((env: Env) => WorkerOptions) = {},
): ObservedHandler<Env, H> {
  const handlers = handlersOf(handler);
  const create = typeof options === "function"
    ? (env: unknown) =>
      observed(handlers, optionsFrom(options, env as Env), bindingIn(env))
    : constant(observed(handlers, options, true));
  let current: Handlers | undefined;
  const wrapped = { ...handler } as Record<string, unknown>;
  for (const name of OTHERS) {
    const other = (handler as Record<string, unknown>)[name];
    if (typeof other !== "function") continue;
    wrapped[name] = (...args: readonly unknown[]) => other.apply(handler, args);
  }
  for (const name of Object.keys(handlers)) {
    wrapped[name] = (event: unknown, env: unknown, context: unknown) => {
      current ??= created(() => create(env)) ?? handlers;
      return current[name]!.call(handler, event, env, context);
    };
  }
  return wrapped as ObservedHandler<Env, H>;
}

/** Returns the handlers of observed events. */
function handlersOf(handler: unknown): Handlers {
  const found: Handlers = {};
  if (typeof handler === "object" && handler !== null) {
    for (const name of OBSERVED) {
      const own = (handler as Handlers)[name];
      if (typeof own === "function") found[name] = own;
    }
  }
  if (Object.keys(found).length > 0) return found;
  throw new TypeError(
    "Cannot observe a Worker: the first argument must be an object with " +
      "fetch, scheduled or queue; for a class, call withTelemetry() with an " +
      "object, and its fetch in the method fetch of the class",
  );
}

/** Returns the options for the bindings of an isolate. */
function optionsFrom<Env>(
  options: (env: Env) => WorkerOptions,
  env: Env,
): WorkerOptions {
  const found = options(env);
  if (!ignoreRejection(found)) return found;
  throw new TypeError(
    "Cannot observe a Worker: the options are a promise; give a function " +
      "that returns them at once, such as (env) => ({ collector: env.OTLP })",
  );
}

/** Returns a function that reads the bindings that are texts. */
function bindingIn(env: unknown): (name: string) => string | undefined {
  const bindings = (env ?? {}) as Readonly<Record<string, unknown>>;
  return (name) => {
    const value = ownValue(bindings, name);
    return typeof value === "string" ? value : undefined;
  };
}

function constant<T>(value: T): () => T {
  return () => value;
}

/** Returns the result of `create`; logs its error. */
function created(create: () => Handlers): Handlers | undefined {
  try {
    return create();
  } catch (error) {
    warn(`this isolate is not observed: ${errorMessage(error)}`);
    return undefined;
  }
}

/** Returns `handlers` with telemetry around each. */
function observed(
  handlers: Handlers,
  options: WorkerOptions,
  environment: WorkerOptions["environment"],
): Handlers {
  const parts = readWorkerOptions(options, environment);
  const { AsyncLocalStorage } = parts.own;
  // Spans are sent by events, not by an exporter with timers.
  const telemetry = parts.telemetry ??
    createTelemetry({ ...parts.creating, collector: "" });
  const flusher = flusherOf(telemetry, parts);
  if (AsyncLocalStorage !== undefined) useAsyncLocalStorage(AsyncLocalStorage);
  const wraps = {
    fetch: (handler) => telemetry.observe(handler, parts.observing),
    scheduled: (handler) => around(observeScheduled(telemetry), handler),
    queue: (handler) => around(observeQueue(telemetry), handler),
  } satisfies Record<string, (handler: never) => unknown>;
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => {
      const wrap = wraps[name as keyof typeof wraps] as Wrap;
      return [name, flushing(wrap(handler!), flusher)];
    }),
  );
}

/** Calls `handler` within `measure`. */
function around<C>(
  measure: EventMiddleware<C>,
  handler: EventHandler,
): EventHandler {
  return function (event, env, context) {
    return measure(event as C, () => handler.call(this, event, env, context));
  };
}

/** Flushes after `handler`, if it is time. */
function flushing(
  handler: EventHandler,
  flusher: Flusher | undefined,
): EventHandler {
  if (flusher === undefined) return handler;
  return function (event, env, context) {
    let work: unknown;
    try {
      return work = handler.call(this, event, env, context);
    } finally {
      flusher.after(work, env, context);
    }
  };
}

/** Returns the flusher of an isolate; undefined if it has nothing to send. */
function flusherOf(
  telemetry: Telemetry,
  { collector, creating, own }: WorkerParts,
): Flusher | undefined {
  const { clock, timers } = creating;
  const { onFlush, flushInterval } = own;
  const queue = queueOf(collector, creating);
  if (queue === undefined && onFlush === undefined) return undefined;
  if (queue !== undefined) {
    telemetry.tracer.onEnd(quietListener(queue.add));
    exposeExporter(telemetry.registry, queue);
  }
  const call = onFlush &&
    ((env: unknown) =>
      unobserved(() => callSafely(() => onFlush(telemetry, env), undefined)));
  return new Flusher({
    flush: (env) => Promise.allSettled([queue?.flush(), call?.(env)]),
    hasWork: () => call !== undefined || !queue!.isEmpty,
    interval: flushInterval,
    clock,
    timers,
  });
}

/** Returns the queue of spans; undefined without a collector. */
function queueOf(
  collector: WorkerParts["collector"],
  creating: WorkerParts["creating"],
): SpanQueue | undefined {
  const { clock, timers } = creating;
  const environment = environmentOf(creating.environment);
  const { resource } = identityOf(creating, environment);
  const shared = { resource, clock, timers };
  const all = () => true;
  const { spans } = collectorsOf(ACTION, collector, environment, shared, all);
  if (spans === undefined) return undefined;
  const options = readSpanOptions(spans);
  const { send, onError } = spanSender({
    ...options,
    fetch: unobservedFetch(options.fetch),
  });
  return new SpanQueue({ ...options, send, onError });
}
