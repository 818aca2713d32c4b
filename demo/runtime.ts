/** The parts of the runtime that the demo uses, on Deno and Bun. */
import { eventSockets } from "../src/http/mod.ts";

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
    readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown };
    exit(code: number): never;
  };
}

const { Deno, Bun, process } = globalThis as unknown as Runtimes;

/** The arguments after the name of the script. */
export const args: readonly string[] = Deno?.args ?? Bun?.argv.slice(2) ?? [];

/** Ends the process. */
export function exit(code: number): never {
  return process.exit(code);
}

/** Overwrites the last line of a terminal; does nothing without one. */
export function showLine(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

/** Ends the line that `showLine` wrote. */
export function endLine(): void {
  if (process.stdout.isTTY) process.stdout.write("\n");
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
