/**
 * A telemetry server on its own port: metrics, events, health.
 *
 * - The default address is reachable from this machine only; `address` is the
 *   actual URL.
 * - Stopping ends feeds first, then waits for scrapes, up to a limit.
 */
import { ignoreRejection } from "../base/internal.ts";
import { listen, type Listener, onHostStop } from "../platform/internal.ts";
import { ServeError } from "../platform/mod.ts";
import {
  loadTls,
  type ServerSettings,
  serverSettings,
  type ServeTelemetryOptions,
} from "./options.ts";
import { type Routes, routesOf } from "./routes.ts";

/** A telemetry server. */
export interface TelemetryServer extends AsyncDisposable {
  /** Whether the server is listening and not stopping. */
  readonly running: boolean;
  /** The bound port; 0 for a Unix socket, or while the server is stopped. */
  readonly port: number;
  /** The URL of the metrics, such as `http://localhost:9090/metrics`. */
  readonly address: string;
  /** Listens again after a stop; rejects with a `ServeError` if that fails. */
  start(): Promise<void>;
  /**
   * Ends feeds, stops accepting requests, and waits up to `seconds` for requests
   * in flight. Default: 5. Further calls are harmless; disposal also stops.
   */
  stop(seconds?: number): Promise<void>;
}

/**
 * Starts a server with an index page at `/`, metrics at `/metrics`, `/health`,
 * `/ready`, and `/events` if there is a bus. `authorize` guards all paths but
 * `/health` and `/ready`. Rejects with a `ServeError` if it cannot listen.
 *
 * ```ts
 * import { serveTelemetry } from "@barograph/barograph/server";
 *
 * await using server = await serveTelemetry({ port: 0 });
 * console.log(server.address); // http://localhost:…/metrics
 * ```
 *
 * @throws {TypeError | RangeError} Synchronously, if an option is wrong.
 */
export function serveTelemetry<M extends object = Record<string, unknown>>(
  options: ServeTelemetryOptions<M> = {},
): Promise<TelemetryServer> {
  const settings = serverSettings(options);
  return started(new Server(settings));
}

async function started<M extends object>(
  server: Server<M>,
): Promise<TelemetryServer> {
  await server.start();
  return server;
}

class Server<M extends object> implements TelemetryServer {
  readonly #settings: ServerSettings<M>;
  readonly #onAbort = (): void => void ignoreRejection(this.stop());
  #listener: Listener | undefined;
  /** The routes of the next start, or of the running server. */
  #routes: Routes | undefined;
  #starting: Promise<Listener> | undefined;
  #stopping: Promise<void> | undefined;
  #ignoreHost: () => void = () => {};

  constructor(settings: ServerSettings<M>) {
    this.#settings = settings;
    // Made here, so that a wrong bus or check throws before anything waits.
    this.#routes = routesOf(settings);
  }

  get running(): boolean {
    return this.#listener !== undefined && this.#stopping === undefined;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get address(): string {
    const { tls, unix, hostname, path, port } = this.#settings;
    const scheme = tls === undefined ? "http" : "https";
    if (unix !== undefined) return `${scheme}+unix://${unix}:${path}`;
    const bound = this.#listener?.port ?? port;
    return `${scheme}://${reachableHost(hostname)}:${bound}${path}`;
  }

  async start(): Promise<void> {
    if (this.#listener !== undefined || this.#starting !== undefined) {
      throw new ServeError(
        "already_started",
        `the server already listens at ${this.address}; call stop() first`,
      );
    }
    const { port, hostname, path, unix, tls, timers, signal } = this.#settings;
    const routes = this.#routes ??= routesOf(this.#settings);
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    try {
      this.#starting = listen(routes.handler, {
        port,
        hostname,
        unix,
        tls: tls && loadTls(tls),
        timers,
      });
      this.#listener = await this.#starting;
    } catch (error) {
      // It has mounted a page, whose timers would go on.
      routes.drain();
      this.#routes = undefined;
      signal?.removeEventListener("abort", this.#onAbort);
      throw error;
    } finally {
      this.#starting = undefined;
    }
    routes.page?.announce(this.address.slice(0, -path.length));
    // A server beside a host's would keep the process alive after the host's end.
    this.#ignoreHost = onHostStop(this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  stop(seconds = 5): Promise<void> {
    if (this.#starting !== undefined) {
      return this.#starting.then(() => this.stop(seconds), () => {});
    }
    const listener = this.#listener;
    if (listener === undefined) return Promise.resolve();
    return this.#stopping ??= (async () => {
      this.#settings.signal?.removeEventListener("abort", this.#onAbort);
      this.#ignoreHost();
      this.#routes?.drain();
      this.#routes = undefined;
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

/** Returns a host name that reaches the bound address from this machine. */
function reachableHost(hostname: string): string {
  if (/^(?:127\.0\.0\.1|0\.0\.0\.0|::1?|localhost)$/.test(hostname)) {
    return "localhost";
  }
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
