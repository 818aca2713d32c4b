/**
 * Sends one request to a collector and interprets the response.
 *
 * - Never throws; ends when its signal aborts.
 * - Reads at most 64 KiB of a response.
 * - Follows no redirect: authorization headers are meant for one host.
 * - Is neither traced nor counted, even if the global `fetch` is instrumented.
 */
import type { Clock } from "../base/mod.ts";
import { bareFetch } from "../base/internal.ts";
import { unobserved } from "../trace/internal.ts";
import type { SendOutcome } from "./delivery.ts";

/** The part of `fetch` that exporters use. */
export type PostFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls the global `fetch`, looked up at each call. */
export const platformFetch: PostFetch = (url, init) =>
  bareFetch(fetch)(url, init);

/** The result of a request. */
export type PostOutcome =
  /** Accepted; the body of the response may report rejected items. */
  | { readonly state: "accepted"; readonly answer: Uint8Array }
  | Extract<SendOutcome, { state: "retry" | "refused" }>;

/** The request that `post` sends. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether to compress a body of at least 1 KiB. */
  readonly compress: boolean;
  /** Aborts at the timeout of the request. */
  readonly signal: AbortSignal;
}

const MIN_COMPRESSED_BYTES = 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_RETRY_AFTER = 300;

/**
 * Posts a request. Network errors and the status codes in `retryable` are worth
 * a retry; all others outside of 2xx are final.
 */
export async function post(
  fetch: PostFetch,
  { url, headers, body, compress, signal }: PostRequest,
  retryable: ReadonlySet<number>,
  clock: Clock,
): Promise<PostOutcome> {
  try {
    const isCompressed = compress && canCompress &&
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
    const response = await unobserved(() => bareFetch(fetch)(url, init));
    const { status } = response;
    if (status >= 200 && status < 300) {
      return { state: "accepted", answer: await firstBytes(response) };
    }
    // Not awaited, and errors are ignored: only the status matters.
    response.body?.cancel().catch(() => {});
    const error = new Error(`the collector answered ${status}`);
    if (!retryable.has(status)) return { state: "refused", error };
    const after = retryAfter(response.headers.get("retry-after"), clock);
    return { state: "retry", after, error };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { state: "retry", after: undefined, error };
  }
}

/** Returns the first bytes of a body, even if its stream fails later. */
async function firstBytes(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true };
      if (done || value === undefined) break;
      const chunk = value.subarray(0, MAX_ANSWER_BYTES - length);
      bytes.set(chunk, length);
      length += chunk.length;
      if (length === MAX_ANSWER_BYTES) break;
    }
  } catch {
    // The status already says that the request was accepted.
  }
  reader?.cancel().catch(() => {}); // does nothing after the last chunk
  return bytes.subarray(0, length);
}

/** Parses `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(header)
    ? Number(header)
    : Date.parse(header) / 1000 - clock.unix();
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
