/** The shortest way in: one function around a handler. */
import { systemClock, systemTimers } from "../base/mod.ts";
import type { Answer } from "../instrument/mod.ts";
import { defaultBareRegistry } from "../metrics/internal.ts";
import { createTracer } from "../trace/mod.ts";
import type { ObserveOptions } from "./api.ts";
import { wire, type Wiring } from "./wire.ts";

const KEY = Symbol.for("barograph.telemetry.2");

/**
 * Returns the wiring of the process, created at first use. A second copy of
 * this module and a hot reload find the same one.
 */
function defaultWiring(): Wiring {
  const shared = globalThis as { [KEY]?: Wiring };
  return shared[KEY] ??= wire(
    defaultBareRegistry(),
    createTracer({ name: "unknown_service" }),
    { service: "", clock: systemClock, timers: systemTimers },
  );
}

/**
 * Wraps a handler: metrics, a span, exemplars and events for each request, and
 * `GET /metrics` in front of it, all on the default registry.
 *
 * ```ts
 * import { observe } from "@barograph/barograph";
 *
 * const handler = observe(() => new Response("hello"), { route: "/" });
 * await handler(new Request("http://localhost/"));
 * ```
 *
 * For an exporter, an event stream that you subscribe to, or a registry of your
 * choice, use `createTelemetry`.
 *
 * @throws {TypeError} Immediately, if `handler` is not a function, or if an
 *   option is wrong or unknown.
 */
export function observe<
  This,
  Asked extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Asked, ...rest: Rest) => Result,
  options?: ObserveOptions,
): (this: This, request: Asked, ...rest: Rest) => Result | Promise<Response> {
  return defaultWiring().observe(handler, options);
}
