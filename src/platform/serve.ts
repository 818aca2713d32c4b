/**
 * Listens in the same way on every runtime.
 *
 * - An option that the runtime does not support is an error before anything is
 *   bound: a server that ignored `clientCa` would admit everyone.
 * - A Unix socket that a killed program left behind is replaced.
 * - Stopping waits for requests in flight, up to a limit.
 */
import type { Listener, ListenOptions, ServeHandler } from "./listener.ts";
import { serve } from "./runtime.ts";
import { removeStaleSocket } from "./unix_socket.ts";

/** The reason why a server could not be started. */
export type ServeFault =
  | "already_started"
  | "port_in_use"
  | "address_unavailable"
  | "not_permitted"
  | "bad_certificate"
  | "unsupported";

/** The error of a server that could not be started; `message` says what to do. */
export class ServeError extends Error {
  /** The name of the class. */
  override readonly name = "ServeError";
  /** The reason. */
  readonly fault: ServeFault;

  /** `message` follows "Cannot serve telemetry: "; `cause` is the first error. */
  constructor(fault: ServeFault, message: string, cause?: unknown) {
    super(`Cannot serve telemetry: ${message}`, { cause });
    this.fault = fault;
  }
}

/** Listens for requests; rejects with a `ServeError` if that fails. */
export async function listen(
  handler: ServeHandler,
  options: ListenOptions,
): Promise<Listener> {
  const { unix, timers } = options;
  let listener: Listener | undefined;
  try {
    listener = await serve(handler, options);
  } catch (error) {
    const fault = faultOf(error, options);
    const isReplaceable = unix !== undefined && fault.fault === "port_in_use" &&
      await removeStaleSocket(unix, timers);
    if (!isReplaceable) throw fault;
    listener = await serve(handler, options).catch((error) => {
      throw faultOf(error, options);
    });
  }
  if (listener !== undefined) return listener;
  throw new ServeError(
    "unsupported",
    "this runtime has no server; mount the handlers in your own server",
  );
}

/** Returns the `ServeError` for an error of the runtime. */
function faultOf(error: unknown, options: ListenOptions): ServeError {
  const { port, hostname, unix } = options;
  const { name = "", code = "", message = "" } = error as {
    readonly name?: string;
    readonly code?: string;
    readonly message?: string;
  };
  const address = unix ?? `${hostname}:${port}`;
  const isSocket = unix !== undefined;
  const mentions = (...words: string[]) =>
    words.some((word) => `${name} ${code} ${message}`.includes(word));
  if (mentions("AddrInUse", "EADDRINUSE")) {
    return new ServeError(
      "port_in_use",
      isSocket
        ? `${address} is in use; stop the program that listens there, remove ` +
          `the file if it is no socket, or give another path`
        : `${address} is in use; stop the program that listens there, or give ` +
          `another port, such as 0 for any free one`,
      error,
    );
  }
  if (mentions("NotCapable", "PermissionDenied", "EACCES")) {
    return new ServeError(
      "not_permitted",
      isSocket
        ? `there is no permission to listen on ${address}; give --allow-read ` +
          `and --allow-write, or a path in a folder that can be written`
        : `there is no permission to listen on ${address}; give --allow-net, ` +
          `or a port from 1024 on`,
      error,
    );
  }
  const isAddress = isSocket
    ? mentions("ENOENT", "ENOTDIR", "ENAMETOOLONG", "EINVAL", "NotFound")
    : mentions("EADDRNOTAVAIL", "AddrNotAvailable");
  if (options.tls !== undefined && !isAddress) {
    return new ServeError(
      "bad_certificate",
      `the certificate or its key cannot be used; give both as PEM, and the ` +
        `key that belongs to the certificate`,
      error,
    );
  }
  return new ServeError(
    "address_unavailable",
    isSocket
      ? `listening on ${address} failed; give a path of fewer than 104 bytes ` +
        `in a folder that exists`
      : `listening on ${address} failed; give an address of this machine, ` +
        `such as 127.0.0.1`,
    error,
  );
}
