/** Metrics and spans of cron triggers and batches of queues. */
import { callSafely } from "../base/internal.ts";
import { type EventMiddleware, instrumentEvents } from "../instrument/mod.ts";
import { histogram } from "../metrics/mod.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import type { MessageBatch, ScheduledEvent } from "./api.ts";

/** Bucket bounds of the size of batches; the platform allows up to 100. */
const BATCH_BUCKETS = [1, 2, 5, 10, 20, 50, 100];

/**
 * Returns middleware for cron triggers. The label `path` is the expression of the
 * trigger.
 */
export function observeScheduled(
  { registry, tracer }: Pick<Telemetry, "registry" | "tracer">,
): EventMiddleware<ScheduledEvent> {
  return instrumentEvents<ScheduledEvent>({
    registry,
    tracer,
    namespace: "scheduled",
    kind: "internal",
    route: ({ cron }) => cron,
    spanName: ({ cron }) => `scheduled ${cron}`,
    attributes: ({ cron, scheduledTime }) => ({
      "faas.trigger": "timer",
      "faas.cron": cron,
      "faas.time": new Date(scheduledTime).toISOString(),
    }),
  });
}

/**
 * Returns middleware for batches of queues. The label `path` is the name of the
 * queue.
 */
export function observeQueue(
  { registry, tracer }: Pick<Telemetry, "registry" | "tracer">,
): EventMiddleware<MessageBatch> {
  const sizes = histogram({
    name: "queue_batch_messages",
    help: "Messages of a batch.",
    labels: ["path"],
    buckets: BATCH_BUCKETS,
  }, registry);
  const measure = instrumentEvents<MessageBatch>({
    registry,
    tracer,
    namespace: "queue",
    kind: "consumer",
    route: ({ queue }) => queue,
    spanName: ({ queue }) => `process ${queue}`,
    attributes: ({ queue, messages }) => ({
      "faas.trigger": "pubsub",
      "messaging.system": "cloudflare_queues",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": queue,
      "messaging.batch.message_count": messages.length,
    }),
  });
  const record = ({ queue, messages }: MessageBatch) =>
    sizes.at(queue).observe(messages.length);
  return (batch, next) =>
    measure(batch, () => {
      callSafely(record, batch);
      return next();
    });
}
