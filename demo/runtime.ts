/** The parts of the runtime that the demo uses, on Deno and Bun. */
import { eventSockets } from "../src/http/mod.ts";
import { StatusLine, type Terminal } from "./status_line.ts";

/** A running server. */
export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

type Handler = (
  request: Request,
  server?: unknown,
) => Response | Promise<Response>;

interface DenoLike {
  readonly args: readonly string[];
  serve(options: object, handler: Handler): {
    readonly addr: { readonly port: number };
    shutdown(): Promise<void>;
  };
}

interface BunLike {
  readonly argv: readonly string[];
  serve(options: object): {
    readonly port: number;
    stop(force: boolean): Promise<void>;
  };
}

interface Runtimes {
  readonly Deno?: DenoLike;
  readonly Bun?: BunLike;
  readonly process: {
    readonly stdout: Terminal;
    exit(code: number): never;
    once(signal: "SIGINT", listener: () => void): unknown;
  };
}

const { Deno, Bun, process } = globalThis as unknown as Runtimes;

/** The arguments after the name of the script. */
export const args: readonly string[] = Deno?.args ?? Bun?.argv.slice(2) ?? [];

/** Ends the process. */
export function exit(code: number): never {
  return process.exit(code);
}

/** The last line of the terminal. */
export const status: StatusLine = new StatusLine(
  process.stdout,
  () => performance.now() / 1000,
);

/** Calls `stop` at the first Ctrl+C; the second one ends the process. */
export function onInterrupt(stop: () => void): void {
  process.once("SIGINT", stop);
}

/**
 * Starts a server on the loopback address.
 *
 * @throws {Error} With one line, if the port is in use.
 */
export function listen(port: number, handler: Handler): Running {
  const hostname = "127.0.0.1";
  try {
    if (Deno !== undefined) {
      const options = { port, hostname, onListen: () => {} };
      const server = Deno.serve(options, handler);
      return { port: server.addr.port, stop: () => server.shutdown() };
    }
    const websocket = eventSockets; // for `/events` by WebSocket
    const server = Bun!.serve({ port, hostname, fetch: handler, websocket });
    return { port: server.port, stop: () => server.stop(true) };
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "EADDRINUSE") {
      throw error;
    }
    throw new Error(
      `port ${port} is in use; choose another one with --port N`,
      { cause: error },
    );
  }
}
