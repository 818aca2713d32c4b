/** A program and its environment: arguments, variables, signals, exit code. */
import { builtin } from "./builtin.ts";

/** The program that is running. */
export interface Program {
  /** Returns the command-line arguments, without runtime and script. */
  args(): readonly string[];
  /** Returns an environment variable; undefined if unset or not permitted. */
  env(name: string): string | undefined;
  /** Ends the program with an exit code. */
  end(code: number): void;
  /** Resolves at the first SIGINT or SIGTERM. */
  endRequested(): Promise<void>;
  /**
   * Returns the text of a file.
   *
   * @throws {Error} If the file cannot be read, or the runtime reads no files.
   */
  readText(path: string): string;
}

interface Process {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  on?(signal: string, listener: () => void): unknown;
  off?(signal: string, listener: () => void): unknown;
  exit?(code: number): never;
}

interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
}

/** Returns the running program; what the global `process` lacks does nothing. */
export function processProgram(): Program {
  const { process = {} } = globalThis as { readonly process?: Process };
  return {
    args: () => process.argv?.slice(2) ?? [],
    env(name) {
      try {
        return process.env?.[name];
      } catch {
        return undefined; // Deno throws without the permission
      }
    },
    end: (code) => void process.exit?.(code),
    endRequested: () =>
      new Promise((resolve) => {
        const signals = ["SIGINT", "SIGTERM"];
        const listener = () => {
          for (const signal of signals) process.off?.(signal, listener);
          resolve();
        };
        for (const signal of signals) process.on?.(signal, listener);
      }),
    readText(path) {
      const files = builtin<Files>("node:fs");
      if (files === undefined) {
        throw new Error("this runtime cannot read files");
      }
      return files.readFileSync(path, "utf8");
    },
  };
}
