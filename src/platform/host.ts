/**
 * Questions about the process that this code is part of.
 *
 * - Every answer may be absent: because the runtime does not know, or because
 *   it has not been permitted. Nothing is asked of the user.
 * - What is asked for is read at that moment, and nothing is kept.
 */
import { maxFilesIn, maxMemoryIn, virtualMemoryIn } from "./procfs.ts";

/** Memory of a process, in bytes. */
export interface HostMemory {
  /** All that is resident. */
  readonly resident: number;
  /** What the heap has taken from the system. */
  readonly heapTotal: number;
  /** What of it is in use. */
  readonly heapUsed: number;
  /** What objects hold outside of the heap. */
  readonly external: number;
}

/** A process, and the runtime that it runs on. */
export interface Host {
  /** By which the names of metrics of that runtime begin. */
  readonly runtime: "deno" | "bun" | "nodejs" | "js";
  /** The version of the runtime. */
  version(): string | undefined;
  /** When the process began, in unix seconds. */
  startTime(): number | undefined;
  /** Processor time so far, in seconds. */
  cpuSeconds(): number | undefined;
  /** Memory at the moment. */
  memory(): HostMemory | undefined;
  /** Virtual memory in bytes. */
  virtualMemory(): number | undefined;
  /** The limit of virtual memory in bytes; undefined if there is none. */
  maxVirtualMemory(): number | undefined;
  /** Files that are open. */
  openFiles(): number | undefined;
  /** The most files that may be open. */
  maxFiles(): number | undefined;
  /**
   * Tells of each collection of garbage, in seconds, until the result is
   * disposed; undefined if the runtime does not tell.
   */
  onGarbage(
    listener: (kind: string, seconds: number) => void,
  ): Disposable | undefined;
}

interface Process {
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

interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): readonly string[];
}

interface GarbageEntry {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

/** What is looked at of a runtime's global object. */
export interface HostGlobal {
  readonly process?: Process;
  readonly Deno?: {
    readonly version: { readonly deno: string };
    readonly permissions?: {
      querySync?(ask: object): { readonly state: string };
    };
  };
  readonly Bun?: { readonly version: string };
  readonly PerformanceObserver?: new (
    listener: (list: { getEntries(): readonly GarbageEntry[] }) => void,
  ) => { observe(options: object): void; disconnect(): void };
}

/** Numbers of collections in Node's `perf_hooks.constants`. */
const KINDS: Readonly<Record<number, string>> = {
  1: "minor",
  4: "major",
  8: "incremental",
  16: "weak_callbacks",
};

/** The process that `global` is the global object of. */
export function hostOf(global: HostGlobal): Host {
  const { process, Deno, Bun, PerformanceObserver } = global;
  const files = () =>
    process?.getBuiltinModule?.("node:fs") as Files | undefined;
  /** What `read` reads; undefined if it may not, or cannot. */
  const of = <T>(
    path: string,
    read: (files: Files, path: string) => T,
  ): T | undefined => {
    try {
      // Not to be asked for: a question would stop the program.
      const asked = { name: "read", path };
      const may = Deno?.permissions?.querySync?.(asked).state;
      if (may !== undefined && may !== "granted") return undefined;
      const module = files();
      return module && read(module, path);
    } catch {
      return undefined; // Deno says "granted" of more than it lets through
    }
  };
  const textOf = (path: string) =>
    of(path, (files, at) => files.readFileSync(at, "utf8"));
  const parsed = <T>(path: string, parse: (text: string) => T) => {
    const text = textOf(path);
    return text === undefined ? undefined : parse(text);
  };
  const runtime = Deno !== undefined
    ? "deno"
    : Bun !== undefined
    ? "bun"
    : process?.versions?.["node"] !== undefined
    ? "nodejs"
    : "js";
  return {
    runtime,
    version: () =>
      Deno?.version.deno ?? Bun?.version ?? process?.versions?.["node"],
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
      // One of them is open because it is looked at.
      of("/proc/self/fd", (files, at) => files.readdirSync(at).length - 1),
    maxFiles: () => parsed("/proc/self/limits", maxFilesIn),
    onGarbage: (listener) => {
      // Others list these entries as well, and never make one.
      if (runtime !== "nodejs" || PerformanceObserver === undefined) {
        return undefined;
      }
      const observer = new PerformanceObserver((list) => {
        for (const { duration, detail } of list.getEntries()) {
          listener(KINDS[detail?.kind ?? 0] ?? "other", duration / 1000);
        }
      });
      observer.observe({ entryTypes: ["gc"] });
      return { [Symbol.dispose]: () => observer.disconnect() };
    },
  };
}

/** This process. */
export const thisHost: Host = hostOf(globalThis as HostGlobal);
