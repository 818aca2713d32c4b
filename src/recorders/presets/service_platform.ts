/**
 * Recorder for a platform of services that communicate over a message bus.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { servicePlatform } from "@barograph/barograph/recorders/service-platform";
 *
 * const platform = servicePlatform.on(createRegistry(), { seconds: true });
 * platform.serviceStatus("mailer", "running");
 * platform.natsRtt(0.0004);
 * ```
 *
 * The round trip time is rounded down to milliseconds, as existing dashboards
 * expect. The option `seconds` adds the exact value in seconds.
 *
 * @module
 */
import { defineRecorder, type Recorder } from "../define.ts";

/** The states of a service, with their values in the metric. */
export const SERVICE_STATUS = {
  stopped: 0,
  starting: 1,
  running: 2,
  stopping: 3,
  failed: 4,
} as const;

/** The states of a circuit breaker, with their values in the metric. */
export const BREAKER_STATE = { closed: 0, open: 1, "half-open": 2 } as const;

/** The state of a service, by name or by number. */
export type ServiceStatus = keyof typeof SERVICE_STATUS | 0 | 1 | 2 | 3 | 4;

/** The state of a circuit breaker, by name or by number. */
export type BreakerState = keyof typeof BREAKER_STATE | 0 | 1 | 2;

/** The instruments of a platform of services. */
export const PLATFORM_INSTRUMENTS = {
  serviceStatus: {
    type: "gauge",
    name: "service_status",
    help: "Status of a service: 0 stopped, 1 starting, 2 running, " +
      "3 stopping, 4 failed.",
    labels: ["service"],
  },
  messagesReceived: {
    type: "counter",
    name: "messages_received_total",
    help: "Messages received, by service and kind.",
    labels: ["service", "type"],
  },
  messagesProcessed: {
    type: "counter",
    name: "messages_processed_total",
    help: "Messages processed, by service, kind and how it went.",
    labels: ["service", "type", "status"],
  },
  messagesFailed: {
    type: "counter",
    name: "messages_failed_total",
    help: "Messages that could not be processed, by service.",
    labels: ["service"],
  },
  messagesPublished: {
    type: "counter",
    name: "messages_published_total",
    help: "Messages published, by service and subject.",
    labels: ["service", "subject"],
  },
  processingDuration: {
    type: "histogram",
    name: "processing_duration_seconds",
    help: "Time that processing took, by service and operation.",
    unit: "seconds",
    labels: ["service", "operation"],
  },
  errors: {
    type: "counter",
    name: "errors_total",
    help: "Errors, by service and kind.",
    labels: ["service", "type"],
  },
  panics: {
    type: "counter",
    name: "panic_total",
    help: "Panics, by service.",
    labels: ["service"],
  },
  healthStatus: {
    type: "gauge",
    name: "health_status",
    help: "Whether a service is healthy: 1 if it is, 0 if not.",
    labels: ["service"],
  },
  natsConnected: {
    type: "gauge",
    name: "nats_connected",
    help: "Whether the message bus is connected: 1 if it is, 0 if not.",
  },
  natsConnectionStatus: {
    type: "gauge",
    name: "nats_connection_status",
    help: "The same as nats_connected, under its other name.",
  },
  natsRttMs: {
    type: "gauge",
    name: "nats_rtt_milliseconds",
    help: "The last round trip to the message bus, in whole milliseconds.",
  },
  natsRtt: {
    type: "gauge",
    name: "nats_rtt_seconds",
    help: "The last round trip to the message bus.",
    unit: "seconds",
    twin: true,
  },
  natsReconnects: {
    type: "counter",
    name: "nats_reconnects_total",
    help: "Times that the message bus was connected again.",
  },
  natsCircuitBreaker: {
    type: "gauge",
    name: "nats_circuit_breaker",
    help: "State of the circuit breaker: 0 closed, 1 open, 2 half-open.",
  },
  natsMessages: {
    type: "counter",
    name: "nats_messages_total",
    help: "Messages on the message bus, by subject.",
    labels: ["subject"],
  },
} as const;

/** The functions that record the work of a platform of services. */
export interface PlatformRecords {
  /** Sets the state of a service. */
  serviceStatus(service: string, status: ServiceStatus): void;
  /** Counts a received message. */
  messageReceived(service: string, type: string): void;
  /** Counts a processed message, by its outcome. */
  messageProcessed(service: string, type: string, status: string): void;
  /** Counts `count` processed messages without kind and outcome. */
  messagesProcessed(service: string, count: number): void;
  /** Counts `count` messages that could not be processed. */
  messagesFailed(service: string, count: number): void;
  /** Counts a published message. */
  messagePublished(service: string, subject: string): void;
  /** Observes the seconds that an operation took; its name may be "". */
  processingDuration(service: string, operation: string, seconds: number): void;
  /** Counts an error. */
  error(service: string, type: string): void;
  /** Counts an error that should never happen. */
  panic(service: string): void;
  /** Sets whether a service is healthy. */
  healthStatus(service: string, healthy: boolean): void;
  /** Sets whether the message bus is connected. */
  natsStatus(connected: boolean): void;
  /** Sets the duration of the last round trip to the message bus, in seconds. */
  natsRtt(seconds: number): void;
  /** Counts a reconnection to the message bus. */
  natsReconnect(): void;
  /** Sets the state of the circuit breaker. */
  circuitBreaker(state: BreakerState): void;
  /** Counts `count` messages on the message bus. */
  natsMessages(subject: string, count: number): void;
  /** Removes the state series of a service that no longer exists. */
  serviceRemoved(service: string): void;
}

/** Records services, their messages and their message bus. */
export const servicePlatform: Recorder<
  typeof PLATFORM_INSTRUMENTS,
  PlatformRecords
> = defineRecorder({
  title: "a platform of services",
  namespace: "semstreams",
  instruments: PLATFORM_INSTRUMENTS,
  records: (metrics): PlatformRecords => ({
    serviceStatus: (service, status) =>
      metrics.serviceStatus.at(service).set(
        typeof status === "number" ? status : SERVICE_STATUS[status],
      ),
    messageReceived: (service, type) =>
      metrics.messagesReceived.at(service, type).inc(),
    messageProcessed: (service, type, status) =>
      metrics.messagesProcessed.at(service, type, status).inc(),
    messagesProcessed: (service, count) =>
      metrics.messagesProcessed.at(service, "", "").inc(count),
    messagesFailed: (service, count) =>
      metrics.messagesFailed.at(service).inc(count),
    messagePublished: (service, subject) =>
      metrics.messagesPublished.at(service, subject).inc(),
    processingDuration: (service, operation, seconds) =>
      metrics.processingDuration.at(service, operation).observe(seconds),
    error: (service, type) => metrics.errors.at(service, type).inc(),
    panic: (service) => metrics.panics.at(service).inc(),
    healthStatus: (service, healthy) =>
      metrics.healthStatus.at(service).set(healthy ? 1 : 0),
    natsStatus: (connected) => {
      metrics.natsConnected.set(connected ? 1 : 0);
      metrics.natsConnectionStatus.set(connected ? 1 : 0);
    },
    natsRtt: (seconds) => {
      metrics.natsRttMs.set(Math.trunc(seconds * 1000));
      metrics.natsRtt.set(seconds);
    },
    natsReconnect: () => metrics.natsReconnects.inc(),
    circuitBreaker: (state) =>
      metrics.natsCircuitBreaker.set(
        typeof state === "number" ? state : BREAKER_STATE[state],
      ),
    natsMessages: (subject, count) =>
      metrics.natsMessages.at(subject).inc(count),
    serviceRemoved: (service) => {
      metrics.serviceStatus.remove({ service });
      metrics.healthStatus.remove({ service });
    },
  }),
});
