/** Sends batches of spans to an OTLP collector over HTTP. */
import { errorMessage, type ReadOptions, warn } from "../base/internal.ts";
import type { Attributes, SpanRecord } from "../trace/mod.ts";
import type { SendOutcome } from "./delivery.ts";
import { tracesUrl, withoutQuery } from "./endpoint.ts";
import { withWords } from "./fault.ts";
import { otlpJson } from "./otlp_json.ts";
import { otlpProto } from "./otlp_proto.ts";
import { post, type PostTarget } from "./post.ts";
import { requestHeaders, type SPAN_OPTIONS } from "./span_exporter_options.ts";

/** Status codes that OTLP/HTTP calls retryable. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The limit that OTLP recommends for a request before compression. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/** Sends spans to one collector. */
export interface SpanSender {
  /** Posts a batch once; ends when `signal` aborts. */
  readonly send: (
    spans: readonly SpanRecord[],
    signal: AbortSignal,
  ) => Promise<SendOutcome>;
  /** The option of that name. Default: logs the first failure. */
  readonly onError: (error: Error) => void;
}

/** The options that a sender reads, checked. */
export type SenderOptions = Pick<
  ReadOptions<typeof SPAN_OPTIONS>,
  | "endpoint"
  | "protocol"
  | "headers"
  | "resource"
  | "compress"
  | "onError"
  | "fetch"
  | "clock"
  | "timers"
>;

/**
 * Returns the sender of `options`. `late` returns further resource attributes; it
 * is called once, before the first request.
 *
 * @throws {TypeError} If the endpoint or a header is wrong.
 */
export function spanSender(
  options: SenderOptions,
  late: () => Attributes = () => ({}),
): SpanSender {
  const { endpoint, protocol, compress, fetch, clock, ...read } = options;
  const { timers } = read;
  const { url, isGuessedPlain } = tracesUrl(endpoint);
  const encoding = protocol === "json" ? otlpJson : otlpProto;
  const headers = requestHeaders(read.headers, encoding.contentType);
  let resource: Attributes | undefined;
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
    resource ??= {
      "service.name": "unknown_service",
      "telemetry.sdk.name": "barograph",
      "telemetry.sdk.language": "javascript",
      ...late(),
      ...read.resource,
    };
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
  return { send, onError };
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
