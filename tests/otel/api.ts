/** Registers this module with OpenTelemetry's API, for tests of both together. */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  context,
  type ContextManager,
  propagation,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import {
  asOtelContextManager,
  asOtelProvider,
  asPropagator,
} from "../../src/otel/mod.ts";
import type { Tracer } from "../../src/trace/mod.ts";

/** Registers tracer, contexts and propagator, as the docs describe. */
export function register(
  tracer: Tracer,
  contexts: ContextManager = ourContexts(),
): void {
  const provider = asOtelProvider(tracer);
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(contexts);
  registerPropagator();
}

export function registerPropagator(): void {
  propagation.setGlobalPropagator(
    asPropagator(),
  );
}

export function unregister(): void {
  trace.disable();
  context.disable();
  propagation.disable();
}

/** Returns what the API injects. */
export function injected(
  from: Context = context.active(),
): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(from, carrier);
  return carrier;
}

export function ourContexts(): ContextManager {
  return asOtelContextManager();
}

/** Returns a context manager of another library. */
export function foreignContexts(): ContextManager {
  const store = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => store.getStore() ?? ROOT_CONTEXT,
    with: (inner, work, self, ...args) =>
      store.run(inner, () => work.apply(self as never, args)),
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
