/**
 * Facts about a process of Node: what all runtimes know, and the signals of V8
 * and of the event loop. An unknown runtime has none of these.
 */
import { builtin } from "./builtin.ts";
import {
  type ActiveKind,
  type DelayMonitor,
  type HeapSpace,
  type LoopTime,
  type ProcessInfo,
  processInfoOf,
  type ProcessLike,
} from "./process_info.ts";

interface GcEntry {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

interface Process extends ProcessLike {
  getActiveResourcesInfo?(): readonly string[];
  _getActiveHandles?(): readonly unknown[];
  _getActiveRequests?(): readonly unknown[];
}

interface Global {
  readonly process?: Process;
  readonly PerformanceObserver?: new (
    listener: (list: { getEntries(): readonly GcEntry[] }) => void,
  ) => { observe(options: object): void; disconnect(): void };
}

/** The module `node:v8`, as far as it is used. */
interface V8 {
  getHeapSpaceStatistics?(): readonly {
    readonly space_name: string;
    readonly space_size: number;
    readonly space_used_size: number;
    readonly space_available_size: number;
    readonly physical_space_size?: number;
  }[];
}

/** A histogram of `node:perf_hooks`, in nanoseconds. */
interface Histogram {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly stddev: number;
  percentile(percent: number): number;
  reset(): void;
  enable(): void;
  disable(): void;
}

interface PerfHooks {
  readonly performance?: {
    /** In milliseconds. */
    eventLoopUtilization?(): LoopTime;
  };
  monitorEventLoopDelay?(options: { readonly resolution: number }): Histogram;
}

/**
 * The kinds of garbage collection, by their constant in `node:perf_hooks`. V8
 * has two collectors of the young generation.
 */
const GC_KINDS: Readonly<Record<number, string>> = {
  1: "minor",
  2: "minor",
  4: "major",
  8: "incremental",
  16: "weakcb",
};

/** `Runtime.processInfo` of Node and of unknown runtimes. */
export function nodeProcessInfo(): ProcessInfo {
  const { process, PerformanceObserver } = globalThis as Global;
  const version = process?.versions?.["node"];
  const isNode = version !== undefined;
  return processInfoOf(process, {
    runtime: isNode ? "nodejs" : "js",
    version: () => version,
    mayRead: () => true,
    onGc(listener) {
      // Other runtimes accept this entry type but never report it.
      if (!isNode || PerformanceObserver === undefined) return undefined;
      const observer = new PerformanceObserver((list) => {
        for (const { duration, detail } of list.getEntries()) {
          listener(GC_KINDS[detail?.kind ?? 0] ?? "other", duration / 1000);
        }
      });
      observer.observe({ entryTypes: ["gc"] });
      return { [Symbol.dispose]: () => observer.disconnect() };
    },
    ...process && isNode && {
      heapSpaces: () => heapSpaces(process),
      monitorDelays: (resolution) => monitorDelays(process, resolution),
      loopTime: () => loopTime(process),
      active: (kind) => active(process, kind),
    },
  });
}

function heapSpaces(process: Process): readonly HeapSpace[] | undefined {
  const v8 = builtin<V8>("node:v8", process);
  return v8?.getHeapSpaceStatistics?.().map((space) => ({
    name: space.space_name.replace(/_space$/, ""),
    total: space.space_size,
    used: space.space_used_size,
    available: space.space_available_size,
    physical: space.physical_space_size,
  }));
}

function monitorDelays(
  process: Process,
  resolution: number,
): DelayMonitor | undefined {
  const hooks = builtin<PerfHooks>("node:perf_hooks", process);
  const delays = hooks?.monitorEventLoopDelay?.({
    resolution: Math.max(1, Math.round(resolution * 1000)),
  });
  if (delays === undefined) return undefined;
  delays.enable(); // does not keep the process alive
  return {
    take() {
      if (!(delays.count > 0)) return undefined;
      const percentile = (percent: number) => delays.percentile(percent) / 1e9;
      const stats = {
        min: delays.min / 1e9,
        max: delays.max / 1e9,
        mean: delays.mean / 1e9,
        stddev: delays.stddev / 1e9,
        p50: percentile(50),
        p90: percentile(90),
        p99: percentile(99),
      };
      delays.reset();
      return stats;
    },
    [Symbol.dispose]: () => delays.disable(),
  };
}

function loopTime(process: Process): LoopTime | undefined {
  const hooks = builtin<PerfHooks>("node:perf_hooks", process);
  const time = hooks?.performance?.eventLoopUtilization?.();
  return time && { active: time.active / 1000, idle: time.idle / 1000 };
}

/** Counts by type; a type is the name of a class, except for resources. */
function active(
  process: Process,
  kind: ActiveKind,
): ReadonlyMap<string, number> | undefined {
  const found = kind === "resources"
    ? process.getActiveResourcesInfo?.()
    : kind === "handles"
    ? process._getActiveHandles?.()
    : process._getActiveRequests?.();
  if (found === undefined) return undefined;
  const counts = new Map<string, number>();
  for (const item of found) {
    const type = typeof item === "string" ? item : classOf(item);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

function classOf(object: unknown): string {
  const { name } = (object as { readonly constructor?: unknown } | null)
    ?.constructor as { readonly name?: unknown } ?? {};
  return typeof name === "string" && name !== "" ? name : "unknown";
}
