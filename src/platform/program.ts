/** A program and its environment: arguments, signals, exit code. */
import { builtin } from "./builtin.ts";

/** The program that is running. */
export interface Program {
  /** Returns the command-line arguments, without runtime and script. */
  args(): readonly string[];
  /**
   * Writes a line to the standard error itself: whoever captures the console
   * does not get it. Never throws.
   */
  print(line: string): void;
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
  readonly stderr?: { write(text: string): unknown };
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
    print(line) {
      try {
        process.stderr?.write(`${line}\n`);
      } catch {
        // It is closed.
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
