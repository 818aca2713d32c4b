/**
 * An OTLP receiver in the process: metrics that other programs push, or the
 * telemetry that is built into the runtime, become scrapeable.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph/metrics";
 * import { otlpReceiver } from "@barograph/barograph/receiver";
 *
 * const registry = createRegistry();
 * const receive = otlpReceiver(registry);
 * const response = await receive(
 *   new Request("http://localhost/v1/metrics", {
 *     method: "POST",
 *     headers: { "content-type": "application/json" },
 *     body: JSON.stringify({ resourceMetrics: [] }),
 *   }),
 * );
 * console.log(response.status); // 200
 * ```
 *
 * @module
 */
export type { Cancel, Clock, TimerOptions, Timers } from "../base/mod.ts";
export type { Authorize, Handler, Hosts } from "../http/mod.ts";
export type { BareRegistry } from "../metrics/mod.ts";
export type { OtelTranslation } from "../model/mod.ts";
export type { OtlpReceiverOptions } from "./options.ts";
export {
  type OtlpReceiver,
  otlpReceiver,
  type ReceiverStats,
} from "./receiver.ts";
