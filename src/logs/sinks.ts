/** Sinks of two loggers: a destination of pino, and a sink of LogTape. */
import type { LogSeverity } from "../base/mod.ts";
import { callSafely, LOG_SEVERITIES, plainText } from "../base/internal.ts";
import { type LogTarget, logTo } from "./target.ts";

/** A stream that pino writes its lines to. */
export interface PinoDestination {
  /** Tells `pino(destination)` that this is a stream, not options. */
  readonly writable: true;
  /** Takes one line of JSON. */
  write(line: string): void;
}

/** The part of a record of LogTape that the sink reads. */
export interface LogtapeRecord {
  /** The names of the logger, from the root. */
  readonly category: readonly string[];
  /** The severity, with `warning` for `warn`. */
  readonly level: string;
  /** Texts and values in turn. */
  readonly message: readonly unknown[];
  /** The fields. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Returns a destination of pino that passes each line to `target` as a log
 * event. Fields keep their names; `err` becomes `exception.type`,
 * `exception.message` and `exception.stacktrace`. Custom levels get the next
 * severity below.
 *
 * ```ts ignore
 * const streams = [{ stream: process.stdout }, {
 *   stream: pinoDestination(telemetry),
 * }];
 * const logger = pino({}, pino.multistream(streams));
 * ```
 *
 * @throws {TypeError} If `target` has no method `log`.
 */
export function pinoDestination(target: LogTarget): PinoDestination {
  const log = logTo(target, "Cannot make a destination of pino");
  return {
    writable: true,
    write(line): void {
      const { level, time: _time, msg = "", err, ...fields } = parsed(line);
      const { type, message, stack } = Object(err) as Record<string, unknown>;
      const error = typeof err === "object" && err !== null
        ? {
          "exception.type": type,
          "exception.message": message,
          "exception.stacktrace": stack,
        }
        : { err };
      log(severityOf(level), plainText(msg), { ...error, ...fields });
    },
  };
}

/** Returns the members of a line; one that is not JSON is a message. */
function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const members: unknown = JSON.parse(line);
    if (typeof members === "object" && members !== null) return { ...members };
  } catch {
    // Some transports write lines that are no JSON.
  }
  return { msg: line.trimEnd() };
}

/**
 * Returns a sink of LogTape that passes each record to `target` as a log event.
 * Properties are fields, and the category is the field `category`, with dots.
 * `target` must not log its own errors with LogTape: each would become another
 * record.
 *
 * ```ts ignore
 * await configure({
 *   sinks: { telemetry: logtapeSink(telemetry) },
 *   loggers: [{ category: "shop", sinks: ["telemetry"] }],
 * });
 * ```
 *
 * @throws {TypeError} If `target` has no method `log`.
 */
export function logtapeSink(
  target: LogTarget,
): (record: LogtapeRecord) => void {
  const log = logTo(target, "Cannot make a sink of LogTape");
  const take = (record: LogtapeRecord): void => {
    const { category, level, message, properties } = record;
    const text = message.map(plainText).join("");
    const severity = level === "warning" ? "warn" : severityOf(level);
    log(severity, text, { category: category.join("."), ...properties });
  };
  // Getters of the properties may throw.
  return (record) => void callSafely(take, record);
}

/** Returns the severity of a level: a number of pino, or a word. */
function severityOf(level: unknown): LogSeverity {
  const index = typeof level === "number"
    ? Math.min(Math.max(0, Math.floor(level / 10) - 1), 5)
    : LOG_SEVERITIES.indexOf(level as LogSeverity);
  return LOG_SEVERITIES[index] ?? "info";
}
