/** Compares lines of an exposition, with labels in any order. */
import assert from "node:assert/strict";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import type { Registry } from "../../src/metrics/mod.ts";

/** Sorts the labels of a line by name. */
function sorted(line: string): string {
  return line.replace(
    /\{([^}]*)\}/,
    (_, labels: string) => `{${labels.split(",").toSorted().join(",")}}`,
  );
}

/** Returns the samples that a registry exposes as text. */
export function linesOf(registry: Registry): string[] {
  return new TextDecoder().decode(expose(registry, prometheusText))
    .split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    .map(sorted);
}

/** Asserts that each line of `expected` is exposed. */
export function assertLines(registry: Registry, ...expected: string[]): void {
  const lines = linesOf(registry);
  for (const line of expected) {
    assert.ok(lines.includes(sorted(line)), `${line}\n${lines.join("\n")}`);
  }
}

/** Returns the number of samples whose line begins with `start`. */
export function countOf(registry: Registry, start: string): number {
  return linesOf(registry).filter((line) => line.startsWith(start)).length;
}
