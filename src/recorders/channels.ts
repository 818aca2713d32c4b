/**
 * The vocabulary of a gateway between chat platforms ("channels") and clients.
 *
 * Sessions last minutes: the buckets of their durations go on to hours.
 */
import { defineRecorder, type Recorder } from "./declare.ts";

/** Which way a message goes. */
export type Direction = "inbound" | "outbound";

/** The metrics of a gateway. */
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

/** What a gateway tells. */
export interface ChannelRecords {
  /** A message has come in. */
  messageReceived(channel: string, direction: Direction, type: string): void;
  /** A message has gone out. */
  messageSent(channel: string, direction: Direction, type: string): void;
  /** A message took so many seconds. */
  messageDuration(channel: string, seconds: number): void;
  /** A channel runs, or does not. */
  channelStatus(channel: string, type: string, running: boolean): void;
  /** A channel has failed. */
  channelError(channel: string, type: string, error: string): void;
  /** A channel is gone for good, and the series of its status with it. */
  channelRemoved(channel: string): void;
  /** So many sessions are open: a level, and not a difference. */
  sessionsActive(count: number): void;
  /** A session was open for so many seconds. */
  sessionDuration(seconds: number): void;
  /** A link of the chain took so many seconds. */
  middlewareDuration(middleware: string, seconds: number): void;
  /** An operation took so many attempts, and went well or not. */
  retry(operation: string, attempts: number, success: boolean): void;
}

/** Messages, channels, sessions and retries of a messaging gateway. */
export const channels: Recorder<typeof CHANNEL_INSTRUMENTS, ChannelRecords> =
  defineRecorder({
    title: "channels",
    namespace: "gort",
    instruments: CHANNEL_INSTRUMENTS,
    records: (of): ChannelRecords => ({
      messageReceived: (channel, direction, type) =>
        of.messagesReceived.at(channel, direction, type).inc(),
      messageSent: (channel, direction, type) =>
        of.messagesSent.at(channel, direction, type).inc(),
      messageDuration: (channel, seconds) =>
        of.messageDuration.at(channel).observe(seconds),
      channelStatus: (channel, type, running) =>
        of.channelStatus.at(channel, type).set(running ? 1 : 0),
      channelError: (channel, type, error) =>
        of.channelErrors.at(channel, type, error).inc(),
      channelRemoved: (channel) => void of.channelStatus.remove({ channel }),
      sessionsActive: (count) => of.sessionsActive.set(count),
      sessionDuration: (seconds) => of.sessionDuration.observe(seconds),
      middlewareDuration: (middleware, seconds) =>
        of.middlewareDuration.at(middleware).observe(seconds),
      retry: (operation, attempts, success) =>
        of.retryAttempts.at(operation, success ? "true" : "false")
          .inc(attempts),
    }),
  });
