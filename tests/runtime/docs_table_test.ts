/** Compares the table of docs/runtime-metrics.md with this runtime. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { type MetricNames, runtimeMetrics } from "../../src/runtime/mod.ts";
import { linesOf } from "../contract/lines.ts";
import { METRICS_PREFIX, RUNTIME } from "../runtimes/server.ts";

interface Row {
  readonly type: string;
  readonly unit: string;
  /** Whether this runtime has the metric, by the words of the cell. */
  readonly has: string;
  /** `name{labels}` under each scheme; empty if there is none. */
  readonly names: Readonly<Record<"prometheus" | "semconv", string>>;
}

function table(): readonly Row[] {
  const file = new URL("../../docs/runtime-metrics.md", import.meta.url);
  const lines = readFileSync(file, "utf8").split("\n");
  const at = lines.findIndex((line) => /^\| metric /.test(line));
  const cellsOf = (line: string): readonly string[] =>
    line.split("|").slice(1, -1).map((cell) => cell.trim());
  const column = cellsOf(lines[at]!).map((cell) => cell.toLowerCase())
    .indexOf(RUNTIME);
  const end = lines.findIndex((line, index) => index > at && line === "");
  return lines.slice(at + 2, end).map((line) => {
    const cells = cellsOf(line);
    const [name = "", type = "", unit = ""] = cells;
    const other = cells.at(-1);
    return {
      type,
      unit,
      has: cells[column]!,
      names: { prometheus: codeIn(name), semconv: codeIn(other || name) },
    };
  });
}

/** Returns the code of a cell with the prefix of this runtime. */
function codeIn(cell: string): string {
  const code = /^`([^`]+)`$/.exec(cell)?.[1] ?? "";
  return code.replace(/^nodejs_/, `${METRICS_PREFIX}_`)
    .replace(
      "{version,major,minor,patch}",
      RUNTIME === "node" ? "$&" : "{version}",
    )
    .replace("{…}", "{version}");
}

/** Returns what the table says about this runtime, sorted. */
function documented(names: MetricNames): string[] {
  const schemes = names === "both"
    ? ["prometheus", "semconv"] as const
    : [names] as const;
  const texts = table().filter(({ has }) => has !== "no").flatMap((row) =>
    schemes.map((scheme) => row.names[scheme]).filter((name) => name !== "")
      .map((name) => `${row.type} ${name} ${unitOf(row)}`)
  );
  return [...new Set(texts)].sort();
}

/** Returns the unit that a family declares: counts declare none. */
function unitOf({ unit }: Row): string {
  return ["seconds", "bytes", "ratio"].includes(unit) ? unit : "";
}

for (const names of ["prometheus", "semconv", "both"] as const) {
  test(`docs/runtime-metrics.md lists the families of this runtime under "${names}"`, () => {
    using metrics = runtimeMetrics({ names, build: { version: "1" } });
    const found = metrics.descs.map(({ name, type, unit, labelNames }) => {
      const labels = labelNames.length > 0 ? `{${labelNames.join(",")}}` : "";
      return `${type} ${name}${labels} ${unit ?? ""}`;
    });
    assert.deepEqual(documented(names), found.sort());
  });
}

test("this process exposes what docs/runtime-metrics.md promises", {
  timeout: 120_000,
}, async () => {
  using metrics = runtimeMetrics({ names: "both", build: { version: "1" } });
  const registry = createRegistry({ selfMetrics: false });
  using _added = registry.add(metrics);
  const isLinux = process.platform === "linux";
  const sometimes = // without a limit, a collection or anything active
    /^process_virtual_memory_max|_gc_|_active(_resources|_handles|_requests)?\{/;
  const promised = new Set(
    table().filter(({ has }) => has === "yes" || isLinux && has !== "no")
      .flatMap(({ names }) => Object.values(names))
      .filter((name) => name !== "")
      .map((name) => name.replace(/\{.*/, "")),
  );
  const always = table().flatMap(({ names }) => Object.values(names))
    .filter((name) => !sometimes.test(name))
    .map((name) => name.replace(/\{.*/, ""))
    .filter((name) => promised.has(name));
  const missing = new Set(always);
  while (missing.size > 0) {
    for (const line of linesOf(registry)) {
      const sample = /^\w+/.exec(line)![0];
      const family = sample.replace(/_(bucket|sum|count)$/, "");
      const name = promised.has(sample) ? sample : family;
      assert.ok(promised.has(name), name);
      missing.delete(name);
    }
    // The event loop is measured while it turns.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
