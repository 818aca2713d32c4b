/** Sends encoded requests to an OTLP collector over HTTP. */
import type { SendOutcome } from "../send_outcome.ts";
import { requestHeaders, warnIfPlain, warnOnce } from "../exporter_options.ts";
import { withWords } from "../fault.ts";
import { post, type PostTarget } from "../post.ts";
import { withoutSecrets } from "../secrets.ts";
import { messageIn, partialSuccessIn } from "./answers.ts";
import { otlpUrl, type Signal } from "./endpoint.ts";
import type { ReadOtlpOptions } from "./options.ts";

/** Status codes that OTLP/HTTP calls retryable. */
const RETRYABLE: ReadonlySet<number> = /* @__PURE__ */ new Set([
  429,
  502,
  503,
  504,
]);

/** The content types, exactly as collectors compare them. */
export const CONTENT_TYPES = {
  json: "application/json",
  protobuf: "application/x-protobuf",
} as const;

/** The limit that OTLP recommends for a request before compression. */
export const MAX_BODY_BYTES = 64 * 2 ** 20;

/** A connection to one collector for one kind of telemetry. */
export interface OtlpTransport {
  /** Posts a request once; ends when `signal` aborts. Never rejects. */
  readonly send: (
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ) => Promise<Exclude<SendOutcome, { state: "expired" }>>;
  /** The option of that name. Default: logs the first failure. */
  readonly onError: (error: Error) => void;
}

/** The telemetry that a transport carries. */
export interface Cargo {
  readonly signal: Signal;
  /**
   * The first words of each error about an option, such as `Cannot export
   * spans`.
   */
  readonly action: string;
  /** The items in messages, such as `spans`. */
  readonly items: string;
}

/** The options that a transport reads, checked. */
export type TransportOptions = Pick<
  ReadOtlpOptions,
  | "endpoint"
  | "protocol"
  | "headers"
  | "compress"
  | "onError"
  | "fetch"
  | "clock"
  | "timers"
>;

/**
 * Returns the transport of `options`.
 *
 * @throws {TypeError} If the endpoint or a header is wrong.
 */
export function otlpTransport(
  options: TransportOptions,
  { signal: kind, action, items }: Cargo,
): OtlpTransport {
  const { endpoint, protocol, compress, fetch, clock, timers } = options;
  const address = otlpUrl(endpoint, kind);
  const { url } = address;
  const target: PostTarget = {
    compress,
    fetch,
    url: url.href,
    headers: requestHeaders(action, options.headers, CONTENT_TYPES[protocol]),
    retryable: RETRYABLE,
    messageIn,
    clock,
    timers,
  };
  warnIfPlain(`${items} are exported`, address);
  const hint = url.port === "4317"
    ? "; 4317 is the port of gRPC, try 4318"
    : "";
  return {
    onError: options.onError ??
      warnOnce(`export ${items}`, url.href, hint),
    async send(body, signal) {
      const outcome = await post(target, { body, signal });
      if (outcome.state !== "accepted") return outcome;
      const { rejected, words } = partialSuccessIn(
        outcome.answer,
        protocol,
        kind,
      );
      const text = rejected > 0
        ? `the collector has rejected ${rejected} ${items}`
        : words !== ""
        ? "the collector warns"
        : undefined;
      const error = text === undefined
        ? undefined
        : new Error(withWords(text, withoutSecrets(words, target.headers)));
      return { state: "accepted", rejected, error };
    },
  };
}
