/** The exporter `console` of variables: a line for each span and log event. */
import type { LogEvent } from "../bridge/mod.ts";
import type { SpanRecord } from "../trace/mod.ts";

/** Prints a span that has ended. */
export function printSpan(span: SpanRecord): void {
  const { name, kind, start, end, status, context, parentSpanId } = span;
  const parts = [
    `span ${name} (${kind})`,
    `${((end - start) * 1000).toFixed(3)} ms`,
    `${status.code}${status.message && `: ${status.message}`}`,
    `trace ${context.traceId}`,
    `span ${context.spanId}`,
    ...parentSpanId === "" ? [] : [`parent ${parentSpanId}`],
    JSON.stringify(span.attributes),
  ];
  print(parts.join(", "));
}

/** Prints a log event. */
export function printLog(event: LogEvent): void {
  const { severity, message, traceId, spanId, meta } = event;
  const parts = [
    `${severity} ${message}`,
    ...traceId === undefined ? [] : [`trace ${traceId}`, `span ${spanId}`],
    ...meta === undefined ? [] : [JSON.stringify(meta)],
  ];
  print(parts.join(", "));
}

/** Prints one line; never throws. */
function print(text: string): void {
  try {
    console.log(text.replace(/[\r\n]+/g, " "));
  } catch {
    // The program may have replaced `console`.
  }
}
