/**
 * The main module of the program, which all its isolates must name alike.
 *
 * No runtime reports it in a Worker. There, it is found in the command line where
 * that can be read; otherwise `onGuess` is called, and the Worker's own module is
 * returned.
 */
import { builtin } from "./builtin.ts";

interface Process {
  readonly argv?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  cwd?(): string;
}

interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  existsSync(path: string): boolean;
}

interface Path {
  resolve(path: string): string;
}

const COMMAND_LINE = "/proc/self/cmdline";

/** Splits a command line of Linux. */
function wordsOf(line: string): readonly string[] {
  return line.split("\0").slice(0, -1);
}

/** The modules of pm2 that load the program in `pm_exec_path`. */
const PM2_LOADER = /[\\/]ProcessContainer\w*\.js$/;

/**
 * Returns the main module on Node and Bun: `process.argv[1]`, which node:cluster
 * sets for the processes that it starts, or the program that pm2 has loaded.
 */
export function nodeMainPath(onGuess: () => void): string {
  const { process = {} } = globalThis as { readonly process?: Process };
  const own = process.argv?.[1] ?? "";
  const loaded = process.env?.["pm_exec_path"];
  const threads = builtin<{ isMainThread?: boolean }>("node:worker_threads");
  if (threads?.isMainThread !== false) {
    return PM2_LOADER.test(own) ? loaded ?? own : own;
  }
  const found = loaded ?? mainArgument(process);
  if (found === undefined) onGuess();
  return found ?? own;
}

/** Returns the first argument that is neither an option nor a command. */
function mainArgument(process: Process): string | undefined {
  const fs = builtin<Files>("node:fs");
  const path = builtin<Path>("node:path");
  if (fs === undefined || path === undefined) return undefined;
  try {
    const words = wordsOf(fs.readFileSync(COMMAND_LINE, "utf8"));
    const first = 1 + (process.execArgv?.length ?? 0);
    const rest = words.slice(words[first] === "run" ? first + 1 : first);
    const found = rest.map((word) => path.resolve(word))
      .find((file) => fs.existsSync(file));
    return found;
  } catch {
    return undefined; // no Linux
  }
}

interface DenoNamespace {
  readonly mainModule?: string;
  readonly args: readonly string[];
  cwd(): string;
  readTextFileSync(path: string): string;
  readonly permissions?: {
    querySync?(query: object): { readonly state: string };
  };
}

/** Returns the main module on Deno, as a URL. */
export function denoMainPath(onGuess: () => void): string {
  const { Deno, location, WorkerGlobalScope } = globalThis as unknown as {
    readonly Deno: DenoNamespace;
    readonly location?: { readonly href: string };
    readonly WorkerGlobalScope?: unknown;
  };
  if (WorkerGlobalScope === undefined && Deno.mainModule !== undefined) {
    return Deno.mainModule;
  }
  const found = mainOfCommandLine(Deno);
  if (found === undefined) onGuess();
  return found ?? location?.href ?? "";
}

/** Returns the main module of a Worker; undefined if it cannot be found out. */
function mainOfCommandLine(Deno: DenoNamespace): string | undefined {
  const query = { name: "read", path: COMMAND_LINE };
  if (Deno.permissions?.querySync?.(query).state !== "granted") {
    return undefined;
  }
  try {
    // The arguments of the program stand after its name.
    const words = wordsOf(Deno.readTextFileSync(COMMAND_LINE));
    const main = words.at(-1 - Deno.args.length);
    return main && new URL(main, new URL(`${Deno.cwd()}/`, "file:")).href;
  } catch {
    return undefined;
  }
}
