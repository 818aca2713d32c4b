/**
 * One request to a collector, and what its answer means.
 *
 * - It never throws, and takes no longer than it may.
 * - Of an answer no more than 64 KiB are read, whatever is sent.
 * - No redirect is followed: headers of authorization are for one host.
 */
import type { Clock } from "../base/mod.ts";

/** The `fetch` of the platform, as far as it is used. */
export type PostFetch = (url: string, init: RequestInit) => Promise<Response>;

/** That of the platform, whichever it is at that time. */
export const platformFetch: PostFetch = (url, init) => fetch(url, init);

/** What a request came to. */
export type Outcome =
  /** Taken; the answer may say that some of it was not. */
  | { readonly state: "taken"; readonly answer: Uint8Array }
  /** Worth another try, after some seconds if the collector says so. */
  | {
    readonly state: "retry";
    readonly after: number | undefined;
    readonly error: Error;
  }
  /** Refused for good. */
  | { readonly state: "refused"; readonly error: Error };

/** What is posted, and how long it may take. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether to compress the body, if that is worth it. */
  readonly compress: boolean;
  /** Aborts when there is no more time for it. */
  readonly signal: AbortSignal;
}

const WORTH_COMPRESSING = 1024;
const MOST_BYTES = 64 * 1024;
const MOST_WAIT = 300;

/** Those that OTLP says to try again. */
const TRANSIENT: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Posts, and says what came of it. */
export async function post(
  fetch: PostFetch,
  { url, headers, body, compress, signal }: Post,
  clock: Clock,
): Promise<Outcome> {
  try {
    const isLong = compress && body.length >= WORTH_COMPRESSING && canCompress;
    const response = await fetch(url, {
      method: "POST",
      headers: isLong ? { ...headers, "content-encoding": "gzip" } : headers,
      body: isLong ? await gzipped(body) : body,
      redirect: "manual",
      signal,
    });
    const { status } = response;
    if (status >= 200 && status < 300) {
      return { state: "taken", answer: await firstBytes(response) };
    }
    // Not waited for, nor of interest how it goes: the status has said it all.
    response.body?.cancel().catch(() => {});
    const error = new Error(`the collector answered ${status}`);
    if (!TRANSIENT.has(status)) return { state: "refused", error };
    const after = secondsOf(response.headers.get("retry-after"), clock);
    return { state: "retry", after, error };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { state: "retry", after: undefined, error };
  }
}

/** What an answer begins with. An answer that breaks off has been given. */
async function firstBytes(response: Response): Promise<Uint8Array> {
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true };
      if (done || value === undefined) break;
      const room = value.subarray(0, MOST_BYTES - length);
      bytes.set(room, length);
      length += room.length;
      if (length === MOST_BYTES) break;
    }
  } catch {
    // The status has said that it was taken.
  }
  reader?.cancel().catch(() => {}); // does nothing if it was read to its end
  return bytes.subarray(0, length);
}

/** Seconds to wait by `Retry-After`: a number, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(header)
    ? Number(header)
    : Date.parse(header) / 1000 - clock.unix();
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(0, seconds), MOST_WAIT);
}

const canCompress = typeof CompressionStream === "function";

/** `body` as gzip has it. */
async function gzipped(
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([body]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
