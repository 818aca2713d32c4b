/**
 * Names of OpenTelemetry as names of Prometheus: metrics, units, attributes and
 * scopes, by the compatibility rules of both specifications.
 *
 * Where this model is stricter than the rules, it decides: a counter always ends
 * in `_total`, and names that begin with a digit or `_`, which formats reserve,
 * get a prefix in front (`key_` for labels, as in Prometheus' own translator).
 */
import { withoutSuffix } from "../base/internal.ts";
import { type MetricType, TYPES } from "./desc.ts";

/**
 * How names of OpenTelemetry become names of Prometheus, in the words of both.
 * `UnderscoreEscaping…` replaces all that is not classic by `_`, the others keep
 * UTF-8. `…WithSuffixes` and `NoUTF8EscapingWithSuffixes` append the unit and
 * `_total`; the others append only the `_total` of counters.
 */
export type OtelTranslation =
  | "UnderscoreEscapingWithSuffixes"
  | "UnderscoreEscapingWithoutSuffixes"
  | "NoUTF8EscapingWithSuffixes"
  | "NoTranslation";

/** All translations; the first is the default. */
export const OTEL_TRANSLATIONS: readonly OtelTranslation[] = [
  "UnderscoreEscapingWithSuffixes",
  "UnderscoreEscapingWithoutSuffixes",
  "NoUTF8EscapingWithSuffixes",
  "NoTranslation",
];

/** The units of UCUM that have a word in Prometheus. */
const WORDS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["s", "seconds"],
  ["ms", "milliseconds"],
  ["us", "microseconds"],
  ["ns", "nanoseconds"],
  ["By", "bytes"],
  ["KiBy", "kibibytes"],
  ["MiBy", "mebibytes"],
  ["GiBy", "gibibytes"],
  ["TiBy", "tebibytes"],
  ["kBy", "kilobytes"],
  ["KBy", "kilobytes"],
  ["MBy", "megabytes"],
  ["GBy", "gigabytes"],
  ["TBy", "terabytes"],
  ["m", "meters"],
  ["V", "volts"],
  ["A", "amperes"],
  ["J", "joules"],
  ["W", "watts"],
  ["g", "grams"],
  ["Cel", "celsius"],
  ["Hz", "hertz"],
  ["%", "percent"],
]);

/** The words of units below a fraction bar. */
const PER: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ["s", "second"],
  ["min", "minute"],
  ["m", "minute"],
  ["h", "hour"],
  ["d", "day"],
  ["w", "week"],
  ["wk", "week"],
  ["mo", "month"],
  ["y", "year"],
  ["a", "year"],
]);

/**
 * Returns the unit of a metric in words: `By` → `bytes`, `m/s` →
 * `meters_per_second`, `{request}/s` → `per_second`; `""` for none. A unit
 * without a word stays, with `_` for what no name may have.
 */
export function otelUnitWord(unit: string): string {
  const bare = unit.replace(/\{[^{}]*\}/g, "").trim();
  if (bare === "1") return "";
  const bar = bare.indexOf("/");
  if (bar < 0) return wordOf(bare, WORDS);
  const above = bare.slice(0, bar).trim();
  const below = wordOf(bare.slice(bar + 1).trim(), PER);
  const word = above === "1" ? "" : wordOf(above, WORDS);
  if (below === "") return word;
  return word === "" ? `per_${below}` : `${word}_per_${below}`;
}

/** Returns the unit of UCUM for a word: `bytes` → `By`; the word if it has none. */
export function ucumUnit(word: string): string {
  for (const [unit, known] of WORDS) {
    if (known === word) return unit;
  }
  return word === "ratio" ? "1" : word;
}

function wordOf(unit: string, words: ReadonlyMap<string, string>): string {
  return words.get(unit) ?? WORDS.get(unit) ??
    unit.replace(/[^a-zA-Z0-9]+/g, "_").replace(/^_|_$/g, "");
}

/** A metric of OpenTelemetry, as far as it decides the name of its family. */
export interface OtelMetric {
  readonly name: string;
  /** In UCUM, such as `By`; `""`: none. */
  readonly unit: string;
  /** The type of the family. */
  readonly type: MetricType;
  /** Whether it is a gauge of OpenTelemetry: of it, a unit of 1 is a ratio. */
  readonly isGauge: boolean;
}

/**
 * Returns the name of the family of a metric, and the unit that the name ends in:
 * `""` if it ends in none.
 */
export function otelFamilyName(
  { name, unit, type, isGauge }: OtelMetric,
  translation: OtelTranslation,
): { readonly name: string; readonly unit: string } {
  const isEscaped = translation.startsWith("Underscore");
  const tidy = isEscaped ? underscored(name) : wellFormed(name);
  const { ending } = TYPES[type];
  let stem = withoutSuffix(tidy, ending);
  const isLegal = isEscaped ? /^[a-z:]/i.test(stem) : /^[^_]/.test(stem);
  if (!isLegal) stem = `metric_${stem.replace(/^_+/, "")}`;
  const hasUnit = type !== "info" && type !== "stateset";
  const word = !hasUnit
    ? ""
    : isGauge && unit.trim() === "1"
    ? "ratio"
    : otelUnitWord(unit);
  const isSuffixed = translation.endsWith("WithSuffixes");
  if (word !== "" && isSuffixed && !endsInWord(stem, word)) {
    stem = `${isEscaped ? withoutSuffix(stem, "_") : stem}_${word}`;
  }
  const isUnit = word !== "" && stem.endsWith(`_${word}`);
  return { name: stem + ending, unit: isUnit ? word : "" };
}

function endsInWord(stem: string, word: string): boolean {
  return stem === word ||
    /[^a-zA-Z0-9]/.test(stem.at(-word.length - 1) ?? "") &&
      stem.endsWith(word);
}

/** Replaces runs of what a classic metric name cannot have by one `_`. */
function underscored(name: string): string {
  return name.replace(/[^a-zA-Z0-9:]+/g, "_");
}

/** Replaces what no UTF-8 name can have: NUL and lone surrogates. */
function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}

const NO_NAMES: ReadonlySet<string> = /* @__PURE__ */ new Set();

/**
 * Returns the labels of attributes whose values are texts. Keys that become the
 * same label, under any escaping scheme, share it: their values are joined by
 * `;` in the order of the keys. A label of `taken`, which the caller writes
 * itself, gets the prefix `exported_`, as in a scrape.
 */
export function otelLabels(
  attributes: Iterable<readonly [key: string, text: string]>,
  translation: OtelTranslation,
  taken: ReadonlySet<string> = NO_NAMES,
): Map<string, string> {
  const isEscaped = translation.startsWith("Underscore");
  const sorted = [...attributes].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  const labels = new Map<string, string>();
  /** By label in underscores: the name under which it was written first. */
  const names = new Map<string, string>();
  for (const [key, text] of sorted) {
    let classic = otelLabelName(key);
    let name = isEscaped ? classic : utf8Label(key);
    if (taken.has(classic) || taken.has(name)) {
      classic = `exported_${classic}`;
      name = `exported_${name}`;
    }
    const first = names.get(classic);
    if (first === undefined) {
      names.set(classic, name);
      labels.set(name, text);
    } else labels.set(first, `${labels.get(first)};${text}`);
  }
  return labels;
}

/** Returns the classic label name of an attribute's key: `1.x` → `key_1_x`. */
export function otelLabelName(key: string): string {
  const name = key.replace(/[^a-zA-Z0-9]+/g, "_");
  if (/^[a-z]/i.test(name)) return name;
  return name.startsWith("_") ? `key${name}` : `key_${name}`;
}

function utf8Label(key: string): string {
  const name = wellFormed(key);
  // Schemes escape a digit at the begin: "1" and "%" would become the same label.
  if (/^[0-9]/.test(name)) return `key_${name}`;
  return name === "" || name.startsWith("_") ? `key${name || "_"}` : name;
}

/**
 * Returns the value of an attribute as the text of a label: texts as they are,
 * `""` for null, and JSON for all else. Texts are made well-formed.
 */
export function otelValueText(value: unknown): string {
  if (typeof value === "string") return value.toWellFormed();
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint") {
    return String(value);
  }
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return ""; // circular, or with a getter that throws
  }
}

/** The instrumentation scope of a metric. */
export interface OtelScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
  readonly attributes?:
    | Iterable<readonly [key: string, text: string]>
    | undefined;
}

/** Keys of attributes of a scope that its other labels already have. */
const SCOPE_KEYS = ["name", "version", "schema_url"];

/**
 * Returns the labels of a scope, `otel_scope_name` and so on; what is empty is
 * left out.
 */
export function otelScopeLabels(
  { name, version = "", schemaUrl = "", attributes = [] }: OtelScope,
  translation: OtelTranslation,
): Map<string, string> {
  const own = [
    ["otel_scope_name", name],
    ["otel_scope_version", version],
    ["otel_scope_schema_url", schemaUrl],
  ] as const;
  const others = [...attributes].filter(([key]) => !SCOPE_KEYS.includes(key));
  const prefixed = otelLabels(
    others.map(([key, text]) => [`otel_scope_${key}`, text] as const),
    translation,
    new Set(own.map(([label]) => label)),
  );
  const given = own.filter(([, text]) => text !== "")
    .map(([label, text]) => [label, text.toWellFormed()] as const);
  return new Map([...given, ...prefixed]);
}
