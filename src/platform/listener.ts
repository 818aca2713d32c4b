/** The types that listening shares across runtimes, and how a listener stops. */
import type { Timers } from "../base/mod.ts";

/** Certificates as PEM text. */
export interface Tls {
  /** The certificate chain: the certificate of the server comes first. */
  readonly cert: string;
  /** The private key of the certificate. */
  readonly key: string;
  /** The oldest TLS version that is accepted. Default: "1.2". */
  readonly minVersion?: "1.2" | "1.3" | undefined;
  /** The authorities of client certificates, which clients must then present. */
  readonly clientCa?: string | undefined;
}

/** The address to listen on, and how. */
export interface ListenOptions {
  /** The port; 0 for any free one. */
  readonly port: number;
  /** The address to bind. */
  readonly hostname: string;
  /** The path of a Unix socket, used instead of port and address. */
  readonly unix?: string | undefined;
  /** The certificates for TLS. Default: no TLS. */
  readonly tls?: Tls | undefined;
  /** The timers that limit how long `stop` waits. */
  readonly timers: Timers;
}

/** Answers requests; `server` is the second argument of the runtime. */
export type ServeHandler = (
  request: Request,
  server?: unknown,
) => Response | undefined | Promise<Response | undefined>;

/** A server that is listening. */
export interface Listener {
  /** The bound port; 0 for a Unix socket. */
  readonly port: number;
  /**
   * Stops accepting requests, waits up to `seconds` for requests in flight, then
   * closes their connections.
   */
  stop(seconds: number): Promise<void>;
}

/**
 * Seconds for a response to be written, once its handler has answered, before
 * idle and silent connections are closed.
 */
export const WRITE_SECONDS = 0.2;

/** Waits for `seconds`, and holds the process. */
export function wait(seconds: number, timers: Timers): Promise<void> {
  return new Promise((done) => {
    timers.after(seconds, done, { holds: true });
  });
}

/** Seconds that closing connections may take after `seconds` of a stop. */
const CLOSE_SECONDS = 1;

/**
 * Waits up to `seconds` for `graceful`, then runs `force`. Settles within
 * `seconds` and one more, even if neither settles.
 */
export async function stopWithin(
  seconds: number,
  timers: Timers,
  graceful: Promise<void>,
  force: () => Promise<void>,
): Promise<void> {
  if (await isLate(graceful, seconds, timers)) {
    await isLate(force(), CLOSE_SECONDS, timers);
  }
}

/** Waits up to `seconds` for `work`. Returns whether it is still pending. */
async function isLate(
  work: Promise<void>,
  seconds: number,
  timers: Timers,
): Promise<boolean> {
  let cancel = () => {};
  const late = new Promise<true>((resolve) => {
    // Holds the process, which must not end while `stop` waits.
    cancel = timers.after(seconds, () => resolve(true), { holds: true });
  });
  try {
    return await Promise.race([work, late]) === true;
  } finally {
    cancel();
  }
}
