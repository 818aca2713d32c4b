/**
 * Sends one request to a receiver and interprets the response.
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
import type { SendOutcome } from "./send_outcome.ts";
import { withoutQuery } from "./address.ts";
import { fetchError, withWords } from "./fault.ts";
import { withoutSecrets } from "./secrets.ts";

/** The part of `fetch` that exporters use. */
export type PostFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls the global `fetch`, looked up at each call. */
export const platformFetch: PostFetch = (url, init) =>
  bareFetch(fetch)(url, init);

/** The part of a response that is final which receivers use to say more. */
interface Answered {
  readonly status: number;
  readonly headers: Response["headers"];
}

/** The result of a request. */
export type PostOutcome =
  /** Accepted; the body of the response may report rejected items. */
  | Answered & { readonly state: "accepted"; readonly answer: Uint8Array }
  | Answered & Extract<SendOutcome, { state: "tooLarge" | "refused" }>
  | Extract<SendOutcome, { state: "retry" }>;

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
  /** The receiver, as the subject of an error. Default: `the collector`. */
  readonly receiver?: string | undefined;
  /** The option that holds the address. Default: `endpoint`. */
  readonly addressOption?: string | undefined;
  /** Tells the status codes that are worth a retry. */
  readonly retryable: { has(status: number): boolean };
  /** Returns the message in the body of a response that reports an error. */
  readonly messageIn: (answer: Uint8Array, contentType: string) => string;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The request that `post` sends. */
export interface PostRequest {
  /** Default: POST. */
  readonly method?: "POST" | "PUT" | "DELETE" | undefined;
  /** Headers beside those of the target. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
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
  const { fetch, url, retryable, clock, receiver = "the collector" } = target;
  const { method = "POST", body, signal } = request;
  const headers = { ...target.headers, ...request.headers };
  try {
    const isCompressed = target.compress && canCompress &&
      body !== undefined && body.length >= MIN_COMPRESSED_BYTES;
    const init: RequestInit = {
      method,
      headers: isCompressed
        ? { ...headers, "content-encoding": "gzip" }
        : headers,
      body: isCompressed ? await gzip(body) : body ?? null,
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
    const errorOf = (words: string): Error => {
      const said = withoutSecrets(words, target.headers);
      return new Error(withWords(`${receiver} answered ${status}`, said));
    };
    if (status >= 200 && status < 300) {
      const answer = await firstBytes(response, MAX_ANSWER_BYTES, signal);
      const page = wordsOfPage(response, answer, target);
      if (page !== undefined) {
        const error = errorOf(page);
        return { state: "refused", status, headers: response.headers, error };
      }
      return { state: "accepted", status, headers: response.headers, answer };
    }
    const message = await messageOf(response, target, signal);
    const error = errorOf(message);
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
    return {
      state: isTooLarge ? "tooLarge" : "refused",
      status,
      headers: response.headers,
      error,
    };
  } catch (thrown) {
    const error = fetchError(thrown, new URL(url));
    return { state: "retry", after: undefined, error };
  }
}

/** Returns the words of a response that reports an error. */
async function messageOf(
  response: Response,
  target: PostTarget,
  signal: AbortSignal,
): Promise<string> {
  const { messageIn, timers, addressOption = "endpoint" } = target;
  const { headers, status } = response;
  const location = headers.get("location");
  if (status >= 300 && status < 400 && location !== null) {
    discard(response);
    return `it redirects to ${quoted(withoutQuery(location))}; ` +
      `give the final address as the ${addressOption}`;
  }
  if (response.body === null || headers.get("content-length") === "0") {
    return "";
  }
  const deadline = new AbortController();
  const cancel = timers.after(MAX_MESSAGE_WAIT, () => deadline.abort());
  const either = AbortSignal.any([signal, deadline.signal]);
  const answer = await firstBytes(response, MAX_MESSAGE_BYTES, either);
  cancel();
  return wordsOfPage(response, answer, target) ??
    messageIn(answer, headers.get("content-type") ?? "");
}

/**
 * Returns what to say about a page for people; undefined if the answer is none.
 * Any web server, proxy or login form answers by one, but no receiver confirms a
 * push by one.
 */
function wordsOfPage(
  { headers, status }: Response,
  answer: Uint8Array,
  { addressOption = "endpoint" }: PostTarget,
): string | undefined {
  const type = headers.get("content-type") ?? "";
  if (!/^text\/html\b/i.test(type)) return undefined;
  const begin = answer.subarray(0, MAX_MESSAGE_BYTES);
  const text = new TextDecoder().decode(begin);
  if (!/^\s*</.test(text)) return undefined;
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1]?.trim();
  const words = "a web page" +
    (title ? ` with the title ${quoted(title)}` : "");
  const isElsewhere = status < 300 || status === 404 || status === 405;
  return isElsewhere ? `${words}; check the ${addressOption}` : words;
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
