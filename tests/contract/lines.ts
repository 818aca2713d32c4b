/** Lines of an exposition, with labels in any order. */
import assert from "node:assert/strict";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import type { Registry } from "../../src/metrics/mod.ts";

/** The labels of a line in the order of their names. */
function sorted(line: string): string {
  return line.replace(
    /\{([^}]*)\}/,
    (_, labels: string) => `{${labels.split(",").toSorted().join(",")}}`,
  );
}

/** The samples that a registry exposes as text. */
export function linesOf(registry: Registry): string[] {
  return new TextDecoder().decode(expose(registry, prometheusText))
    .split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    .map(sorted);
}

/** Demands that each of `wanted` is exposed. */
export function assertLines(registry: Registry, ...wanted: string[]): void {
  const lines = linesOf(registry);
  for (const line of wanted) {
    assert.ok(lines.includes(sorted(line)), `${line}\n${lines.join("\n")}`);
  }
}

/** How many samples there are whose line begins so. */
export function countOf(registry: Registry, start: string): number {
  return linesOf(registry).filter((line) => line.startsWith(start)).length;
}
