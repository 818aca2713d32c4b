/**
 * The vocabulary of a platform of services that talk over a message bus.
 *
 * A round trip is kept in whole milliseconds under the name that dashboards
 * know; with the option `seconds` it stands beside it as it was measured.
 */
import { defineRecorder, type Recorder } from "./declare.ts";

/** What a service is at, by the numbers of the metric. */
export const SERVICE_STATUS = {
  stopped: 0,
  starting: 1,
  running: 2,
  stopping: 3,
  failed: 4,
} as const;

/** What a circuit breaker is at, by the numbers of the metric. */
export const BREAKER_STATE = { closed: 0, open: 1, "half-open": 2 } as const;

/** What a service is at, by name or by number. */
export type ServiceStatus = keyof typeof SERVICE_STATUS | 0 | 1 | 2 | 3 | 4;

/** What a circuit breaker is at, by name or by number. */
export type BreakerState = keyof typeof BREAKER_STATE | 0 | 1 | 2;

/** The metrics of a platform of services. */
export const PLATFORM_INSTRUMENTS = {
  serviceStatus: {
    type: "gauge",
    name: "service_status",
    help: "What a service is at: 0 stopped, 1 starting, 2 running, " +
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
    help: "What the circuit breaker is at: 0 closed, 1 open, 2 half-open.",
  },
  natsMessages: {
    type: "counter",
    name: "nats_messages_total",
    help: "Messages on the message bus, by subject.",
    labels: ["subject"],
  },
} as const;

/** What a platform of services tells. */
export interface PlatformRecords {
  /** A service is at something else. */
  serviceStatus(service: string, status: ServiceStatus): void;
  /** A message has come. */
  messageReceived(service: string, type: string): void;
  /** A message was processed, and how that went. */
  messageProcessed(service: string, type: string, status: string): void;
  /** So many messages were processed, of no kind in particular. */
  messagesProcessed(service: string, count: number): void;
  /** So many messages could not be processed. */
  messagesFailed(service: string, count: number): void;
  /** A message was published. */
  messagePublished(service: string, subject: string): void;
  /** An operation took so many seconds; "" for none in particular. */
  processingDuration(service: string, operation: string, seconds: number): void;
  /** Something has failed. */
  error(service: string, type: string): void;
  /** Something has failed that should never fail. */
  panic(service: string): void;
  /** A service is healthy, or is not. */
  healthStatus(service: string, healthy: boolean): void;
  /** The message bus is connected, or is not. */
  natsStatus(connected: boolean): void;
  /** A round trip to the message bus took so many seconds. */
  natsRtt(seconds: number): void;
  /** The message bus is connected again. */
  natsReconnect(): void;
  /** The circuit breaker is at something else. */
  circuitBreaker(state: BreakerState): void;
  /** So many messages went over the message bus. */
  natsMessages(subject: string, count: number): void;
  /** A service is gone for good, and the series of its state with it. */
  serviceRemoved(service: string): void;
}

/** Services, their messages and their message bus. */
export const servicePlatform: Recorder<
  typeof PLATFORM_INSTRUMENTS,
  PlatformRecords
> = defineRecorder({
  title: "a platform of services",
  namespace: "semstreams",
  instruments: PLATFORM_INSTRUMENTS,
  records: (of): PlatformRecords => ({
    serviceStatus: (service, status) =>
      of.serviceStatus.at(service).set(
        typeof status === "number" ? status : SERVICE_STATUS[status],
      ),
    messageReceived: (service, type) =>
      of.messagesReceived.at(service, type).inc(),
    messageProcessed: (service, type, status) =>
      of.messagesProcessed.at(service, type, status).inc(),
    messagesProcessed: (service, count) =>
      of.messagesProcessed.at(service, "", "").inc(count),
    messagesFailed: (service, count) =>
      of.messagesFailed.at(service).inc(count),
    messagePublished: (service, subject) =>
      of.messagesPublished.at(service, subject).inc(),
    processingDuration: (service, operation, seconds) =>
      of.processingDuration.at(service, operation).observe(seconds),
    error: (service, type) => of.errors.at(service, type).inc(),
    panic: (service) => of.panics.at(service).inc(),
    healthStatus: (service, healthy) =>
      of.healthStatus.at(service).set(healthy ? 1 : 0),
    natsStatus: (connected) => of.natsConnected.set(connected ? 1 : 0),
    natsRtt: (seconds) => {
      of.natsRttMs.set(Math.trunc(seconds * 1000));
      of.natsRtt.set(seconds);
    },
    natsReconnect: () => of.natsReconnects.inc(),
    circuitBreaker: (state) =>
      of.natsCircuitBreaker.set(
        typeof state === "number" ? state : BREAKER_STATE[state],
      ),
    natsMessages: (subject, count) => of.natsMessages.at(subject).inc(count),
    serviceRemoved: (service) => {
      of.serviceStatus.remove({ service });
      of.healthStatus.remove({ service });
    },
  }),
});
