/** Metrics of the heap, prefixed by the name of the runtime. */
import type { Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { HeapSpace, ProcessInfo, ProcessMemory } from "../platform/mod.ts";
import { checkInfo } from "./process_option.ts";
import { type Reading, reading, sourceOf } from "./source.ts";

/** Facts about memory at one scrape. */
interface Facts {
  readonly memory: ProcessMemory | undefined;
  readonly spaces: readonly HeapSpace[] | undefined;
}

/**
 * Returns a source of heap sizes and external memory, in bytes, also by space of
 * the heap where the runtime tells them. `info` is the process to report.
 * Default: this process.
 *
 * @throws {TypeError} If `info` does not describe a process.
 */
export function memoryMetrics(info: ProcessInfo = processInfo()): Source {
  checkInfo(info);
  const bytes = (
    name: string,
    help: string,
    read: Reading<Facts>["read"],
    label?: string,
  ): Reading<Facts> =>
    reading({
      name: `${info.runtime}_${name}_bytes`,
      type: "gauge",
      help,
      unit: "bytes",
      ...label !== undefined && { label },
    }, read);
  const whole = (name: string, help: string, part: keyof ProcessMemory) =>
    bytes(name, help, ({ memory }) => memory?.[part]);
  const spaces = (
    name: "total" | "used" | "available",
    help: string,
  ): Reading<Facts> =>
    bytes(
      `heap_space_size_${name}`,
      help,
      ({ spaces }) => spaces?.map((space) => [space.name, space[name]]),
      "space",
    );
  return sourceOf(
    [
      whole("heap_size_total", "What the heap has taken.", "heapTotal"),
      whole("heap_size_used", "What of the heap is in use.", "heapUsed"),
      whole(
        "external_memory",
        "What objects hold outside of the heap.",
        "external",
      ),
      ...info.heapSpaces === undefined ? [] : [
        spaces("total", "What each space of the heap has taken."),
        spaces("used", "What of each space of the heap is in use."),
        spaces("available", "What of each space of the heap is free."),
      ],
    ],
    () => ({ memory: info.memory(), spaces: info.heapSpaces?.() }),
  );
}
