/**
 * Facts about the current process.
 *
 * - A fact is undefined if the runtime does not know it or lacks a permission.
 *   The user is never prompted for a permission.
 * - Values are read at each call; nothing is cached.
 */
import { builtin } from "./builtin.ts";
import { maxFilesIn, maxMemoryIn, virtualMemoryIn } from "./procfs.ts";

/** Memory of a process, in bytes. */
export interface ProcessMemory {
  /** Resident set size. */
  readonly resident: number;
  /** Size of the heap. */
  readonly heapTotal: number;
  /** Size of the part of the heap in use. */
  readonly heapUsed: number;
  /** Memory that objects hold outside the heap. */
  readonly external: number;
}

/** Facts about a process and its runtime; unknown ones are undefined. */
export interface ProcessInfo {
  /** Prefix of this runtime's metric names. */
  readonly runtime: "deno" | "bun" | "nodejs" | "workerd" | "js";
  /** Returns the version of the runtime. */
  version(): string | undefined;
  /** Returns the start time of the process, in unix seconds. */
  startTime(): number | undefined;
  /** Returns the CPU time used so far, user and system, in seconds. */
  cpuSeconds(): number | undefined;
  /** Returns the current memory usage. */
  memory(): ProcessMemory | undefined;
  /** Returns the size of virtual memory, in bytes. */
  virtualMemory(): number | undefined;
  /** Returns the limit of virtual memory in bytes; undefined if unlimited. */
  maxVirtualMemory(): number | undefined;
  /** Returns the number of open file descriptors. */
  openFiles(): number | undefined;
  /** Returns the limit of open file descriptors. */
  maxFiles(): number | undefined;
  /**
   * Calls `listener` after each garbage collection with its kind and duration
   * in seconds, until the result is disposed. Returns undefined if the runtime
   * does not report collections.
   */
  onGc(
    listener: (kind: string, seconds: number) => void,
  ): Disposable | undefined;
}

/** The global `process`, as far as it is used. */
export interface ProcessLike {
  readonly versions?: Readonly<Record<string, string>>;
  uptime?(): number;
  cpuUsage?(): { readonly user: number; readonly system: number };
  memoryUsage?(): {
    readonly rss: number;
    readonly heapTotal: number;
    readonly heapUsed: number;
    readonly external: number;
  };
  getBuiltinModule?(name: string): unknown;
}

/** The facts that each runtime provides itself. */
export interface RuntimeFacts
  extends Pick<ProcessInfo, "runtime" | "version" | "onGc"> {
  /** Returns whether a file may be read without prompting the user. */
  mayRead(path: string): boolean;
}

interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): readonly string[];
}

/** Combines the facts of `process`, procfs and the runtime. */
export function processInfoOf(
  process: ProcessLike | undefined,
  { runtime, version, onGc, mayRead }: RuntimeFacts,
): ProcessInfo {
  /** Returns the result of `read`; undefined if it throws or is not permitted. */
  const reading = <T>(
    path: string,
    read: (files: Files, path: string) => T,
  ): T | undefined => {
    try {
      if (!mayRead(path)) return undefined;
      const files = builtin<Files>("node:fs", process);
      return files && read(files, path);
    } catch {
      return undefined; // Deno may report "granted" and still refuse
    }
  };
  const parsed = <T>(path: string, parse: (text: string) => T) =>
    reading(path, (files) => parse(files.readFileSync(path, "utf8")));
  return {
    runtime,
    version,
    startTime: () => {
      const uptime = process?.uptime?.();
      return uptime === undefined ? undefined : Date.now() / 1000 - uptime;
    },
    cpuSeconds: () => {
      const used = process?.cpuUsage?.();
      return used && (used.user + used.system) / 1e6;
    },
    memory: () => {
      const used = process?.memoryUsage?.();
      if (used === undefined) return undefined;
      const { rss, heapTotal, heapUsed, external } = used;
      return { resident: rss, heapTotal, heapUsed, external };
    },
    virtualMemory: () => parsed("/proc/self/stat", virtualMemoryIn),
    maxVirtualMemory: () => parsed("/proc/self/limits", maxMemoryIn),
    openFiles: () =>
      // Minus the descriptor that is open only to list the folder.
      reading("/proc/self/fd", (fs, path) => fs.readdirSync(path).length - 1),
    maxFiles: () => parsed("/proc/self/limits", maxFilesIn),
    onGc,
  };
}
