/** All metrics of a process and its runtime, as one source. */
import type { MetricNames } from "../base/mod.ts";
import {
  disposeAll,
  makeAll,
  METRIC_NAMES,
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
  /**
   * The names of the metrics: those that Prometheus clients use, those of
   * OpenTelemetry's semantic conventions, or both. A metric for which there is no
   * convention keeps its name. Default: `prometheus`.
   */
  readonly names?: MetricNames | undefined;
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
  names: METRIC_NAMES,
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
  const read = readOptions(ACTION, RUNTIME_OPTIONS, options);
  const { names, parts, build, eventLoop } = read;
  const { processInfo: info = processInfo() } = read;
  const make: Readonly<Record<RuntimePart, () => Source>> = {
    process: () => processMetrics(info, names),
    memory: () => memoryMetrics(info, names),
    eventLoop: () => eventLoopDelay({ processInfo: info, names, ...eventLoop }),
    gc: () => gcMetrics(info, names),
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
