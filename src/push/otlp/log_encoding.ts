/** Shared parts of the JSON and protobuf encodings of OTLP logs. */
import type { LogSeverity } from "../../base/mod.ts";

/**
 * Values of the OTLP enum `SeverityNumber`: the first of the four of each range.
 */
export const SEVERITY_NUMBERS: Readonly<Record<LogSeverity, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

/** The instrumentation scope of all log events. */
export const LOG_SCOPE = "barograph";
