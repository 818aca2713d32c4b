/**
 * Telemetry for Cloudflare Workers.
 *
 * ```ts
 * import { withTelemetry } from "@barograph/barograph/workers";
 *
 * export default withTelemetry({
 *   fetch: (request: Request) => new Response("thank you"),
 * }, { service: "shop" });
 * ```
 *
 * @module
 */
export type {
  MessageBatch,
  ObservedHandler,
  ScheduledEvent,
  WorkerCollectorOptions,
  WorkerContext,
  WorkerHandler,
  WorkerOptions,
} from "./api.ts";
export { withTelemetry } from "./with_telemetry.ts";
