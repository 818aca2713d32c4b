/** Reads a source in a test: a value, a distribution, or the exposition. */
import { flag, type OptionRule, readOptions } from "../base/internal.ts";
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
import { partsOf, VERBS } from "../model/internal.ts";
import { nearestNames } from "./nearest_names.ts";
import { requireSource } from "./require_source.ts";

/** The label values of a series, by name. An omitted label is empty. */
export type SeriesLabels = Readonly<Record<string, string | number | boolean>>;

/** Prefix of the self-metrics of a registry. */
const OWN_PREFIX = "barograph_";

/**
 * Returns the value of one series of a counter, gauge, info or stateset;
 * undefined if there is no such series.
 *
 * `labels` identify the series completely: an omitted label is empty. The state
 * of a stateset is the value of the label that has the name of the family.
 *
 * @throws {TypeError} If `source` is not a source.
 * @throws {RangeError} If there is no such family or label, or if the family is
 *   a histogram or summary.
 * @throws {Error} If the part with the family threw; `cause` is its error.
 */
export function valueOf(
  source: Source,
  name: string,
  labels: SeriesLabels = {},
): number | undefined {
  const { desc, family } = findFamily(source, name);
  if (VERBS[desc.type] !== "number") {
    throw new RangeError(
      `Cannot read the value of ${desc.type} "${name}": ` +
        `call distributionOf() for its count and sum`,
    );
  }
  const row = rowOf(desc, family, labels);
  return family?.numbers[row];
}

/**
 * Returns a copy of the count, sum, and buckets or quantiles of one series of a
 * histogram or summary; undefined if there is no such series. Bucket counts are
 * not cumulative.
 *
 * @throws {TypeError} If `source` is not a source.
 * @throws {RangeError} If there is no such family or label, or if the family is
 *   neither a histogram nor a summary.
 * @throws {Error} If the part with the family threw; `cause` is its error.
 */
export function distributionOf(
  source: Source,
  name: string,
  labels: SeriesLabels = {},
): HistogramView | SummaryView | undefined {
  const { desc, family } = findFamily(source, name);
  if (VERBS[desc.type] === "number") {
    throw new RangeError(
      `Cannot read the distribution of ${desc.type} "${name}": ` +
        `call valueOf() for its number`,
    );
  }
  const row = rowOf(desc, family, labels);
  return family?.histograms[row] ?? family?.summaries[row];
}

/**
 * Returns a function that returns how much a value has changed since this call.
 * A series that does not exist counts as 0.
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
 * @throws {TypeError | RangeError | Error} As `valueOf` does.
 */
export function changeOf(
  source: Source,
  name: string,
  labels: SeriesLabels = {},
): () => number {
  const before = valueOf(source, name, labels) ?? 0;
  return () => (valueOf(source, name, labels) ?? 0) - before;
}

/** Options of `expositionOf`. */
export interface ExpositionOptions {
  /** Whether to include the self-metrics of the registry. Default: false. */
  readonly selfMetrics?: boolean | undefined;
}

const SCHEMA = { selfMetrics: flag(false) } satisfies Record<
  keyof ExpositionOptions,
  OptionRule<unknown>
>;

/**
 * Returns the exposition as text, without the self-metrics of the registry, so
 * that a test expects only the metrics that it declared.
 *
 * @throws {TypeError} If `source` is not a source, or an option is wrong or
 *   unknown.
 * @throws The error of a part that threw, so that a test cannot overlook it.
 */
export function expositionOf(
  source: Source,
  format: Format = prometheusText,
  options: ExpositionOptions = {},
): string {
  const { selfMetrics } = readOptions("Cannot expose", SCHEMA, options);
  requireSource("Cannot expose", source);
  const parts = Array.from(
    partsOf(source),
    (part) => selfMetrics ? part : withoutSelfMetrics(part),
  );
  return new TextDecoder().decode(expose(unobserved(parts), format));
}

/** Returns a source without observer, so that nothing counts this collection. */
function unobserved(parts: Iterable<Source>): Source {
  return { descs: [], parts, collect: () => {} };
}

function withoutSelfMetrics(part: Source): Source {
  const { descs } = part;
  return {
    descs,
    collect(sink: Sink): void {
      let isExposed = true;
      return part.collect({
        family(desc) {
          isExposed = !desc.name.startsWith(OWN_PREFIX) && sink.family(desc);
          return isExposed;
        },
        number: (...point) => isExposed && sink.number(...point),
        histogram: (...point) => isExposed && sink.histogram(...point),
        summary: (...point) => isExposed && sink.summary(...point),
      });
    },
  };
}

/** A family that was found by its name. */
interface Found {
  readonly desc: FamilyDesc;
  /** Undefined if the family is declared but was not collected. */
  readonly family: FamilySnapshot | undefined;
}

function findFamily(source: Source, name: string): Found {
  requireSource("Cannot read", source);
  const failures: (readonly [Source, unknown])[] = [];
  const { families } = capture(unobserved(partsOf(source)), {
    observer: { failed: (...failure) => void failures.push(failure) },
  });
  const family = families.find(({ desc }) => desc.name === name);
  if (family !== undefined) return { desc: family.desc, family };
  const descIn = ({ descs }: Source) =>
    descs.find((desc) => desc.name === name);
  for (const [part, cause] of failures) {
    if (descIn(part) === undefined) continue;
    throw new Error(
      `Cannot read family "${name}": its part threw; see the cause`,
      { cause },
    );
  }
  const desc = descIn(source);
  if (desc !== undefined) return { desc, family };
  const known = [
    ...source.descs.map(({ name }) => name),
    ...families.map(({ desc }) => desc.name),
  ];
  const near = nearestNames(name, known).map((near) => `"${near}"`);
  throw new RangeError(
    `Cannot find family "${name}": ` +
      (near.length > 0 ? `try ${near.join(" or ")}` : "there are none"),
  );
}

/** Returns the index of a series in the snapshot; -1 if there is none. */
function rowOf(
  desc: FamilyDesc,
  family: FamilySnapshot | undefined,
  labels: SeriesLabels,
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
  const values = names.map((name) =>
    Object.hasOwn(labels, name) ? String(labels[name]) : ""
  );
  for (let row = 0; row < family.starts.length; row++) {
    const from = row * names.length;
    if (values.every((value, i) => value === family.labelValues[from + i])) {
      return row;
    }
  }
  return -1;
}
