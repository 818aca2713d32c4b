/** All metrics of a process and its runtime, as one source. */
import {
  disposeAll,
  makeAll,
  ofType,
  readOptions,
  rule,
  type SchemaOf,
} from "../base/internal.ts";
import type { FamilyDesc, Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";
import { buildInfo, FACTS } from "./build_info.ts";
import { eventLoopDelay, type EventLoopOptions } from "./event_loop.ts";
import { gcMetrics } from "./gc.ts";
import { memoryMetrics } from "./memory.ts";
import { PROCESS_INFO } from "./process_option.ts";
import { processMetrics } from "./process_metrics.ts";
import { replaceable } from "./source.ts";

/** A part of the runtime metrics. */
export type RuntimePart = "process" | "memory" | "eventLoop" | "gc" | "build";

const PARTS: readonly RuntimePart[] = [
  "process",
  "memory",
  "eventLoop",
  "gc",
  "build",
];

/** The beginning of errors about options. */
export const ACTION = "Cannot expose runtime metrics";

/** Options of `runtimeMetrics`. */
export interface RuntimeOptions {
  /** The parts to expose. Default: all parts. */
  readonly parts?: readonly RuntimePart[] | undefined;
  /** Facts about the program; see `buildInfo`. Default: none. */
  readonly build?: Readonly<Record<string, string>> | undefined;
  /** Options of `eventLoopDelay`. Default: its defaults. */
  readonly eventLoop?: EventLoopOptions | undefined;
  /** The process to report. Default: this process. */
  readonly processInfo?: ProcessInfo | undefined;
}

/** The rules of `RuntimeOptions`. */
export const RUNTIME_OPTIONS = {
  parts: rule<readonly RuntimePart[]>(
    (value) =>
      Array.isArray(value) && value.every((part) => PARTS.includes(part)),
    `a list of any of ${PARTS.join(", ")}`,
    PARTS,
  ),
  build: FACTS,
  eventLoop: ofType<EventLoopOptions>(
    ["object"],
    "options, such as { resolution: 0.01 }",
    {},
  ),
  processInfo: PROCESS_INFO,
} satisfies SchemaOf<RuntimeOptions>;

/**
 * Returns a source of all metrics of the process and its runtime.
 *
 * Facts that the runtime does not know, or lacks a permission for, are left out.
 * Between scrapes, only the delay of the event loop and garbage collections cost
 * anything. Both are measured until the result is disposed.
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
 * @throws {TypeError | RangeError} If an option is wrong, or if the name of a
 *   build fact is not a legal label name.
 */
export function runtimeMetrics(
  options: RuntimeOptions = {},
): Source & Disposable {
  const { parts, build, eventLoop, processInfo: info = processInfo() } =
    readOptions(ACTION, RUNTIME_OPTIONS, options);
  const make: Readonly<Record<RuntimePart, () => Source>> = {
    process: () => processMetrics(info),
    memory: () => memoryMetrics(info),
    eventLoop: () => eventLoopDelay({ processInfo: info, ...eventLoop }),
    gc: () => gcMetrics(info),
    build: () => buildInfo(build, info),
  };
  const sources = makeAll(
    PARTS.filter((part) => parts.includes(part)).map((part) => make[part]),
  );
  return replaceable({
    get descs(): readonly FamilyDesc[] {
      return sources.flatMap(({ descs }) => descs);
    },
    parts: sources,
    collect(sink) {
      for (const source of sources) source.collect(sink);
    },
    [Symbol.dispose](): void {
      disposeAll(sources);
    },
  });
}
