/**
 * One request to a collector, and the meaning of its answer.
 *
 * - Never throws; ends when its signal aborts.
 * - Reads at most 64 KiB of an answer.
 * - Follows no redirect: authorization headers are for one host.
 */
import type { Clock } from "../base/mod.ts";
import type { SendOutcome } from "./delivery.ts";

/** The part of `fetch` that exporters use. */
export type PostFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls the global `fetch`, looked up at each call. */
export const platformFetch: PostFetch = (url, init) => fetch(url, init);

/** The result of a request. */
export type PostOutcome =
  /** Accepted; the answer may report that items were rejected. */
  | { readonly state: "accepted"; readonly answer: Uint8Array }
  | Extract<SendOutcome, { state: "retry" | "refused" }>;

/** A request to post. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether to compress a body of at least 1 KiB. */
  readonly compress: boolean;
  /** Aborts when the time for the request is over. */
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
    const response = await fetch(url, {
      method: "POST",
      headers: isCompressed
        ? { ...headers, "content-encoding": "gzip" }
        : headers,
      body: isCompressed ? await gzip(body) : body,
      redirect: "manual",
      signal,
    });
    const { status } = response;
    if (status >= 200 && status < 300) {
      return { state: "accepted", answer: await firstBytes(response) };
    }
    // Neither awaited nor checked: the status is all that counts.
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

/** Returns the beginning of an answer, also of one that breaks off. */
async function firstBytes(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true };
      if (done || value === undefined) break;
      const room = value.subarray(0, MAX_ANSWER_BYTES - length);
      bytes.set(room, length);
      length += room.length;
      if (length === MAX_ANSWER_BYTES) break;
    }
  } catch {
    // The status has said already that the request was accepted.
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
