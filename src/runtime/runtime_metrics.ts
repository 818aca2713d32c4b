/** All that there is to tell of a process and its runtime, as one source. */
import type { FamilyDesc, Source } from "../model/mod.ts";
import type { Host } from "../platform/mod.ts";
import { thisHost } from "../platform/internal.ts";
import { buildInfo } from "./build_info.ts";
import { eventLoopDelay, type EventLoopOptions } from "./event_loop.ts";
import { garbageMetrics } from "./garbage.ts";
import { memoryMetrics } from "./memory.ts";
import { processMetrics } from "./process_metrics.ts";

/** The parts of it. */
export type RuntimePart =
  | "process"
  | "memory"
  | "eventLoop"
  | "garbage"
  | "build";

const PARTS: readonly RuntimePart[] = [
  "process",
  "memory",
  "eventLoop",
  "garbage",
  "build",
];

/** What is to be told of a process. */
export interface RuntimeOptions {
  /** Which parts; all unless given. */
  readonly parts?: readonly RuntimePart[];
  /** Facts about the program: see `buildInfo`. */
  readonly build?: Readonly<Record<string, string>>;
  /** How the delay of the event loop is measured. */
  readonly eventLoop?: EventLoopOptions;
  /** The process, this one unless given. */
  readonly host?: Host;
}

/**
 * Metrics of the process and its runtime, for `registry.add`. What the runtime
 * does not know, or has not been permitted, is left out. Nothing is done while
 * nobody scrapes, but for the delay of the event loop: dispose of it.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { runtimeMetrics } from "@barograph/barograph/runtime";
 *
 * const registry = createRegistry();
 * using metrics = runtimeMetrics({ build: { version: "1.2.0" } });
 * using _added = registry.add(metrics);
 * ```
 *
 * @throws {TypeError} If there is no such part.
 * @throws {RangeError} If a fact has no legal name of a label.
 */
export function runtimeMetrics(
  options: RuntimeOptions = {},
): Source & Disposable {
  const { parts = PARTS, build = {}, host = thisHost } = options;
  const unknown = parts.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot tell of "${unknown}": give any of ${PARTS.join(", ")}`,
    );
  }
  const make: Readonly<Record<RuntimePart, () => Source>> = {
    process: () => processMetrics(host),
    memory: () => memoryMetrics(host),
    eventLoop: () => eventLoopDelay({ host, ...options.eventLoop }),
    garbage: () => garbageMetrics(host),
    build: () => buildInfo(build, host),
  };
  const sources = PARTS.filter((part) => parts.includes(part))
    .map((part) => make[part]());
  return {
    get descs(): readonly FamilyDesc[] {
      return sources.flatMap(({ descs }) => descs);
    },
    parts: sources,
    collect(sink) {
      for (const source of sources) source.collect(sink);
    },
    [Symbol.dispose](): void {
      for (const source of sources) {
        (source as Partial<Disposable>)[Symbol.dispose]?.();
      }
    },
  };
}
