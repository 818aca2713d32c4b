/**
 * Wrappers around the user's own code that measure it.
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
export { instrumentHandler } from "./fetch_handler.ts";
export {
  type Fetch,
  instrumentFetch,
  type InstrumentFetchOptions,
} from "./outgoing_fetch.ts";
export type { Answer, InstrumentOptions } from "./request_metrics.ts";
export type { SpanChoices } from "./request_spans.ts";
