/**
 * What a careful reviewer would say of names, units and help texts.
 *
 * Declarations refuse what is illegal; this finds what is legal and will be
 * regretted. The rules are those of the Prometheus naming guide.
 */
import {
  capture,
  type FamilyDesc,
  type MetricType,
  type Source,
} from "../model/mod.ts";
import { partsOf } from "../model/internal.ts";

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

/** What is measured in what, and in which words it should not be. */
const NOT_BASE: Readonly<Record<string, readonly string[]>> = {
  seconds: [
    "nanoseconds",
    "microseconds",
    "milliseconds",
    "millis",
    "ms",
    "minutes",
    "hours",
    "days",
    "weeks",
  ],
  bytes: [
    "bits",
    "kilobytes",
    "kb",
    "megabytes",
    "mb",
    "gigabytes",
    "gb",
    "terabytes",
  ],
  ratio: ["percent", "percentage"],
  celsius: ["fahrenheit"],
  meters: ["kilometers", "miles"],
  grams: ["kilograms"],
  joules: ["kilojoules", "calories"],
  volts: ["millivolts"],
  amperes: ["milliamperes"],
};

const UNITS = new Set(Object.keys(NOT_BASE));

const TYPE_WORDS = new Set([
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "stateset",
  "metric",
]);

/** Which types may end so; of the others a reader expects something else. */
const OWNERS: Readonly<Record<string, readonly MetricType[]>> = {
  _total: ["counter"],
  _info: ["info"],
  _bucket: [],
  _count: [],
  _sum: [],
  _gcount: [],
  _gsum: [],
  _created: [],
};

/** Labels that tend to have as many values as there are requests. */
const UNBOUNDED =
  /^(.*_)?(id|uuid|guid|url|uri|path|ip|email|token|timestamp|user_agent)$/;

/** Each is a series, in every label set. */
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
    lintUnit(desc, report);
    lintHelp(desc, report);
    lintLabels(desc, report);
    const count = buckets.get(desc.name) ?? 0;
    if (count <= MOST_BUCKETS) continue;
    report(
      "buckets",
      `has ${count} buckets, each a series of its own; take ${MOST_BUCKETS} ` +
        `at most, further apart`,
      "warning",
    );
  }
  return findings;
}

function lintName({ name, type }: FamilyDesc, report: Report): void {
  const proper = snake(name);
  if (name !== proper) report("snake-case", `write "${proper}"`);
  const typeWord = wordsOf(name).find((word) => TYPE_WORDS.has(word));
  if (typeWord !== undefined) {
    report("type-word", `leave out "${typeWord}": the type says it`);
  }
  for (const [suffix, owners] of Object.entries(OWNERS)) {
    if (!name.endsWith(suffix) || owners.includes(type)) continue;
    const whose = owners[0] === undefined
      ? "samples of histograms, summaries and counters"
      : `${owners[0]}s`;
    const stem = name.slice(0, -suffix.length);
    report(
      "reserved-suffix",
      `leave "${suffix}" to ${whose}: "${stem || "another name"}"`,
    );
  }
}

function lintUnit({ name, type, unit }: FamilyDesc, report: Report): void {
  for (const [base, others] of Object.entries(NOT_BASE)) {
    const other = wordsOf(name).find((word) => others.includes(word));
    if (other === undefined) continue;
    const proper = snake(name).split("_")
      .map((word) => word === other ? base : word).join("_");
    report(
      "base-unit",
      `measure in ${base}, not in ${other}: "${proper}"`,
    );
  }
  if (unit !== "" || type === "info" || type === "stateset") return;
  const stem = type === "counter" ? name.replace(/_total$/, "") : name;
  const last = /_([a-z]+)$/.exec(stem)?.[1] ?? "";
  if (UNITS.has(last)) report("unit", `declare unit: "${last}"`, "warning");
}

function lintHelp({ name, help }: FamilyDesc, report: Report): void {
  const text = help.trim();
  if (text === "") {
    return report("help-missing", "say in a sentence what is measured");
  }
  if (!/[.!?]$/.test(text)) {
    report("help-sentence", "end the help text with a full stop", "warning");
  }
  const bare = (words: string) => words.toLowerCase().replace(/[^a-z0-9]/g, "");
  const stem = name.replace(/_(total|info)$/, "");
  if ([bare(name), bare(stem)].includes(bare(text))) {
    report("help-echo", "say in the help text what the name does not");
  }
}

function lintLabels(
  { name, labelNames, type }: FamilyDesc,
  report: Report,
): void {
  // The last label of a stateset is its name, and must be.
  const own = type === "stateset" ? labelNames.slice(0, -1) : labelNames;
  for (const label of own) {
    const proper = snake(label);
    if (label !== proper) {
      report("label-case", `write label "${label}" as "${proper}"`);
    }
    if (label === "le" || label === "quantile") {
      report("label-reserved", `rename label "${label}": histograms write it`);
    }
    const stem = snake(name).replace(/_total$/, "");
    if (`_${stem}_`.includes(`_by_${proper}_`)) {
      report("label-in-name", `leave "by_${proper}" out of the name`);
    } else if (stem.endsWith(`_${proper}`)) {
      // At its front, as in source_failures, it says what is counted.
      report("label-in-name", `leave "${proper}" out of the name`, "warning");
    }
    if (UNBOUNDED.test(proper)) {
      report(
        "cardinality",
        `label "${label}" tends to have no end of values, each a series; ` +
          `record a class of them, or put it into an exemplar`,
        "warning",
      );
    }
  }
}

function wordsOf(name: string): readonly string[] {
  return snake(name).split("_");
}

/** `HTTPRequestsTotal` as `http_requests_total`. */
function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/_{2,}/g, "_")
    .replace(/^_+|_+$/g, "");
}

/** The most bounds that a series of each histogram has. */
function bucketsOf(source: Source): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  const parts: Source = {
    descs: [],
    parts: partsOf(source),
    collect: () => {},
  };
  // What cannot be collected is a scrape's business, and has its descs here.
  const { families } = capture(parts, { observer: { failed() {} } });
  for (const { desc, histograms } of families) {
    for (const { bounds } of histograms) {
      most.set(desc.name, Math.max(most.get(desc.name) ?? 0, bounds.length));
    }
  }
  return most;
}
