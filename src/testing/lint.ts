/**
 * Reviews names, units, labels and help texts.
 *
 * Declarations refuse illegal names; `lint` reports legal names and texts that
 * the Prometheus naming guide advises against.
 */
import { type OptionRule, readOptions, rule } from "../base/internal.ts";
import {
  capture,
  type FamilyDesc,
  type MetricType,
  type Source,
} from "../model/mod.ts";
import { partsOf } from "../model/internal.ts";
import { requireSource } from "./require_source.ts";

/** A problem of one family. */
export interface LintFinding {
  /** The name of the family. */
  readonly family: string;
  /** The identifier of the rule, such as `base-unit`. */
  readonly rule: string;
  /** `error` for names that mislead readers; `warning` for possible intent. */
  readonly level: "error" | "warning";
  /** The problem, and what to write instead. */
  readonly message: string;
}

type Report = (
  rule: string,
  message: string,
  level?: LintFinding["level"],
) => void;

/** Base units, each with the units to convert to it. */
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

/** Reserved suffixes, each with the types whose names may end in it. */
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

/** Gauges of Node whose names are older than the rule; dashboards query them. */
const ESTABLISHED = /^nodejs_active_(?:resources|handles|requests)_total$/;

/** Labels whose cardinality tends to grow with the number of requests. */
const UNBOUNDED =
  /^(.*_)?(id|uuid|guid|url|uri|path|ip|email|token|timestamp|user_agent)$/;

/** The maximum number of buckets; each one is a series per label set. */
const MAX_BUCKETS = 30;

/** Options of `lint`. */
export interface LintOptions {
  /** The names of families to skip. Default: none. */
  readonly allow?: readonly string[] | undefined;
}

const SCHEMA = {
  allow: rule<readonly string[]>(
    (value) =>
      Array.isArray(value) && value.every((name) => typeof name === "string"),
    'a list of family names, such as ["http_requests"]',
    [],
  ),
} satisfies Record<keyof LintOptions, OptionRule<unknown>>;

/**
 * Returns the problems of all families of `source`, in the order of the families.
 * Collects the source once, to count buckets.
 *
 * ```ts
 * import { defaultRegistry } from "@barograph/barograph";
 * import { lint } from "@barograph/barograph/testing";
 *
 * for (const { family, message } of lint(defaultRegistry())) {
 *   console.warn(`${family}: ${message}`);
 * }
 * ```
 *
 * @throws {TypeError} If `source` is not a source, or an option is wrong or
 *   unknown.
 */
export function lint(
  source: Source,
  options: LintOptions = {},
): readonly LintFinding[] {
  const { allow } = readOptions("Cannot lint", SCHEMA, options);
  requireSource("Cannot lint", source);
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
    if (count <= MAX_BUCKETS) continue;
    report(
      "buckets",
      `has ${count} buckets, each of them a series; use at most ` +
        `${MAX_BUCKETS}, further apart`,
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
    report("type-word", `leave out "${typeWord}": the metadata has the type`);
  }
  for (const [suffix, owners] of Object.entries(OWNERS)) {
    if (!name.endsWith(suffix) || owners.includes(type)) continue;
    if (ESTABLISHED.test(name)) continue;
    const owner = owners[0] === undefined
      ? "samples of histograms, summaries and counters"
      : `${owners[0]}s`;
    const stem = name.slice(0, -suffix.length);
    report(
      "reserved-suffix",
      `leave "${suffix}" to ${owner}: "${stem || "another name"}"`,
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
    return report("help-missing", "describe the measurement in a sentence");
  }
  if (!/[.!?]$/.test(text)) {
    report("help-sentence", "end the help text with a full stop", "warning");
  }
  const normalized = (text: string) =>
    text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const stem = name.replace(/_(total|info)$/, "");
  if ([normalized(name), normalized(stem)].includes(normalized(text))) {
    report("help-echo", "write a help text that adds to the name");
  }
}

function lintLabels(
  { name, labelNames, type }: FamilyDesc,
  report: Report,
): void {
  // The last label of a stateset is the name of the family, by definition.
  const own = type === "stateset" ? labelNames.slice(0, -1) : labelNames;
  for (const label of own) {
    const proper = snake(label);
    if (label !== proper) {
      report("label-case", `write label "${label}" as "${proper}"`);
    }
    if (label === "le" || label === "quantile") {
      report(
        "label-reserved",
        `rename label "${label}": it is reserved for histograms and summaries`,
      );
    }
    const stem = snake(name).replace(/_total$/, "");
    if (`_${stem}_`.includes(`_by_${proper}_`)) {
      report("label-in-name", `leave "by_${proper}" out of the name`);
    } else if (stem.endsWith(`_${proper}`)) {
      // Only at the end: in source_failures, "source" names the counted thing.
      report("label-in-name", `leave "${proper}" out of the name`, "warning");
    }
    if (UNBOUNDED.test(proper)) {
      report(
        "cardinality",
        `label "${label}" tends to have unbounded values, each a series; ` +
          `record a class of values, or put it into an exemplar`,
        "warning",
      );
    }
  }
}

function wordsOf(name: string): readonly string[] {
  return snake(name).split("_");
}

/** Converts to snake case: `HTTPRequests` becomes `http_requests`. */
function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/_{2,}/g, "_")
    .replace(/^_+|_+$/g, "");
}

/** Returns the largest number of bounds in a series, by family. */
function bucketsOf(source: Source): ReadonlyMap<string, number> {
  const largest = new Map<string, number>();
  const parts: Source = {
    descs: [],
    parts: partsOf(source),
    collect: () => {},
  };
  // Ignore failing parts: scrapes report them, and their descs are checked.
  const { families } = capture(parts, { observer: { failed() {} } });
  for (const { desc, histograms } of families) {
    for (const { bounds } of histograms) {
      largest.set(
        desc.name,
        Math.max(largest.get(desc.name) ?? 0, bounds.length),
      );
    }
  }
  return largest;
}
