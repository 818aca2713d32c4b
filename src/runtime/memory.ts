/** Metrics of the heap, prefixed by the name of the runtime. */
import type { Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo, ProcessMemory } from "../platform/mod.ts";
import { checkInfo } from "./process_option.ts";
import { type Reading, reading, sourceOf } from "./source.ts";

/**
 * Returns a source of heap sizes and external memory, in bytes. `info` is the
 * process to report. Default: this process.
 *
 * @throws {TypeError} If `info` does not describe a process.
 */
export function memoryMetrics(info: ProcessInfo = processInfo()): Source {
  checkInfo(info);
  const bytes = (
    name: string,
    help: string,
    part: keyof ProcessMemory,
  ): Reading =>
    reading({
      name: `${info.runtime}_${name}`,
      type: "gauge",
      help,
      unit: "bytes",
    }, () => info.memory()?.[part]);
  return sourceOf([
    bytes("heap_size_total_bytes", "What the heap has taken.", "heapTotal"),
    bytes("heap_size_used_bytes", "What of the heap is in use.", "heapUsed"),
    bytes(
      "external_memory_bytes",
      "What objects hold outside of the heap.",
      "external",
    ),
  ], () => 0);
}
