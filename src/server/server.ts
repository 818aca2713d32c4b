/**
 * A server of its own for telemetry: metrics, events, health.
 *
 * - It binds this machine's own address unless told otherwise, and tells the
 *   one that it really has.
 * - Stopping ends feeds first, waits for scrapes, and then waits no more.
 */
import { ServeError } from "../platform/mod.ts";
import { listen, type Listener, type Tls } from "../platform/internal.ts";
import {
  checkArguments,
  loadedTls,
  type ServeTelemetryOptions,
} from "./options.ts";
import { type Routes, routesOf } from "./routes.ts";

/** A telemetry server. */
export interface TelemetryServer extends AsyncDisposable {
  /** Whether it listens. */
  readonly running: boolean;
  /** The port that is bound; 0 for a Unix socket, or while it is stopped. */
  readonly port: number;
  /** Where the metrics are, such as `http://localhost:9090/metrics`. */
  readonly address: string;
  /** Listens again, after it was stopped; rejects with a `ServeError`. */
  start(): Promise<void>;
  /**
   * Ends feeds, takes no more requests, waits for those under way for so many
   * seconds (5), and stops. Once is enough; disposing does it too.
   */
  stop(seconds?: number): Promise<void>;
}

const PORT = 9090;
const HOSTNAME = "127.0.0.1";

/**
 * Serves telemetry: a page at `/`, metrics at `/metrics`, `/health`, `/ready`,
 * and `/events` where there is a bus. Everything but health and readiness is
 * behind `authorize`.
 *
 * ```ts
 * import { serveTelemetry } from "@barograph/barograph/server";
 *
 * await using server = await serveTelemetry({ port: 0 });
 * console.log(server.address); // http://localhost:…/metrics
 * ```
 *
 * Rejects with a `ServeError` if it cannot listen.
 *
 * @throws {TypeError | RangeError} At once, if an option is wrong.
 */
export function serveTelemetry<M extends object = Record<string, unknown>>(
  options: ServeTelemetryOptions<M> = {},
): Promise<TelemetryServer> {
  checkArguments(options);
  return started(new Server(options), options.signal);
}

async function started(
  server: TelemetryServer,
  signal: AbortSignal | undefined,
): Promise<TelemetryServer> {
  await server.start();
  const stop = () => void server.stop();
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  return server;
}

class Server<M extends object> implements TelemetryServer {
  readonly #options: ServeTelemetryOptions<M>;
  #listener: Listener | undefined;
  #routes: Routes | undefined;
  #starting = false;
  #stopping: Promise<void> | undefined;

  constructor(options: ServeTelemetryOptions<M>) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#listener !== undefined && this.#stopping === undefined;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get address(): string {
    const { tls, unix, hostname = HOSTNAME, path = "/metrics" } = this.#options;
    const scheme = tls === undefined ? "http" : "https";
    if (unix !== undefined) return `${scheme}+unix://${unix}:${path}`;
    const port = this.#listener?.port ?? this.#options.port ?? PORT;
    return `${scheme}://${shownHost(hostname)}:${port}${path}`;
  }

  async start(): Promise<void> {
    if (this.#listener !== undefined || this.#starting) {
      throw new ServeError(
        "already_started",
        `it listens at ${this.address} already; stop() it first`,
      );
    }
    const { port = PORT, hostname = HOSTNAME, unix, tls } = this.#options;
    const certificates: Tls | undefined = tls && loadedTls(tls);
    const routes = routesOf(this.#options);
    this.#starting = true;
    try {
      this.#listener = await listen(routes.handler, {
        port,
        hostname,
        ...unix !== undefined && { unix },
        ...certificates && { tls: certificates },
      });
      this.#routes = routes;
    } finally {
      this.#starting = false;
    }
  }

  stop(seconds = 5): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return Promise.resolve();
    return this.#stopping ??= (async () => {
      this.#routes?.drain();
      try {
        await listener.stop(seconds);
      } finally {
        this.#listener = undefined;
        this.#stopping = undefined;
      }
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** By which this machine can reach an address that it has bound. */
function shownHost(hostname: string): string {
  if (/^(?:127\.0\.0\.1|0\.0\.0\.0|::1?|localhost)$/.test(hostname)) {
    return "localhost";
  }
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
