/**
 * Endpoints, each a plain `(Request) => Promise<Response>`: mount them in
 * `Deno.serve`, `Bun.serve`, or any fetch-style router.
 *
 * ```ts
 * import { metricsHandler } from "@barograph/barograph/http";
 *
 * const metrics = metricsHandler();
 * const response = await metrics(new Request("http://localhost/metrics"));
 * console.log(response.status);
 * ```
 *
 * @module
 */
export type { Authorize } from "./access.ts";
export { bearer } from "./bearer.ts";
export {
  type Check,
  healthHandler,
  type ReadyHandler,
  readyHandler,
  type ReadyOptions,
} from "./health_handler.ts";
export type { Redact } from "./event_frames.ts";
export {
  type EventsHandler,
  eventsHandler,
  type EventsHandlerOptions,
} from "./events_handler.ts";
export {
  type WebSocketHandlers,
  webSocketHandlers as eventSockets,
} from "../platform/mod.ts";
export type { Origins } from "./origin.ts";
export {
  formatHandler,
  type FormatHandlerOptions,
  type Handler,
} from "./format_handler.ts";
export {
  metricsHandler,
  type MetricsHandlerOptions,
} from "./metrics_handler.ts";
