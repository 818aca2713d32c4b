/**
 * One request to a collector, and what its answer means.
 *
 * - It never throws, and takes no longer than it may.
 * - Of an answer no more than 64 KiB are read, whatever is sent.
 * - No redirect is followed: headers of authorization are for one host.
 */

/** The `fetch` of the platform, as far as it is used. */
export type PostFetch = (url: string, init: RequestInit) => Promise<Response>;

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
  /** Aborts when there is no more time for it. */
  readonly signal: AbortSignal;
}

const MOST_BYTES = 64 * 1024;
const MOST_WAIT = 300;

/** Those that OTLP says to try again. */
const TRANSIENT: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Posts, and says what came of it; `now` is unix seconds. */
export async function post(
  fetch: PostFetch,
  { url, headers, body, signal }: Post,
  now: number,
): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal,
    });
    const { status } = response;
    if (status >= 200 && status < 300) {
      return { state: "taken", answer: await firstBytes(response) };
    }
    await response.body?.cancel();
    const error = new Error(`the collector answered ${status}`);
    if (!TRANSIENT.has(status)) return { state: "refused", error };
    const after = secondsOf(response.headers.get("retry-after"), now);
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
      if (length < MOST_BYTES) continue;
      await reader?.cancel();
      break;
    }
  } catch {
    // The status has said that it was taken.
  }
  return bytes.subarray(0, length);
}

/** Seconds to wait by `Retry-After`: a number, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^[0-9]{1,9}$/.test(header)
    ? Number(header)
    : Date.parse(header) / 1000 - now;
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(0, seconds), MOST_WAIT);
}

/** `body` as gzip has it. */
export async function gzipped(
  body: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([body]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
