/** What a test wants to know of a source: one value, or all of its text. */
import { expose, type Format, prometheusText } from "../encode/mod.ts";
import {
  capture,
  type FamilySnapshot,
  type HistogramView,
  type Source,
  type SummaryView,
} from "../model/mod.ts";

/** Labels by name; a label that is left out, or empty, is absent. */
export type WantedLabels = Readonly<Record<string, string | number | boolean>>;

/**
 * The value of one series of a counter, gauge, info or stateset; undefined if
 * there is no such series.
 *
 * @throws {RangeError} If there is no such family, or if it has no numbers.
 */
export function valueOf(
  source: Source,
  name: string,
  labels: WantedLabels = {},
): number | undefined {
  const family = familyOf(source, name);
  if (family.histograms.length + family.summaries.length > 0) {
    throw new RangeError(
      `Cannot tell the value of ${family.desc.type} "${name}": ` +
        `ask distributionOf() for its count and sum`,
    );
  }
  return family.numbers[rowOf(family, labels)];
}

/**
 * Count, sum and buckets or quantiles of one series of a histogram or summary;
 * undefined if there is no such series.
 *
 * @throws {RangeError} If there is no such family.
 */
export function distributionOf(
  source: Source,
  name: string,
  labels: WantedLabels = {},
): HistogramView | SummaryView | undefined {
  const family = familyOf(source, name);
  const row = rowOf(family, labels);
  return family.histograms[row] ?? family.summaries[row];
}

/**
 * By how much a number changes: ask at the start, and again by calling what
 * comes back. A series that did not exist counts as 0.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { changeOf } from "@barograph/barograph/testing";
 *
 * const registry = createRegistry();
 * const jobs = registry.counter({ name: "jobs_total", help: "Jobs done." });
 * const change = changeOf(registry, "jobs_total");
 * jobs.inc(3);
 * change(); // 3
 * ```
 */
export function changeOf(
  source: Source,
  name: string,
  labels: WantedLabels = {},
): () => number {
  const before = valueOf(source, name, labels) ?? 0;
  return () => (valueOf(source, name, labels) ?? 0) - before;
}

/**
 * The exposition as text, without what the registry tells of itself
 * (`barograph_…`), so that a test states only what it declared.
 */
export function expositionOf(
  source: Source,
  format: Format = prometheusText,
): string {
  const parts = [...source.parts ?? [source]].filter(({ descs }) =>
    !descs[0]?.name.startsWith("barograph_")
  );
  const declared: Source = {
    descs: [],
    parts,
    collect: (sink) => parts.forEach((part) => part.collect(sink)),
  };
  return new TextDecoder().decode(expose(declared, format));
}

function familyOf(source: Source, name: string): FamilySnapshot {
  const { families } = capture(source);
  const family = families.find(({ desc }) => desc.name === name);
  if (family !== undefined) return family;
  const names = families.map(({ desc }) => `"${desc.name}"`).join(", ");
  throw new RangeError(
    `Cannot find family "${name}": there are ${names || "none"}`,
  );
}

function rowOf(family: FamilySnapshot, labels: WantedLabels): number {
  const names = family.desc.labelNames;
  for (const name of Object.keys(labels)) {
    if (names.includes(name)) continue;
    throw new RangeError(
      `Cannot look up label "${name}" of "${family.desc.name}": ` +
        `its labels are ${names.join(", ") || "none"}`,
    );
  }
  const wanted = names.map((name) => String(labels[name] ?? ""));
  for (let row = 0; row < family.starts.length; row++) {
    const from = row * names.length;
    if (wanted.every((value, i) => value === family.labelValues[from + i])) {
      return row;
    }
  }
  return -1;
}
