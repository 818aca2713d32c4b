/** Metrics of the heap, prefixed by the name of the runtime. */
import type { MetricNames } from "../base/mod.ts";
import type { Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { HeapSpace, ProcessInfo, ProcessMemory } from "../platform/mod.ts";
import { checkInfo } from "./process_option.ts";
import { checkNames, type Reading, reading, sourceOf } from "./source.ts";

/** Facts about memory at one scrape. */
interface Facts {
  readonly memory: ProcessMemory | undefined;
  readonly spaces: readonly HeapSpace[] | undefined;
}

/**
 * Returns a source of heap sizes and external memory, in bytes, also by space
 * of the heap where the runtime reports them. `info` is the process to report.
 * Default: this process. Under `names` of the conventions, families without a
 * counterpart keep their names. Default: those of Prometheus clients.
 *
 * @throws {TypeError} If `info` does not describe a process, or `names` is wrong.
 */
export function memoryMetrics(
  info: ProcessInfo = processInfo(),
  names: MetricNames = "prometheus",
): Source {
  checkInfo(info);
  checkNames(names);
  const bytes = (
    name: string,
    help: string,
    read: Reading<Facts>["read"],
    label?: string,
  ): Reading<Facts> =>
    reading<Facts>({
      name: `${info.runtime}_${name}_bytes`,
      type: "gauge",
      help,
      unit: "bytes",
      ...label !== undefined && { label, only: "prometheus" },
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
  const conventional = (
    name: string,
    help: string,
    part: "total" | "used" | "available" | "physical",
  ): Reading<Facts> =>
    reading<Facts>({
      name: `v8js_memory_heap_${name}_bytes`,
      type: "gauge",
      help,
      unit: "bytes",
      label: "v8js_heap_space_name",
      only: "semconv",
    }, ({ spaces }) =>
      spaces?.flatMap((space) => {
        const value = space[part];
        return value === undefined ? [] : [[`${space.name}_space`, value]];
      }));
  return sourceOf(
    [
      whole("heap_size_total", "Size of the heap.", "heapTotal"),
      whole("heap_size_used", "Used part of the heap.", "heapUsed"),
      whole(
        "external_memory",
        "Memory of objects outside the heap.",
        "external",
      ),
      ...info.heapSpaces === undefined ? [] : [
        spaces("total", "Size of each heap space."),
        spaces("used", "Used part of each heap space."),
        spaces("available", "Free part of each heap space."),
        conventional("used", "Memory in use in a space of the heap.", "used"),
        conventional("space_size", "Size of a space of the heap.", "total"),
        conventional(
          "space_available_size",
          "Memory that is free in a space of the heap.",
          "available",
        ),
        conventional(
          "space_physical_size",
          "Memory that a space of the heap occupies.",
          "physical",
        ),
      ],
    ],
    () => ({ memory: info.memory(), spaces: info.heapSpaces?.() }),
    names,
  );
}
