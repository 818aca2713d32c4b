/**
 * Live events: a bounded ring with any number of subscribers.
 *
 * ```ts
 * import { createBus } from "@barograph/barograph/bus";
 *
 * const bus = createBus<{ joined: { room: string } }>();
 * bus.publish("joined", { room: "lobby" });
 *
 * const subscription = bus.subscribe({ after: 0 });
 * bus.close(); // published events can still be read
 * for await (const event of subscription) console.log(event.gap ?? event.id);
 * ```
 *
 * @module
 */
export type { Clock } from "../base/mod.ts";
export {
  type Bus,
  type BusOptions,
  type BusStats,
  createBus,
  type SubscribeOptions,
} from "./bus.ts";
export type { BusEvent, Gap, GapReason } from "./event.ts";
export type { Subscription } from "./subscription.ts";
