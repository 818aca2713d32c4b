/**
 * Listening, on whichever runtime there is.
 *
 * - What a runtime cannot do is refused before anything is bound, and never
 *   left out in silence: a certificate that nobody asks for protects nobody.
 * - Stopping waits for what is under way, for a while, and then does not.
 */
import { listenByNode, type NodeHttp } from "./serve_node.ts";
import { type WebSocketHandlers, webSocketHandlers } from "./websocket.ts";

/** Why a server could not be started. */
export type ServeFault =
  | "already_started"
  | "port_in_use"
  | "address_unavailable"
  | "not_permitted"
  | "bad_certificate"
  | "unsupported";

/** A server could not be started; `message` says what to do. */
export class ServeError extends Error {
  /** The name of the class. */
  override readonly name = "ServeError";
  /** Why. */
  readonly fault: ServeFault;

  /** `cause` is what the runtime said. */
  constructor(fault: ServeFault, message: string, cause?: unknown) {
    super(`Cannot serve telemetry: ${message}`, { cause });
    this.fault = fault;
  }
}

/** Certificates, as PEM. */
export interface Tls {
  /** The certificate, and those that lead from it to a known authority. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
  /** The oldest version of TLS that is spoken; 1.2 unless given. */
  readonly minVersion?: "1.2" | "1.3";
  /** Clients must have a certificate of one of these authorities. */
  readonly clientCa?: string;
}

/** Where to listen, and how. */
export interface ListenOptions {
  /** The port; 0 for any that is free. */
  readonly port: number;
  /** The address to bind. */
  readonly hostname: string;
  /** The path of a Unix socket, in the place of both. */
  readonly unix?: string;
  /** Speaks TLS. */
  readonly tls?: Tls;
}

/** Answers requests; `server` is what the runtime passes beside them. */
export type ServeHandler = (
  request: Request,
  server?: unknown,
) => Response | undefined | Promise<Response | undefined>;

/** A server that listens. */
export interface Listener {
  /** The port that is bound; 0 for a Unix socket. */
  readonly port: number;
  /** Takes no more requests; waits for those under way, for so many seconds. */
  stop(seconds: number): Promise<void>;
}

interface DenoServer {
  readonly addr: { readonly port?: number };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

interface BunServer {
  readonly port?: number;
  stop(force: boolean): Promise<void>;
}

interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: ServeHandler): DenoServer;
  };
  readonly Bun?: { serve(options: object): BunServer };
  readonly process?: {
    getBuiltinModule?(name: string): NodeHttp | undefined;
  };
}

/**
 * Listens.
 *
 * @throws {ServeError} If it cannot.
 */
export async function listen(
  handler: ServeHandler,
  options: ListenOptions,
): Promise<Listener> {
  const { Deno, Bun, process } = globalThis as Runtimes;
  try {
    if (Bun !== undefined) return onBun(Bun, handler, options);
    const { clientCa, minVersion } = options.tls ?? {};
    // Deno's own server would let in clients without a certificate, and speak
    // TLS 1.2, whatever it is told.
    const isPlain = clientCa === undefined && minVersion !== "1.3";
    if (Deno !== undefined && isPlain) return onDeno(Deno, handler, options);
    const name = options.tls === undefined ? "node:http" : "node:https";
    const module = process?.getBuiltinModule?.(name);
    if (module !== undefined) {
      return await listenByNode(module, handler, options);
    }
  } catch (error) {
    throw faultOf(error, options);
  }
  throw new ServeError(
    "unsupported",
    "this runtime has no server; mount the handlers in one of your own",
  );
}

function onDeno(
  { serve }: NonNullable<Runtimes["Deno"]>,
  handler: ServeHandler,
  { port, hostname, unix, tls }: ListenOptions,
): Listener {
  const cut = new AbortController();
  const server = serve({
    ...unix === undefined ? { port, hostname } : { path: unix },
    ...tls && { cert: tls.cert, key: tls.key },
    signal: cut.signal,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, handler);
  return {
    port: server.addr.port ?? 0,
    stop: (seconds) =>
      within(seconds, server.shutdown(), async () => {
        cut.abort();
        await server.finished;
      }),
  };
}

/** `SSL_OP_NO_TLSv1_2` of OpenSSL, which BoringSSL has too. */
const NO_TLS_1_2 = 0x08000000;

function onBun(
  { serve }: NonNullable<Runtimes["Bun"]>,
  handler: ServeHandler,
  { port, hostname, unix, tls }: ListenOptions,
): Listener {
  const websocket: WebSocketHandlers = webSocketHandlers;
  const server = serve({
    ...unix === undefined ? { port, hostname } : { unix },
    ...tls && {
      tls: {
        cert: tls.cert,
        key: tls.key,
        ...tls.minVersion === "1.3" && { secureOptions: NO_TLS_1_2 },
        ...tls.clientCa !== undefined && {
          ca: tls.clientCa,
          requestCert: true,
          rejectUnauthorized: true,
        },
      },
    },
    fetch: handler,
    websocket,
    error: () => new Response(null, { status: 500 }),
    development: false,
    reusePort: false, // else it shares a port that is in use, without a word
  });
  return {
    port: server.port ?? 0,
    stop: (seconds) =>
      within(seconds, server.stop(false), () => server.stop(true)),
  };
}

/** Waits for `graceful`, and after so many seconds does what `force` does. */
async function within(
  seconds: number,
  graceful: Promise<void>,
  force: () => Promise<void>,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), seconds * 1000);
  });
  try {
    if (await Promise.race([graceful, late]) === "late") await force();
  } finally {
    clearTimeout(timer);
  }
}

/** What the runtime said, in our words. */
function faultOf(error: unknown, options: ListenOptions): ServeError {
  const { port, hostname, unix } = options;
  const { name = "", code = "", message = "" } = error as {
    readonly name?: string;
    readonly code?: string;
    readonly message?: string;
  };
  const where = unix ?? `${hostname}:${port}`;
  const says = (...words: string[]) =>
    words.some((word) => `${name} ${code} ${message}`.includes(word));
  if (says("AddrInUse", "EADDRINUSE")) {
    return new ServeError(
      "port_in_use",
      `${where} is in use; stop what listens there, or give another port, ` +
        `such as 0 for any that is free`,
      error,
    );
  }
  if (says("NotCapable", "PermissionDenied", "EACCES")) {
    return new ServeError(
      "not_permitted",
      `there is no permission to listen on ${where}; give --allow-net, or ` +
        `a port from 1024 on`,
      error,
    );
  }
  if (options.tls !== undefined && !says("EADDRNOTAVAIL", "AddrNotAvailable")) {
    return new ServeError(
      "bad_certificate",
      `the certificate or its key cannot be used; give both as PEM, and the ` +
        `key that belongs to the certificate`,
      error,
    );
  }
  return new ServeError(
    "address_unavailable",
    `${where} cannot be listened on; give an address of this machine, such ` +
      `as 127.0.0.1`,
    error,
  );
}
