/** `log`: events of the application, on the bus and to a collector. */
import type { Clock, LogSeverity } from "../base/mod.ts";
import {
  callSafely,
  cutText,
  LOG_SEVERITIES,
  plainFields,
  plainText,
} from "../base/internal.ts";
import type { LogEvent } from "../bridge/mod.ts";
import type { Bus } from "../bus/mod.ts";
import {
  type LogExporter,
  logExporter,
  type LogExporterOptions,
} from "../push/mod.ts";
import { activeSpanContext } from "../trace/mod.ts";
import { isUnobserved, unobserved } from "../trace/internal.ts";
import type { Telemetry, TelemetryEvents } from "./api.ts";
import { printLog } from "./console.ts";
import { unobservedFetch } from "./tracing.ts";

/** The log events of a telemetry. */
export interface Logging {
  readonly log: Telemetry["log"];
  /** Exports the events; undefined without a collector. */
  readonly exporter: LogExporter | undefined;
}

const MAX_MESSAGE = 16_384;

/** Options of `startLogging`. */
export interface LoggingOptions {
  readonly clock: Clock;
  readonly collector: LogExporterOptions | undefined;
  /** Whether events are printed, too. */
  readonly prints: boolean;
}

/** Returns `log` of a telemetry, and the exporter if there is a collector. */
export function startLogging(
  bus: Bus<TelemetryEvents>,
  { clock, collector, prints }: LoggingOptions,
): Logging {
  const exporter = collector && logExporter(unobservedOptions(collector));
  let isPrinting = false;
  const log = (
    given: LogSeverity,
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void => {
    if (isPrinting) return; // the console is captured: this is the printed line
    const severity = LOG_SEVERITIES.includes(given) ? given : "info";
    const text = typeof message === "string"
      ? cutText(message, MAX_MESSAGE)
      : plainText(message);
    const context = activeSpanContext();
    const time = callSafely(() => clock.unix(), undefined) ?? 0;
    const event: { -readonly [K in keyof LogEvent]: LogEvent[K] } = {
      severity,
      message: text,
    };
    if (context !== undefined) {
      event.traceId = context.traceId;
      event.spanId = context.spanId;
    }
    if (fields !== undefined) event.meta = plainFields(fields, true).fields;
    bus.publish("log", event, time);
    if (prints) {
      isPrinting = true;
      printLog(event);
      isPrinting = false;
    }
    // The exporter's own failures would else cause the next requests.
    if (exporter === undefined || isUnobserved()) return;
    exporter.export({ severity, message: text, fields, context, time });
  };
  return { log, exporter };
}

/** Returns options whose functions run as work of the telemetry itself. */
function unobservedOptions(options: LogExporterOptions): LogExporterOptions {
  const { onError } = options;
  return {
    ...options,
    fetch: unobservedFetch(options.fetch),
    onError: onError && ((error) => unobserved(() => onError(error))),
  };
}
