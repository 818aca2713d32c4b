/**
 * Recorder for a gateway between chat platforms ("channels") and clients.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { channels } from "@barograph/barograph/recorders/channels";
 *
 * const gateway = channels.on(createRegistry(), { namespace: "gate" });
 * gateway.messageReceived("wechat", "inbound", "text");
 * ```
 *
 * Sessions last minutes to hours, so the buckets of their durations reach four
 * hours.
 *
 * @module
 */
import { defineRecorder, type Recorder } from "../define.ts";

/** The direction of a message, as seen from the gateway. */
export type Direction = "inbound" | "outbound";

/** The instruments of a gateway. */
export const CHANNEL_INSTRUMENTS = {
  messagesReceived: {
    type: "counter",
    name: "messages_received_total",
    help: "Messages received, by channel, direction and kind.",
    labels: ["channel", "direction", "type"],
    values: { direction: ["inbound", "outbound"] },
  },
  messagesSent: {
    type: "counter",
    name: "messages_sent_total",
    help: "Messages sent, by channel, direction and kind.",
    labels: ["channel", "direction", "type"],
    values: { direction: ["inbound", "outbound"] },
  },
  messageDuration: {
    type: "histogram",
    name: "message_duration_seconds",
    help: "Time that a message took, by channel.",
    unit: "seconds",
    labels: ["channel"],
  },
  channelStatus: {
    type: "gauge",
    name: "channel_status",
    help: "Whether a channel runs: 1 if it does, 0 if not.",
    labels: ["channel", "type"],
  },
  channelErrors: {
    type: "counter",
    name: "channel_errors_total",
    help: "Errors of channels, by kind.",
    labels: ["channel", "type", "error_type"],
  },
  sessionsActive: {
    type: "gauge",
    name: "sessions_active",
    help: "Sessions that are open.",
  },
  sessionDuration: {
    type: "histogram",
    name: "session_duration_seconds",
    help: "How long sessions were open.",
    unit: "seconds",
    buckets: [1, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400],
  },
  middlewareDuration: {
    type: "histogram",
    name: "middleware_duration_seconds",
    help: "Time that a link of the chain took.",
    unit: "seconds",
    labels: ["middleware"],
  },
  retryAttempts: {
    type: "counter",
    name: "retry_attempts_total",
    help: "Attempts that operations took, by whether they went well.",
    labels: ["operation", "success"],
    values: { success: ["true", "false"] },
  },
} as const;

/** The functions that record the work of a gateway. */
export interface ChannelRecords {
  /** Counts a received message. */
  messageReceived(channel: string, direction: Direction, type: string): void;
  /** Counts a sent message. */
  messageSent(channel: string, direction: Direction, type: string): void;
  /** Observes the seconds that a message took. */
  messageDuration(channel: string, seconds: number): void;
  /** Sets the status of a channel: 1 if it is running, else 0. */
  channelStatus(channel: string, type: string, running: boolean): void;
  /** Counts an error of a channel. */
  channelError(channel: string, type: string, error: string): void;
  /** Removes the status series of a channel that no longer exists. */
  channelRemoved(channel: string): void;
  /** Sets the number of open sessions. */
  sessionsActive(count: number): void;
  /** Observes the seconds that a session was open. */
  sessionDuration(seconds: number): void;
  /** Observes the seconds that a middleware took. */
  middlewareDuration(middleware: string, seconds: number): void;
  /** Counts the attempts of an operation, by whether it succeeded. */
  retry(operation: string, attempts: number, success: boolean): void;
}

/** Records messages, channels, sessions and retries of a messaging gateway. */
export const channels: Recorder<typeof CHANNEL_INSTRUMENTS, ChannelRecords> =
  defineRecorder({
    title: "channels",
    namespace: "gort",
    instruments: CHANNEL_INSTRUMENTS,
    records: (metrics): ChannelRecords => ({
      messageReceived: (channel, direction, type) =>
        metrics.messagesReceived.at(channel, direction, type).inc(),
      messageSent: (channel, direction, type) =>
        metrics.messagesSent.at(channel, direction, type).inc(),
      messageDuration: (channel, seconds) =>
        metrics.messageDuration.at(channel).observe(seconds),
      channelStatus: (channel, type, running) =>
        metrics.channelStatus.at(channel, type).set(running ? 1 : 0),
      channelError: (channel, type, error) =>
        metrics.channelErrors.at(channel, type, error).inc(),
      channelRemoved: (channel) =>
        void metrics.channelStatus.remove({ channel }),
      sessionsActive: (count) => metrics.sessionsActive.set(count),
      sessionDuration: (seconds) => metrics.sessionDuration.observe(seconds),
      middlewareDuration: (middleware, seconds) =>
        metrics.middlewareDuration.at(middleware).observe(seconds),
      retry: (operation, attempts, success) =>
        metrics.retryAttempts.at(operation, success ? "true" : "false")
          .inc(attempts),
    }),
  });
