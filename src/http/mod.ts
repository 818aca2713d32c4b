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
export type { Cancel, Clock, TimerOptions, Timers } from "../base/mod.ts";
export { type Authorize, bearer } from "./guard.ts";
export type { Hosts } from "./hosts.ts";
export type { MountedPage, Page, PageParts } from "./page.ts";
export type { Origins } from "./origins.ts";
export {
  type Check,
  healthHandler,
  type ReadyHandler,
  readyHandler,
  type ReadyOptions,
} from "./health.ts";
export type { Redact } from "./events/frames.ts";
export {
  type EventsHandler,
  eventsHandler,
  type EventsHandlerOptions,
} from "./events/handler.ts";
export {
  type WebSocketHandlers,
  webSocketHandlers as eventSockets,
} from "../platform/mod.ts";
export {
  formatHandler,
  type FormatHandlerOptions,
  type Handler,
  metricsHandler,
  type MetricsHandlerOptions,
} from "./metrics/handler.ts";
