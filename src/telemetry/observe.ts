/** `observe`: telemetry around one handler, without any set-up. */
import { systemClock, systemTimers } from "../base/mod.ts";
import { processWide } from "../base/internal.ts";
import type { Answer } from "../instrument/mod.ts";
import type { BareRegistry } from "../metrics/mod.ts";
import { defaultSource } from "../metrics/internal.ts";
import { createTracer } from "../trace/mod.ts";
import type { ProcessObserveOptions } from "./api.ts";
import { enterFleet } from "./fleet.ts";
import { exposeRuntime } from "./runtime.ts";
import { PROCESS_OBSERVE_OPTIONS, wire, type Wiring } from "./wire.ts";

const KEY = Symbol.for("barograph.telemetry.3");

const DEFAULTS = {
  facts: {},
  service: "",
  clock: systemClock,
  timers: systemTimers,
  names: "prometheus",
} as const;

/**
 * Returns the wiring of the process, created at first use. All copies of this
 * module share it, and it survives a hot reload.
 */
function defaultWiring(): Wiring {
  return processWide(KEY, () => {
    const source = defaultSource();
    let isExposed = false;
    return wire(
      // Nothing in `wire` adds sources or makes scopes.
      source as unknown as BareRegistry,
      createTracer({ name: "unknown_service" }),
      {
        service: "",
        clock: systemClock,
        timers: systemTimers,
        rules: PROCESS_OBSERVE_OPTIONS,
        // Both last as long as the process lives.
        onProcess({ runtime, fleet }): void {
          if (fleet !== false) enterFleet(source, fleet, DEFAULTS);
          if (runtime === false || runtime === true && isExposed) return;
          exposeRuntime(source, runtime, DEFAULTS);
          isExposed = true;
        },
      },
    );
  });
}

/**
 * Wraps a handler: records metrics, a span, exemplars and events for each
 * request, and serves `/metrics` in front of the handler. Uses the default
 * registry.
 *
 * ```ts
 * import { observe } from "@barograph/barograph";
 *
 * const handler = observe(() => new Response("hello"), { route: "/" });
 * await handler(new Request("http://localhost/"));
 * ```
 *
 * Use `createTelemetry` to export spans, to subscribe to events, or to choose the
 * registry.
 *
 * @throws {TypeError} Immediately, if `handler` is not a function, or if an
 *   option is wrong or unknown.
 */
export function observe<
  This,
  Incoming extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Incoming, ...rest: Rest) => Result,
  options?: ProcessObserveOptions,
): (
  this: This,
  request: Incoming,
  ...rest: Rest
) => Result | Promise<Response> {
  return defaultWiring().observe(handler, options);
}
