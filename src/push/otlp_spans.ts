/** Exports spans to an OTLP collector over HTTP, as JSON or protobuf. */
import type { SpanRecord } from "../trace/mod.ts";
import { quietListener } from "../trace/internal.ts";
import { Delivery, type SendOutcome } from "./delivery.ts";
import { tracesUrl } from "./endpoint.ts";
import { otlpJson } from "./otlp_json.ts";
import { otlpProto } from "./otlp_proto.ts";
import { post } from "./post.ts";
import {
  readSpanOptions,
  requestHeaders,
  type SpanExporter,
  type SpanExporterOptions,
} from "./span_exporter_options.ts";

/** Status codes that OTLP/HTTP calls retryable. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The limit that OTLP recommends for a request before compression. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/**
 * Creates an exporter of spans to an OTLP collector.
 *
 * - `export` is O(1), never waits and never fails.
 * - Sends one request at a time; repeats failed requests with exponential
 *   backoff. Spans that do not fit into the queue meanwhile are counted as lost.
 * - The exporter does not keep the process alive, except during `flush` and
 *   `shutdown`.
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
  const { endpoint, protocol, compress, fetch, clock, ...read } =
    readSpanOptions(options);
  const url = tracesUrl(endpoint);
  const encoding = protocol === "json" ? otlpJson : otlpProto;
  const headers = requestHeaders(read.headers, encoding.contentType);
  const resource = {
    "service.name": "unknown_service",
    "telemetry.sdk.name": "barograph",
    "telemetry.sdk.language": "javascript",
    ...read.resource,
  };

  async function send(
    spans: readonly SpanRecord[],
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const body = encoding.encode(spans, resource);
    if (body.length > MAX_BODY_BYTES) {
      const size = `${spans.length} spans of ${body.length} bytes`;
      const error = new Error(`a request of ${size} is too large`);
      return { state: "tooLarge", error };
    }
    const request = { url, headers, body, compress, signal };
    const outcome = await post(fetch, request, RETRYABLE, clock);
    if (outcome.state !== "accepted") return outcome;
    const rejected = Math.min(
      encoding.rejectedIn(outcome.answer),
      spans.length,
    );
    if (rejected === 0) return { state: "accepted", rejected };
    const error = new Error(`the collector has rejected ${rejected} spans`);
    return { state: "accepted", rejected, error };
  }

  const delivery = new Delivery<SpanRecord>({ ...read, send });
  const shutdown = (seconds = 5): Promise<boolean> =>
    delivery.shutdown(seconds);
  return {
    export: quietListener((record) => delivery.add(record)),
    flush: (signal) => delivery.flush(signal),
    shutdown,
    stats: () => delivery.stats(),
    [Symbol.asyncDispose]: async () => void await shutdown(),
  };
}
