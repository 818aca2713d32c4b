/** Exports spans or log events: a queue, and the loop that sends it. */
import { beforeSignal, isRequestBound } from "../../platform/internal.ts";
import {
  Delivery,
  type DeliveryOptions,
  type ExporterStats,
} from "../delivery.ts";
import { warnAboutQueue } from "../lifetime.ts";
import type { ItemSender } from "./item_sender.ts";

/** The common part of the exporters of spans and of log events. */
export interface ItemExporter extends AsyncDisposable {
  /**
   * Exports everything that waits at once, without regard to backoff. Resolves to
   * true when the collector has accepted or refused all of it; to false if some
   * was lost, or if `signal` aborts first.
   */
  flush(signal?: AbortSignal): Promise<boolean>;
  /**
   * Flushes for at most `seconds` (default: 5) and stops the exporter. Items
   * that are left after that are counted as lost. Later calls return the
   * promise of the first. Never rejects. Disposing does the same.
   */
  shutdown(seconds?: number): Promise<boolean>;
  /** Returns the current counts of items and retries. */
  stats(): ExporterStats;
}

/** The options that an exporter reads beside those of its sender. */
type QueueOptions<T> =
  & Omit<DeliveryOptions<T>, "send" | "onError" | "onEnd">
  & { readonly signals: boolean };

/** Returns an exporter that sends by `sender`, and the function that adds to it. */
export function itemExporter<T>(
  options: QueueOptions<T>,
  { send, onError }: ItemSender<T>,
): ItemExporter & { readonly add: (item: T) => void } {
  if (isRequestBound()) warnAboutQueue();
  const delivery = new Delivery<T>({ ...options, onError, send });
  const unlisten = options.signals ? beforeSignal(delivery) : () => {};
  const shutdown = (seconds = 5): Promise<boolean> => {
    unlisten();
    return delivery.shutdown(seconds);
  };
  return {
    add: (item) => delivery.add(item),
    flush: (signal) => delivery.flush(signal),
    shutdown,
    stats: () => delivery.stats(),
    [Symbol.asyncDispose]: async () => void await shutdown(),
  };
}
