/** Exports spans to an OTLP collector over HTTP, as JSON or protobuf. */
import { errorMessage, warn } from "../base/internal.ts";
import { beforeSignal } from "../platform/internal.ts";
import type { SpanRecord } from "../trace/mod.ts";
import { Delivery, type SendOutcome } from "./delivery.ts";
import { tracesUrl, withoutQuery } from "./endpoint.ts";
import { withWords } from "./fault.ts";
import { otlpJson } from "./otlp_json.ts";
import { otlpProto } from "./otlp_proto.ts";
import { post, type PostTarget } from "./post.ts";
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
  const { timers } = read;
  const { url, isGuessedPlain } = tracesUrl(endpoint);
  const encoding = protocol === "json" ? otlpJson : otlpProto;
  const headers = requestHeaders(read.headers, encoding.contentType);
  const resource = {
    "service.name": "unknown_service",
    "telemetry.sdk.name": "barograph",
    "telemetry.sdk.language": "javascript",
    ...read.resource,
  };
  const target: PostTarget = {
    compress,
    fetch,
    url,
    headers,
    retryable: RETRYABLE,
    messageIn,
    clock,
    timers,
  };
  async function send(
    spans: readonly SpanRecord[],
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const { body, faults } = encoding.encode(spans, resource);
    if (body.length > MAX_BODY_BYTES) {
      const size = `${spans.length} spans of ${body.length} bytes`;
      const error = new Error(`a request of ${size} is too large`);
      return { state: "tooLarge", error };
    }
    const fault = faults.length === 0 ? "" : `${faults.length} of ` +
      `${spans.length} spans cannot be encoded: ${errorMessage(faults[0])}`;
    if (faults.length === spans.length) {
      return { state: "refused", error: new Error(fault) };
    }
    const outcome = await post(target, { body, signal });
    if (outcome.state !== "accepted") return outcome;
    const { rejected, words } = encoding.partialSuccessIn(outcome.answer);
    const errors: string[] = [];
    if (fault !== "") errors.push(fault);
    if (rejected > 0) {
      const text = `the collector has rejected ${rejected} spans`;
      errors.push(withWords(text, words));
    } else if (words !== "") {
      errors.push(withWords("the collector warns", words));
    }
    return {
      state: "accepted",
      rejected: faults.length + rejected,
      error: errors.length === 0 ? undefined : new Error(errors.join("; ")),
    };
  }

  const onError = read.onError ?? warnOnce(url);
  if (isGuessedPlain) {
    const { protocol, host } = new URL(url);
    warn(
      `spans are exported to ${withoutQuery(url)} without encryption; give ` +
        `"https://${host}" for TLS, or "${protocol}//${host}" to confirm`,
    );
  }
  const delivery = new Delivery<SpanRecord>({ ...read, onError, send });
  const unlisten = read.signals ? beforeSignal(delivery) : () => {};
  const shutdown = (seconds = 5): Promise<boolean> => {
    unlisten();
    return delivery.shutdown(seconds);
  };
  return {
    export: (record) => delivery.add(record),
    flush: (signal) => delivery.flush(signal),
    shutdown,
    stats: () => delivery.stats(),
    [Symbol.asyncDispose]: async () => void await shutdown(),
  };
}

/** Returns the message of a response that reports an error. */
function messageIn(answer: Uint8Array, contentType: string): string {
  const encoding = contentType.includes("protobuf") ? otlpProto : otlpJson;
  return encoding.messageIn(answer);
}

/** Returns the default of `onError`, which logs the first failure. */
function warnOnce(url: string): (error: Error) => void {
  let isLogged = false;
  return ({ message }) => {
    if (isLogged) return;
    isLogged = true;
    const hint = new URL(url).port === "4317"
      ? "; 4317 is the port of gRPC, try 4318"
      : "";
    warn(
      withWords(`cannot export spans to ${withoutQuery(url)}`, message) +
        `${hint}; give { endpoint, onError } to hear of further failures`,
    );
  };
}
