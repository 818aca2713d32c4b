/**
 * Sends one request to a collector and interprets the response.
 *
 * - Never throws; ends when its signal aborts, even if `fetch` ignores it.
 * - Reads at most 64 KiB of a response, and 4 KiB for at most a second of one
 *   that reports an error.
 * - Follows no redirect: authorization headers are meant for one host.
 * - Is neither traced nor counted, even if the global `fetch` is instrumented.
 */
import type { Clock, Timers } from "../base/mod.ts";
import {
  bareFetch,
  callSafely,
  quoted,
  untilAborted,
} from "../base/internal.ts";
import { asOwnWork } from "../platform/internal.ts";
import type { SendOutcome } from "./delivery.ts";
import { withoutQuery } from "./endpoint.ts";
import { fetchError, withWords } from "./fault.ts";

/** The part of `fetch` that exporters use. */
export type PostFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls the global `fetch`, looked up at each call. */
export const platformFetch: PostFetch = (url, init) =>
  bareFetch(fetch)(url, init);

/** The result of a request. */
export type PostOutcome =
  /** Accepted; the body of the response may report rejected items. */
  | { readonly state: "accepted"; readonly answer: Uint8Array }
  | Exclude<SendOutcome, { state: "accepted" }>;

/** Where and how requests are posted. */
export interface PostTarget {
  /**
   * Whether to compress bodies of at least 1 KiB; false as soon as the collector
   * refuses a compressed one.
   */
  compress: boolean;
  readonly fetch: PostFetch;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Status codes that are worth a retry. */
  readonly retryable: ReadonlySet<number>;
  /** Returns the message in the body of a response that reports an error. */
  readonly messageIn: (answer: Uint8Array, contentType: string) => string;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The request that `post` sends. */
export interface PostRequest {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Aborts at the timeout of the request. */
  readonly signal: AbortSignal;
}

const MIN_COMPRESSED_BYTES = 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_MESSAGE_BYTES = 4096;
/** Maximum time to wait for the message of an error, in seconds. */
const MAX_MESSAGE_WAIT = 1;
/** Maximum number of chunks of a body, which may be empty. */
const MAX_CHUNKS = 1024;
const MAX_RETRY_AFTER = 300;

const TOO_LARGE = 413;
const UNSUPPORTED_MEDIA_TYPE = 415;

/** Messages about the size of a request: not all collectors answer 413. */
const ABOUT_SIZE =
  /too (?:large|big)|larger than max|(?:body|payload|size|length|bytes)\b.{0,40}exceed|exceed.{0,40}(?:body|payload|size|length|bytes)\b/i;

/** Messages about limits that halves of a request would exceed as well. */
const ABOUT_RATE = /\b(?:rate|quota)\b/i;

/**
 * Posts a request. Network errors and the retryable status codes are worth a
 * retry; all others outside of 2xx are final.
 */
export async function post(
  target: PostTarget,
  request: PostRequest,
): Promise<PostOutcome> {
  const { fetch, url, headers, retryable, clock } = target;
  const { body, signal } = request;
  try {
    const isCompressed = target.compress && canCompress &&
      body.length >= MIN_COMPRESSED_BYTES;
    const init: RequestInit = {
      method: "POST",
      headers: isCompressed
        ? { ...headers, "content-encoding": "gzip" }
        : headers,
      body: isCompressed ? await gzip(body) : body,
      redirect: "manual",
      signal,
    };
    // Asynchronous, since a custom fetch may throw or return no promise.
    const answering = asOwnWork(async () => await bareFetch(fetch)(url, init));
    const response = await untilAborted(answering, signal).catch((error) => {
      answering.then(discard, () => {}); // a response that comes too late
      throw error;
    });
    const { status } = response;
    if (status >= 200 && status < 300) {
      const answer = await firstBytes(response, MAX_ANSWER_BYTES, signal);
      return { state: "accepted", answer };
    }
    const message = await messageOf(response, target, signal);
    const error = new Error(
      withWords(`the collector answered ${status}`, message),
    );
    if (retryable.has(status)) {
      const after = retryAfter(response.headers.get("retry-after"), clock);
      return { state: "retry", after, error };
    }
    if (status === UNSUPPORTED_MEDIA_TYPE && isCompressed) {
      target.compress = false;
      return await post(target, request);
    }
    const isTooLarge = status === TOO_LARGE ||
      ABOUT_SIZE.test(message) && !ABOUT_RATE.test(message);
    return { state: isTooLarge ? "tooLarge" : "refused", error };
  } catch (thrown) {
    const error = fetchError(thrown, new URL(url).search);
    return { state: "retry", after: undefined, error };
  }
}

/** Returns the words of a response that reports an error. */
async function messageOf(
  response: Response,
  { messageIn, timers }: PostTarget,
  signal: AbortSignal,
): Promise<string> {
  const { headers, status } = response;
  const location = headers.get("location");
  if (status >= 300 && status < 400 && location !== null) {
    discard(response);
    return `it redirects to ${quoted(withoutQuery(location))}; ` +
      `give the final address as the endpoint`;
  }
  if (response.body === null || headers.get("content-length") === "0") {
    return "";
  }
  const deadline = new AbortController();
  const cancel = timers.after(MAX_MESSAGE_WAIT, () => deadline.abort());
  const either = AbortSignal.any([signal, deadline.signal]);
  const answer = await firstBytes(response, MAX_MESSAGE_BYTES, either);
  cancel();
  return messageIn(answer, headers.get("content-type") ?? "");
}

/**
 * Returns the first bytes of a body, even if its stream fails later or `signal`
 * aborts; never throws.
 */
async function firstBytes(
  response: Response,
  max: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(max);
  let length = 0;
  let reader: Reader | undefined;
  try {
    reader = response.body?.getReader();
    for (let chunks = 0; chunks < MAX_CHUNKS && length < max; chunks++) {
      if (reader === undefined) break;
      const { done, value } = await untilAborted(reader.read(), signal);
      if (done) break;
      const chunk = value.subarray(0, max - length);
      bytes.set(chunk, length);
      length += chunk.length;
    }
  } catch {
    // The status already says whether the request was accepted.
  }
  if (reader !== undefined) callSafely(cancelReader, reader); // harmless at the end
  return bytes.subarray(0, length);
}

/** A reader in the types of any platform: some add methods. */
type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

function cancelReader(reader: Reader): Promise<void> {
  return reader.cancel();
}

/** Ends a response whose body is not read. */
function discard(response: Response): void {
  callSafely(() => response.body?.cancel(), undefined);
}

/**
 * Parses `Retry-After`: seconds or a date (RFC 9110, section 10.2.3), which
 * begins with the name of a day.
 */
function retryAfter(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined;
  const isDate = /^[a-z]{3,9},? /i.test(header);
  const seconds = isDate
    ? Date.parse(header) / 1000 - clock.unix()
    : /^[0-9]+$/.test(header)
    ? Number(header)
    : NaN;
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(0, seconds), MAX_RETRY_AFTER);
}

const canCompress = typeof CompressionStream === "function";

/** Compresses `body` with gzip. */
async function gzip(
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([body]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
