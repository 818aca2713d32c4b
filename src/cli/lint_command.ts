/** The command `lint`: reviews the metrics of any target. */
import { errorMessage } from "../base/internal.ts";
import {
  type FamilyDesc,
  Labels,
  type MetricType,
  type Source,
} from "../model/mod.ts";
import {
  lint,
  type LintFinding,
  type ParsedFamily,
  parseExposition,
} from "../testing/mod.ts";
import { onlyArgument, readArguments } from "./arguments.ts";
import type { CliIo } from "./io.ts";
import {
  type Exposition,
  familiesIn,
  readFile,
  scrape,
  targetUrl,
} from "./target.ts";
import { safe } from "./top/text.ts";

/** The output of `barograph lint --help`. */
export const LINT_HELP =
  `Reviews the names, units, labels and help texts of metrics.

  barograph lint http://localhost:9090/metrics
  barograph lint metrics.txt

  --allow FAMILY   skip a family; can be repeated
  --errors         print errors only, no warnings
  --help           print this text

Reads the text format of Prometheus and OpenMetrics, of any library. If
BAROGRAPH_TOKEN is set, it is sent as a bearer token.
Exit code: 0 without findings, 1 with findings, 2 if nothing could be read.`;

/** Runs `barograph lint`. Returns the exit code. */
export async function lintCommand(
  words: readonly string[],
  io: CliIo,
): Promise<number> {
  const args = readArguments("lint", words, ["allow=", "errors"]);
  const place = onlyArgument(
    args,
    "lint",
    "a URL or a file, such as http://localhost:9090/metrics",
  );
  const isUrl = /^https?:\/\//i.test(place) ||
    /^[\w.-]+:\d+(?:\/|$)/.test(place);
  const exposition = isUrl
    ? await scrape(targetUrl(place), io)
    : readFile(place, io);
  const all = findingsIn(exposition, args.values("allow"));
  const findings = args.has("errors")
    ? all.filter(({ level }) => level === "error")
    : all;
  const lines = findings.map(({ family, rule, level, message }) =>
    safe(`${level} ${family || "(format)"}: ${message} [${rule}]`)
  );
  await io.write([...lines, summaryOf(findings), ""].join("\n"));
  return findings.length === 0 ? 0 : 1;
}

function summaryOf(findings: readonly LintFinding[]): string {
  const errors = findings.filter(({ level }) => level === "error").length;
  const warnings = findings.length - errors;
  const count = (n: number, word: string) =>
    `${n} ${word}${n === 1 ? "" : "s"}`;
  return findings.length === 0
    ? "No findings."
    : `${count(errors, "error")}, ${count(warnings, "warning")}`;
}

/** Returns the findings about the format, then those about the families. */
function findingsIn(
  exposition: Exposition,
  allow: readonly string[],
): readonly LintFinding[] {
  const format: LintFinding[] = [];
  const report = (level: LintFinding["level"], error: unknown) =>
    format.push({
      family: "",
      rule: "format",
      level,
      message: errorMessage(error),
    });
  try {
    parseExposition(exposition.text, exposition.dialect);
  } catch (error) {
    report("warning", error);
  }
  try {
    const families = familiesIn(exposition);
    return [...format, ...lint(sourceOf(families, exposition), { allow })];
  } catch (error) {
    format.length = 0;
    report("error", error);
    return format;
  }
}

/** The types of families in expositions that have another name here. */
const TYPES: ReadonlySet<string> = new Set<MetricType>([
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
]);

/** The suffixes that the metadata of OpenMetrics leave out. */
const ENDINGS: Readonly<Record<string, string>> = {
  counter: "_total",
  info: "_info",
};

/** Labels that a type has of itself. */
const OWN: Readonly<Record<string, string>> = {
  histogram: "le",
  gaugehistogram: "le",
  summary: "quantile",
};

function typeOf(type: string): MetricType {
  return TYPES.has(type) ? type as MetricType : "unknown";
}

/** Returns the type of a family of the text format, where infos are gauges. */
function classicType(
  type: string,
  name: string,
  isStates: boolean,
): MetricType {
  if (type !== "gauge") return typeOf(type);
  if (isStates) return "stateset";
  return name.endsWith("_info") ? "info" : "gauge";
}

function descOf(
  { name, type, help, unit, samples }: ParsedFamily,
  { dialect }: Exposition,
): FamilyDesc {
  const isOpen = dialect === "openmetrics-1.0.0";
  const ending = isOpen ? ENDINGS[type] ?? "" : "";
  const labels = new Set(samples.flatMap(({ labels }) => [...labels.keys()]));
  if (Object.hasOwn(OWN, type)) labels.delete(OWN[type]!);
  // The state of a stateset is the value of a label with the family's name.
  const isStates = labels.delete(name);
  if (isStates) labels.add(name);
  return {
    name: name.endsWith(ending) ? name : name + ending,
    type: isOpen ? typeOf(type) : classicType(type, name, isStates),
    help,
    // The text format has no units; a word of the name is one.
    unit: isOpen ? unit : /_([a-z]+)(?:_total)?$/.exec(name)?.[1] ?? "",
    labelNames: [...labels],
    merge: "sum",
  };
}

/** Returns a source with the descriptions and the bounds of parsed families. */
function sourceOf(
  families: readonly ParsedFamily[],
  exposition: Exposition,
): Source {
  const descs = families.map((family) => descOf(family, exposition));
  return {
    descs,
    collect(sink) {
      for (const [index, { samples }] of families.entries()) {
        const desc = descs[index]!;
        if (desc.type !== "histogram" || !sink.family(desc)) continue;
        const bounds = boundsOf(samples);
        const empty = {
          bounds,
          counts: new Float64Array(bounds.length + 1),
          count: 0,
          sum: 0,
          exemplars: [],
        };
        const none = new Labels(desc.labelNames, desc.labelNames.map(() => ""));
        sink.histogram(none, empty, 0);
      }
    },
  };
}

/** Returns the bounds of the series that comes first. */
function boundsOf(samples: ParsedFamily["samples"]): Float64Array {
  const bounds = new Set(
    samples.filter(({ name }) => name.endsWith("_bucket"))
      .map(({ labels }) => Number(labels.get("le")))
      .filter((bound) => Number.isFinite(bound)),
  );
  return Float64Array.from(bounds).sort();
}
