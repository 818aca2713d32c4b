/** The parts of the runtime that the demo uses, on Deno, Bun and Node. */
import { systemTimers } from "../src/base/mod.ts";
import {
  listen as listenByPlatform,
  type Listener,
  type ServeHandler,
} from "../src/platform/internal.ts";
import { ServeError } from "../src/platform/mod.ts";
import { StatusLine, type Terminal } from "./status_line.ts";

interface Output extends Terminal {
  write(text: string, done?: () => void): unknown;
  on(event: "error", listener: () => void): unknown;
}

interface Global {
  readonly process: {
    readonly argv: readonly string[];
    readonly stdout: Output;
    exit(code: number): never;
    on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  };
}

const { process } = globalThis as unknown as Global;

// The reader of a pipe has left, such as `head`: nobody reads the rest.
process.stdout.on("error", () => exit(0));

/** The arguments after the name of the script. */
export const args: readonly string[] = process.argv.slice(2);

/** Ends the process. */
export function exit(code: number): never {
  return process.exit(code);
}

/** Prints a line; resolves when it has been written. */
export function print(line: string): Promise<void> {
  return new Promise((done) => {
    process.stdout.write(`${line}\n`, () => done());
  });
}

/** The last line of the terminal. */
export const status: StatusLine = new StatusLine(
  process.stdout,
  () => performance.now() / 1000,
);

/**
 * Calls `stop` at each signal that asks the program to end. Under `deno task`,
 * one Ctrl+C is two signals: of the terminal, and of the task.
 */
export function onInterrupt(stop: () => void): void {
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/**
 * Starts a server on the loopback address.
 *
 * @throws {Error} With one line, if the port is in use.
 */
export async function listen(
  port: number,
  handler: ServeHandler,
): Promise<Listener> {
  const hostname = "127.0.0.1";
  try {
    const options = { port, hostname, timers: systemTimers };
    return await listenByPlatform(handler, options);
  } catch (error) {
    if (!(error instanceof ServeError) || error.fault !== "port_in_use") {
      throw error;
    }
    throw new Error(
      `port ${port} is in use; choose another one with --port N`,
      { cause: error },
    );
  }
}
