/** Exports spans to an OTLP collector over HTTP, as JSON or protobuf. */
import { itemExporter } from "./item_exporter.ts";
import {
  readSpanOptions,
  type SpanExporter,
  type SpanExporterOptions,
} from "./span_exporter_options.ts";
import { spanSender } from "./span_sender.ts";

/**
 * Creates an exporter of spans to an OTLP collector.
 *
 * - `export` is O(1), never waits and never fails.
 * - Sends one request at a time; repeats failed requests with exponential
 *   backoff. Spans that do not fit into the queue meanwhile are counted as lost.
 * - The exporter does not keep the process alive, except during `flush` and
 *   `shutdown`.
 * - It needs timers that outlive a request: on Cloudflare Workers, use
 *   `withTelemetry` of `./workers` instead.
 *
 * ```ts
 * import { spanExporter } from "@barograph/barograph/push";
 * import { createTracer } from "@barograph/barograph/trace";
 *
 * const exporter = spanExporter({
 *   endpoint: "http://localhost:4318",
 *   resource: { "service.name": "shop" },
 * });
 * const tracer = createTracer({ name: "shop" });
 * tracer.onEnd(exporter.export);
 * // … and at the end of the program:
 * await exporter.shutdown(1);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function spanExporter(options: SpanExporterOptions): SpanExporter {
  const read = readSpanOptions(options);
  const { add, ...exporter } = itemExporter(read, spanSender(read));
  return { ...exporter, export: add };
}
