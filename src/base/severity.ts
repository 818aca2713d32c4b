/** Severities of log events. */

/** How severe a log event is, in the words of most loggers. */
export type LogSeverity =
  | "trace"
  | "debug"
  | "info"
  | "warn"
  | "error"
  | "fatal";

/** All severities, the least severe first. */
export const LOG_SEVERITIES: readonly LogSeverity[] = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
];
