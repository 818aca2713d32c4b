/** What a test wants to know of a source: one value, or all of its text. */
import { expose, type Format, prometheusText } from "../encode/mod.ts";
import {
  capture,
  type FamilyDesc,
  type FamilySnapshot,
  type HistogramView,
  type Sink,
  type Source,
  type SummaryView,
} from "../model/mod.ts";
import { partsOf, verbOf } from "../model/internal.ts";
import { nearestNames } from "./nearest_names.ts";

/** Labels by name; a label that is left out, or empty, is absent. */
export type WantedLabels = Readonly<Record<string, string | number | boolean>>;

/** What a registry tells of itself begins so. */
const OWN_PREFIX = "barograph_";

/**
 * The value of one series of a counter, gauge, info or stateset; undefined if
 * there is no such series. Of a stateset, the label named as it is says which
 * state. The labels are all of the series': one that is left out is absent.
 *
 * @throws {RangeError} If there is no such family or label, or if the family is
 *   a histogram or summary.
 * @throws {Error} If the part that has the family threw; `cause` is its error.
 */
export function valueOf(
  source: Source,
  name: string,
  labels: WantedLabels = {},
): number | undefined {
  const { desc, family } = look(source, name);
  if (verbOf(desc.type) !== "number") {
    throw new RangeError(
      `Cannot tell the value of ${desc.type} "${name}": ` +
        `ask distributionOf() for its count and sum`,
    );
  }
  const row = rowOf(desc, family, labels);
  return family?.numbers[row];
}

/**
 * Count, sum and buckets or quantiles of one series of a histogram or summary;
 * undefined if there is no such series. Counts are per bucket, not cumulative.
 *
 * @throws As `valueOf`, and a RangeError if the family is neither of the two.
 */
export function distributionOf(
  source: Source,
  name: string,
  labels: WantedLabels = {},
): HistogramView | SummaryView | undefined {
  const { desc, family } = look(source, name);
  if (verbOf(desc.type) === "number") {
    throw new RangeError(
      `Cannot tell the distribution of ${desc.type} "${name}": ` +
        `ask valueOf() for its number`,
    );
  }
  const row = rowOf(desc, family, labels);
  return family?.histograms[row] ?? family?.summaries[row];
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
 * console.assert(change() === 3);
 * ```
 *
 * @throws As `valueOf`.
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
 * (`barograph_…`) unless `selfMetrics` asks for it, so that a test states only
 * what it declared.
 *
 * @throws What a part threw: a test should not pass over it.
 */
export function expositionOf(
  source: Source,
  format: Format = prometheusText,
  options: { readonly selfMetrics?: boolean } = {},
): string {
  const { selfMetrics = false } = options;
  const parts = Array.from(
    partsOf(source),
    (part) => selfMetrics ? part : withoutOwn(part),
  );
  return new TextDecoder().decode(expose(loose(parts), format));
}

/** Parts without the whole, so that looking at them is not counted anywhere. */
function loose(parts: Iterable<Source>): Source {
  return { descs: [], parts, collect: () => {} };
}

function withoutOwn(part: Source): Source {
  const { descs } = part;
  return {
    descs,
    collect(sink: Sink): void {
      let wanted = true;
      part.collect({
        family(desc) {
          wanted = !desc.name.startsWith(OWN_PREFIX) && sink.family(desc);
          return wanted;
        },
        number: (...point) => wanted && sink.number(...point),
        histogram: (...point) => wanted && sink.histogram(...point),
        summary: (...point) => wanted && sink.summary(...point),
      });
    },
  };
}

interface Found {
  readonly desc: FamilyDesc;
  /** Undefined if it is declared, but was not spoken of. */
  readonly family: FamilySnapshot | undefined;
}

function look(source: Source, name: string): Found {
  const failures: (readonly [Source, unknown])[] = [];
  const { families } = capture(loose(partsOf(source)), {
    observer: { failed: (...failure) => void failures.push(failure) },
  });
  const family = families.find(({ desc }) => desc.name === name);
  if (family !== undefined) return { desc: family.desc, family };
  const named = ({ descs }: Source) => descs.find((one) => one.name === name);
  for (const [part, cause] of failures) {
    if (named(part) === undefined) continue;
    throw new Error(
      `Cannot read family "${name}": what has it threw; see the cause`,
      { cause },
    );
  }
  const desc = named(source);
  if (desc !== undefined) return { desc, family };
  const known = [
    ...source.descs.map((one) => one.name),
    ...families.map((one) => one.desc.name),
  ];
  const near = nearestNames(name, known).map((one) => `"${one}"`);
  throw new RangeError(
    `Cannot find family "${name}": ` +
      (near.length > 0 ? `try ${near.join(" or ")}` : "there are none"),
  );
}

/** The place of a series; -1 if there is none. */
function rowOf(
  desc: FamilyDesc,
  family: FamilySnapshot | undefined,
  labels: WantedLabels,
): number {
  const names = desc.labelNames;
  for (const name of Object.keys(labels)) {
    if (names.includes(name)) continue;
    throw new RangeError(
      `Cannot look up label "${name}" of "${desc.name}": ` +
        `its labels are ${names.join(", ") || "none"}`,
    );
  }
  if (family === undefined) return -1;
  const wanted = names.map((name) =>
    Object.hasOwn(labels, name) ? String(labels[name]) : ""
  );
  for (let row = 0; row < family.starts.length; row++) {
    const from = row * names.length;
    if (wanted.every((value, i) => value === family.labelValues[from + i])) {
      return row;
    }
  }
  return -1;
}
