/** The rows of the process, and of each runtime: processor, memory, event loop. */
import {
  distribution,
  panelsOf,
  quantileName,
  QUANTILES,
} from "./family_panels.ts";
import { observedSum, quantile, type QueriedFamily } from "./families.ts";
import type { Row } from "./layout.ts";
import { graph, type Panel, type Query } from "./panels.ts";
import { by, type PromQL } from "./promql.ts";
import { descriptionOf, shortTitleOf } from "./words.ts";

/** The families of runtimes, by the prefix of their names. */
export const RUNTIME_FAMILY: RegExp =
  /^(?:process|nodejs|deno|bun|workerd|v8js)_/;

/** The delay of the event loop under each runtime. */
export const LOOP_DELAY: RegExp = /^(\w+)_eventloop_delay_seconds$/;

const GC_DURATION = /^(\w+)_gc_duration_seconds$/;

/** Names of open files, and of their limit. */
export const OPEN_FILES: readonly string[] = [
  "process_open_fds",
  "process_unix_file_descriptor_count",
];
export const MAX_FILES = "process_max_fds";

/** Sizes of memory that are drawn together, with their legends. */
const MEMORY: readonly (readonly [name: RegExp, legend: string])[] = [
  [/^process_(?:resident_memory|memory_usage)_bytes$/, "resident"],
  [/_heap_size_total_bytes$/, "heap"],
  [/_heap_size_used_bytes$/, "heap in use"],
  [/_external_memory_bytes$/, "external"],
];

/** Returns the row of a process and its runtime; undefined without families. */
export function runtimeRow(
  promql: PromQL,
  families: readonly QueriedFamily[],
): Row | undefined {
  if (families.length === 0) return undefined;
  const shown = new Set<QueriedFamily>();
  const take = (matches: (name: string) => boolean): QueriedFamily[] => {
    const found = families.filter(({ name }) => matches(name));
    for (const family of found) shown.add(family);
    return found;
  };
  const panels = [
    ...processorPanels(promql, take((name) => /^process_cpu_/.test(name))),
    ...memoryPanels(
      promql,
      take((name) => MEMORY.some(([pattern]) => pattern.test(name))),
    ),
    ...take((name) => LOOP_DELAY.test(name)).flatMap((family) =>
      loopPanels(promql, family)
    ),
    ...take((name) => GC_DURATION.test(name)).flatMap((family) =>
      gcPanels(promql, family)
    ),
    ...filePanels(
      promql,
      take((name) => OPEN_FILES.includes(name)),
      take((name) => name === MAX_FILES),
    ),
    ...families.filter((family) => !shown.has(family))
      .flatMap((family) => panelsOf(promql, family, shortTitleOf(family))),
  ];
  return { title: "Process and runtime", panels, isCollapsed: false };
}

/** Returns queries of gauges of one instance each, with a word for each gauge. */
function levels(
  promql: PromQL,
  families: readonly QueriedFamily[],
  legendOf: (name: string) => string,
): Query[] {
  return families.map(({ name }) => ({
    expr: by("max", ["instance"], promql.select(name)),
    legend: `{{instance}} ${legendOf(name)}`,
  }));
}

function processorPanels(
  promql: PromQL,
  families: readonly QueriedFamily[],
): Panel[] {
  if (families.length === 0) return [];
  return [
    graph({
      title: "Processor",
      description: "Processor time per second; 100 % is one core.",
      unit: "percentunit",
      queries: families.map(({ name, labelNames }) => {
        const labels = labelNames.map((label) => promql.label(label));
        const mode = /cpu_(user|system)_/.exec(name)?.[1] ?? "";
        const own = labelNames.map((label) => `{{${promql.labelName(label)}}}`);
        return {
          expr: by("sum", ["instance", ...labels], promql.rate(name)),
          legend: ["{{instance}}", mode || "all", ...own].join(" "),
        };
      }),
    }),
  ];
}

function memoryPanels(
  promql: PromQL,
  families: readonly QueriedFamily[],
): Panel[] {
  if (families.length === 0) return [];
  const legendOf = (name: string) =>
    MEMORY.find(([pattern]) => pattern.test(name))![1];
  return [
    graph({
      title: "Memory",
      description: families.map(descriptionOf).join("\n\n"),
      unit: "bytes",
      queries: levels(promql, families, legendOf),
    }),
  ];
}

function loopPanels(promql: PromQL, family: QueriedFamily): Panel[] {
  const [, runtime] = LOOP_DELAY.exec(family.name)!;
  return [
    graph({
      title: `Event loop delay (${runtime})`,
      description: descriptionOf(family),
      unit: "s",
      queries: QUANTILES.map((q) => ({
        expr: quantile(promql, family, q, ["instance"]),
        legend: `{{instance}} ${quantileName(q)}`,
      })),
    }),
    distribution(promql, family, `Event loop delay (${runtime}): distribution`),
  ];
}

function gcPanels(promql: PromQL, family: QueriedFamily): Panel[] {
  const [, runtime] = GC_DURATION.exec(family.name)!;
  const labels = family.labelNames.map((label) => promql.label(label));
  const names = family.labelNames.map((label) => promql.labelName(label));
  return [
    graph({
      title: `Garbage collection (${runtime})`,
      description: `Share of time. ${descriptionOf(family)}`,
      unit: "percentunit",
      queries: [{
        expr: observedSum(promql, family, ["instance", ...labels]),
        legend: ["instance", ...names].map((name) => `{{${name}}}`).join(" "),
      }],
    }),
  ];
}

function filePanels(
  promql: PromQL,
  open: readonly QueriedFamily[],
  limit: readonly QueriedFamily[],
): Panel[] {
  const all = [...open, ...limit];
  if (all.length === 0) return [];
  return [
    graph({
      title: "Files",
      description: all.map(descriptionOf).join("\n\n"),
      unit: "short",
      queries: levels(
        promql,
        all,
        (name) => name === MAX_FILES ? "limit" : "open",
      ),
    }),
  ];
}
