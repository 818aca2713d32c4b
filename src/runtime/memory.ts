/** The heap, under the name of the runtime that it is of. */
import type { Source } from "../model/mod.ts";
import type { Host, HostMemory } from "../platform/mod.ts";
import { thisHost } from "../platform/internal.ts";
import { asking, question } from "./source.ts";

/** Metrics of the heap; `host` is for tests. */
export function memoryMetrics(host: Host = thisHost): Source {
  const bytes = (name: string, help: string, of: keyof HostMemory) =>
    question({
      name: `${host.runtime}_${name}`,
      type: "gauge",
      help,
      unit: "bytes",
    }, () => host.memory()?.[of]);
  return asking([
    bytes("heap_size_total_bytes", "What the heap has taken.", "heapTotal"),
    bytes("heap_size_used_bytes", "What of the heap is in use.", "heapUsed"),
    bytes(
      "external_memory_bytes",
      "What objects hold outside of the heap.",
      "external",
    ),
  ], () => 0);
}
