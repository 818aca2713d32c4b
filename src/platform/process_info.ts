/**
 * Facts about the current process.
 *
 * - A fact is undefined if the runtime does not know it or lacks a permission.
 *   The user is never prompted for a permission.
 * - Values are read at each call; limits are read once.
 */
import { builtin } from "./builtin.ts";
import {
  heapMemoryIn,
  maxFilesIn,
  maxMemoryIn,
  virtualMemoryIn,
} from "./procfs.ts";

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

/** CPU time of a process, in seconds. */
export interface ProcessCpu {
  /** Time in the code of the program. */
  readonly user: number;
  /** Time in the kernel, on behalf of the program. */
  readonly system: number;
}

/** Virtual memory of a process, in bytes; parts are undefined if unknown. */
export interface MappedMemory {
  /** The size of all of it. */
  readonly all: number | undefined;
  /** The size of data and heap. */
  readonly heap: number | undefined;
}

/** A space of the heap: sizes in bytes. */
export interface HeapSpace {
  /** Its name without the ending `_space`, such as `old`. */
  readonly name: string;
  /** Its size. */
  readonly total: number;
  /** The size of the part in use. */
  readonly used: number;
  /** The size of the part that is free. */
  readonly available: number;
  /** The memory that it occupies. */
  readonly physical?: number | undefined;
}

/** Times of the event loop since its start, in seconds. */
export interface LoopTime {
  /** Time in which it ran code. */
  readonly active: number;
  /** Time in which it waited for events. */
  readonly idle: number;
}

/** Statistics of the delays between two turns of the event loop, in seconds. */
export interface DelayStats {
  /** The shortest delay. */
  readonly min: number;
  /** The longest delay. */
  readonly max: number;
  /** The mean. */
  readonly mean: number;
  /** The standard deviation. */
  readonly stddev: number;
  /** The median. */
  readonly p50: number;
  /** The 90th percentile. */
  readonly p90: number;
  /** The 99th percentile. */
  readonly p99: number;
}

/** Measures the delays of the event loop until it is disposed. */
export interface DelayMonitor extends Disposable {
  /**
   * Returns the statistics since the last call, or undefined if nothing was
   * measured since.
   */
  take(): DelayStats | undefined;
}

/** The kinds of objects that the event loop waits for. */
export type ActiveKind = "resources" | "handles" | "requests";

/**
 * Facts about a process and its runtime; unknown ones are undefined. Runtimes
 * leave out optional methods that they do not support.
 */
export interface ProcessInfo {
  /** Prefix of this runtime's metric names. */
  readonly runtime: "deno" | "bun" | "nodejs" | "workerd" | "js";
  /** Returns the version of the runtime. */
  version(): string | undefined;
  /** Returns the start time of the process, in unix seconds. */
  startTime(): number | undefined;
  /** Returns the CPU time used so far, user and system, in seconds. */
  cpuSeconds(): number | undefined;
  /** Returns the same CPU time in its two parts. */
  cpu?(): ProcessCpu | undefined;
  /** Returns the current memory usage. */
  memory(): ProcessMemory | undefined;
  /** Returns the size of virtual memory, in bytes. */
  virtualMemory(): number | undefined;
  /** Returns the limit of virtual memory in bytes; undefined if unlimited. */
  maxVirtualMemory(): number | undefined;
  /** Returns the sizes of virtual memory and of a part of it. */
  mapped?(): MappedMemory | undefined;
  /** Returns the spaces of the runtime's heap. */
  heapSpaces?(): readonly HeapSpace[] | undefined;
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
  /**
   * Starts to measure the delays of the event loop every `resolution` seconds,
   * in the runtime itself.
   */
  monitorDelays?(resolution: number): DelayMonitor | undefined;
  /** Returns how long the event loop has worked and waited. */
  loopTime?(): LoopTime | undefined;
  /** Counts what the event loop waits for, by type. */
  active?(kind: ActiveKind): ReadonlyMap<string, number> | undefined;
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
export interface RuntimeFacts extends
  Pick<
    ProcessInfo,
    | "runtime"
    | "version"
    | "heapSpaces"
    | "onGc"
    | "monitorDelays"
    | "loopTime"
    | "active"
  > {
  /** Returns whether a file may be read without prompting the user. */
  mayRead(path: string): boolean;
  /** Default: those of `node:fs`. */
  readonly files?: Files;
}

/** Functions that read files. */
export interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): readonly unknown[];
}

/** Combines the facts of `process`, procfs and the runtime. */
export function processInfoOf(
  process: ProcessLike | undefined,
  { mayRead, files, ...facts }: RuntimeFacts,
): ProcessInfo {
  /** Returns the result of `read`; undefined if it throws or is not permitted. */
  const reading = <T>(
    path: string,
    read: (files: Files, path: string) => T,
  ): T | undefined => {
    try {
      if (!mayRead(path)) return undefined;
      const found = files ?? builtin<Files>("node:fs", process);
      return found && read(found, path);
    } catch {
      return undefined; // Deno may report "granted" and still refuse
    }
  };
  const parsed = <T>(path: string, parse: (text: string) => T) =>
    reading(path, (files) => parse(files.readFileSync(path, "utf8")));
  const mapped = () =>
    parsed("/proc/self/status", (status) => ({
      all: virtualMemoryIn(status),
      heap: heapMemoryIn(status),
    }));
  let limits: string | undefined;
  const limit = (find: (limits: string) => number | undefined) => {
    limits ??= parsed("/proc/self/limits", (text) => text);
    return limits === undefined ? undefined : find(limits);
  };
  const cpu = (): ProcessCpu | undefined => {
    const used = process?.cpuUsage?.();
    return used && { user: used.user / 1e6, system: used.system / 1e6 };
  };
  return {
    ...facts,
    startTime: () => {
      const uptime = process?.uptime?.();
      return uptime === undefined ? undefined : Date.now() / 1000 - uptime;
    },
    cpuSeconds: () => {
      const used = cpu();
      return used && used.user + used.system;
    },
    cpu,
    memory: () => {
      const used = process?.memoryUsage?.();
      if (used === undefined) return undefined;
      const { rss, heapTotal, heapUsed, external } = used;
      return { resident: rss, heapTotal, heapUsed, external };
    },
    virtualMemory: () => mapped()?.all,
    maxVirtualMemory: () => limit(maxMemoryIn),
    mapped,
    openFiles: () =>
      // Minus the descriptor that is open only to list the folder.
      reading("/proc/self/fd", (fs, path) => fs.readdirSync(path).length - 1),
    maxFiles: () => limit(maxFilesIn),
  };
}
