/** The terminal, the files and the modules of a command-line program. */
import { builtin } from "./builtin.ts";

/** The size of a terminal, in characters. */
export interface TerminalSize {
  /** The width. */
  readonly columns: number;
  /** The height. */
  readonly rows: number;
}

/** The inputs and outputs of a command-line program. */
export interface CommandLine {
  /** Writes to standard output; resolves once the text is handed over. */
  write(text: string): Promise<void>;
  /** Writes to standard error; resolves once the text is handed over. */
  writeError(text: string): Promise<void>;
  /** Returns the size of the terminal; undefined if the output goes elsewhere. */
  size(): TerminalSize | undefined;
  /** Calls `listener` when the size changes, until the result is called. */
  onResize(listener: () => void): () => void;
  /**
   * Returns the text of a file.
   *
   * @throws {Error} If it cannot be read.
   */
  readText(path: string): string;
  /**
   * Writes a file, and creates its folder.
   *
   * @throws {Error} If it cannot be written.
   */
  writeText(path: string, text: string): void;
  /** Runs a module, by its path or URL, and returns its exports. */
  load(module: string): Promise<Readonly<Record<string, unknown>>>;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string, done: () => void): unknown;
  on?(event: "error", listener: () => void): unknown;
}

interface Process {
  readonly stdout?: Stream;
  readonly stderr?: Stream;
  on?(event: string, listener: () => void): unknown;
  off?(event: string, listener: () => void): unknown;
}

interface Files {
  mkdirSync(path: string, options: { recursive: true }): unknown;
  readFileSync(path: string, encoding: "utf8"): string;
  writeFileSync(path: string, text: string): void;
}

interface Path {
  dirname(path: string): string;
  resolve(path: string): string;
}

interface Urls {
  pathToFileURL(path: string): URL;
}

/** A URL; a single letter is a drive of Windows. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * Returns the command line of the program, by the global `process`. Without one,
 * it writes nothing, and has no files.
 */
export function commandLine(): CommandLine {
  const { process = {} } = globalThis as { readonly process?: Process };
  // The reader of a pipe may go away, as `head` does. Then nothing is written.
  for (const stream of [process.stdout, process.stderr]) {
    stream?.on?.("error", () => {});
  }
  const written = (stream: Stream | undefined, text: string) =>
    new Promise<void>((resolve) => {
      if (stream === undefined) resolve();
      else stream.write(text, () => resolve());
    });
  return {
    write: (text) => written(process.stdout, text),
    writeError: (text) => written(process.stderr, text),
    size() {
      const { isTTY, columns, rows } = process.stdout ?? {};
      // A terminal of unknown size reports 0.
      if (!isTTY || !columns || !rows) return undefined;
      return { columns, rows };
    },
    onResize(listener) {
      process.on?.("SIGWINCH", listener);
      return () => process.off?.("SIGWINCH", listener);
    },
    readText: (path) => needed<Files>("node:fs").readFileSync(path, "utf8"),
    writeText(path, text) {
      const files = needed<Files>("node:fs");
      const folder = needed<Path>("node:path").dirname(path);
      files.mkdirSync(folder, { recursive: true });
      files.writeFileSync(path, text);
    },
    load(module) {
      if (SCHEME.test(module)) return import(module);
      const path = needed<Path>("node:path").resolve(module);
      return import(needed<Urls>("node:url").pathToFileURL(path).href);
    },
  };
}

function needed<T>(name: string): T {
  const found = builtin<T>(name);
  if (found === undefined) throw new Error("this runtime has no files");
  return found;
}
