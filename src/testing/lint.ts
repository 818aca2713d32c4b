/**
 * What a careful reviewer would say of names, units and help texts.
 *
 * Declarations refuse what is illegal; this finds what is legal and will be
 * regretted. The rules are those of the Prometheus naming guide.
 */
import { capture, type FamilyDesc, type Source } from "../model/mod.ts";

/** One thing to mend. */
export interface LintFinding {
  /** The name of the family. */
  readonly family: string;
  /** The rule, as a short word: `base-unit`. */
  readonly rule: string;
  /** An error will mislead; a warning may be meant. */
  readonly level: "error" | "warning";
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

type Report = (
  rule: string,
  message: string,
  level?: LintFinding["level"],
) => void;

/** Units that are not base units, and what to measure in. */
const BASE_UNITS: Readonly<Record<string, string>> = {
  nanoseconds: "seconds",
  microseconds: "seconds",
  milliseconds: "seconds",
  ms: "seconds",
  minutes: "seconds",
  hours: "seconds",
  days: "seconds",
  bits: "bytes",
  kilobytes: "bytes",
  kb: "bytes",
  megabytes: "bytes",
  mb: "bytes",
  gigabytes: "bytes",
  percent: "ratio",
  percentage: "ratio",
  fahrenheit: "celsius",
  kilometers: "meters",
  miles: "meters",
  kilograms: "grams",
};

const UNITS = new Set(Object.values(BASE_UNITS).concat("joules", "volts"));

const TYPE_WORDS = ["counter", "gauge", "histogram", "summary", "metric"];

const RESERVED = ["_bucket", "_count", "_sum", "_gcount", "_gsum", "_created"];

/** Labels that tend to have as many values as there are requests. */
const UNBOUNDED =
  /^(id|uuid|url|uri|path|ip|email|timestamp|.*_(id|uuid|url))$/;

const MOST_BUCKETS = 30;

/**
 * Looks at every family of `source`; `allow` names families to pass over.
 *
 * ```ts
 * import { defaultRegistry } from "@barograph/barograph";
 * import { lint } from "@barograph/barograph/testing";
 *
 * for (const { family, message } of lint(defaultRegistry())) {
 *   console.warn(`${family}: ${message}`);
 * }
 * ```
 */
export function lint(
  source: Source,
  options: { readonly allow?: readonly string[] } = {},
): readonly LintFinding[] {
  const { allow = [] } = options;
  const findings: LintFinding[] = [];
  const buckets = bucketsOf(source);
  for (const desc of source.descs) {
    if (allow.includes(desc.name)) continue;
    const report: Report = (rule, message, level = "error") => {
      findings.push({ family: desc.name, rule, level, message });
    };
    lintName(desc, report);
    lintHelp(desc, report);
    lintLabels(desc, report);
    const count = buckets.get(desc.name) ?? 0;
    if (count <= MOST_BUCKETS) continue;
    report(
      "buckets",
      `has ${count} buckets, each a series of its own; ${MOST_BUCKETS} are many`,
      "warning",
    );
  }
  return findings;
}

function lintName({ name, type, unit }: FamilyDesc, report: Report): void {
  const words = name.toLowerCase().split("_");
  if (name !== name.toLowerCase()) {
    report("snake-case", `write "${snake(name)}"`);
  }
  const typeWord = TYPE_WORDS.find((word) => words.includes(word));
  if (typeWord !== undefined) {
    report("type-word", `leave out "${typeWord}": the type says it`);
  }
  const scaled = words.find((word) => Object.hasOwn(BASE_UNITS, word));
  if (scaled !== undefined) {
    report("base-unit", `measure in ${BASE_UNITS[scaled]}, not ${scaled}`);
  }
  if (type !== "counter" && name.endsWith("_total")) {
    report("total", `leave "_total" to counters`);
  }
  if (type !== "info" && name.endsWith("_info")) {
    report("info", `leave "_info" to infos`);
  }
  const suffix = RESERVED.find((ending) => name.endsWith(ending));
  if (suffix !== undefined) {
    report(
      "reserved-suffix",
      `"${suffix}" is what histograms write; rename it`,
    );
  }
  const stem = name.replace(/_total$/, "");
  const last = stem.slice(stem.lastIndexOf("_") + 1);
  if (unit === "" && UNITS.has(last) && type !== "info") {
    report("unit", `declare unit: "${last}"`, "warning");
  }
}

function lintHelp({ name, help }: FamilyDesc, report: Report): void {
  if (!/[.!?)]$/.test(help.trim())) {
    report("help-sentence", `end the help text with a full stop`, "warning");
  }
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  if (bare(help) === bare(name)) {
    report("help-echo", `say in the help text what the name does not`);
  }
}

function lintLabels(
  { name, labelNames, type }: FamilyDesc,
  report: Report,
): void {
  const own = type === "stateset" ? labelNames.slice(0, -1) : labelNames;
  const words = name.split("_");
  for (const label of own) {
    if (label !== label.toLowerCase()) {
      report("label-case", `write label "${label}" as "${snake(label)}"`);
    }
    if (label === "le" || label === "quantile") {
      report("label-reserved", `rename label "${label}": histograms write it`);
    }
    if (words.at(-1) === "by" || name.includes(`_by_${label}`)) {
      report("label-in-name", `leave "${label}" out of the name`);
    }
    if (UNBOUNDED.test(label)) {
      report(
        "cardinality",
        `label "${label}" tends to have no end of values, each a series`,
        "warning",
      );
    }
  }
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/** The most bounds that a series of each histogram has. */
function bucketsOf(source: Source): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const { families } = capture(source, { onFailure: () => {} });
  for (const { desc, histograms } of families) {
    for (const { bounds } of histograms) {
      counts.set(
        desc.name,
        Math.max(counts.get(desc.name) ?? 0, bounds.length),
      );
    }
  }
  return counts;
}
