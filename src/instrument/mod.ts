/**
 * Wrappers that measure and trace handlers, middleware and `fetch`.
 *
 * ```ts
 * import { instrumentHandler } from "@barograph/barograph/instrument";
 *
 * const handler = instrumentHandler(() => new Response("hello"));
 * handler(new Request("http://localhost/"));
 * ```
 *
 * @module
 */
export type { Answer } from "./answer.ts";
export {
  ERROR_CATEGORIES,
  type ErrorCategory,
  errorCategory,
} from "./error_category.ts";
export {
  type EventMiddleware,
  instrumentEvents,
  type InstrumentEventsOptions,
} from "./event_handler.ts";
export type { MetricNames } from "../base/mod.ts";
export { instrumentHandler } from "./fetch_handler.ts";
export {
  instrumentFetch,
  type InstrumentFetchOptions,
} from "./outgoing_fetch.ts";
export type { Fetch, Propagate } from "./propagation.ts";
export type { InstrumentOptions } from "./handler_options.ts";
export type { HttpNameOptions } from "./option_rules.ts";
export type {
  Endpoint,
  ObservedRequest,
  ObserveOptions,
  Observing,
  RequestObserver,
} from "./request_observer.ts";
