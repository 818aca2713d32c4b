/**
 * Checks the rules of a type: for metadata, for each sample, and for all samples
 * of one label set.
 */
import type { Complain, Dialect, ParsedSample } from "./parse_lines.ts";

/** The properties of a family that determine its rules. */
export interface Rules {
  /** The name in the metadata. */
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  /** Whether the rules of OpenMetrics apply. */
  readonly openMetrics: boolean;
}

/** Section "Exemplars": the limit for label names and values together. */
const MAX_EXEMPLAR_CODE_POINTS = 128;

/** Suffixes of samples by type, in the text format. */
const TEXT: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
  untyped: [""],
};

/** Suffixes of samples by type, in OpenMetrics 1.0. */
const OPEN_METRICS: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum", "_created"],
  gaugehistogram: ["_bucket", "_gcount", "_gsum"],
  summary: ["", "_count", "_sum", "_created"],
  info: ["_info"],
  stateset: [""],
  unknown: [""],
};

/** Returns the suffixes of samples of a type; undefined for unknown types. */
export function suffixesOf(
  type: string,
  dialect: Dialect,
): readonly string[] | undefined {
  const types = dialect === "openmetrics-1.0.0" ? OPEN_METRICS : TEXT;
  return Object.hasOwn(types, type) ? types[type] : undefined;
}

/** Returns the label that a type adds to the labels of a series. */
export function ownLabelOf({ name, type }: Rules): string | undefined {
  if (type === "summary") return "quantile";
  if (type === "stateset") return name;
  return isHistogram(type) ? "le" : undefined;
}

/** Throws if lines of metadata contradict each other. */
export function checkMetadata(rules: Rules, complain: Complain): void {
  const { name, type, unit, openMetrics } = rules;
  if (unit !== "" && (type === "info" || type === "stateset")) {
    complain("no unit on an info or stateset", "UNIT");
  }
  if (unit !== "" && !name.endsWith(`_${unit}`)) {
    complain("a family name that ends in the unit", "UNIT");
  }
  if (openMetrics && type === "counter" && name.endsWith("_total")) {
    complain("no _total in the metadata of a counter", "TYPE");
  }
  if (type === "info" && name.endsWith("_info")) {
    complain("no _info in the metadata of an info", "TYPE");
  }
}

/** Throws if the type does not allow the sample. */
export function checkSample(
  sample: ParsedSample,
  rules: Rules,
  complain: Complain,
): void {
  const { labels, value } = sample;
  const { type, openMetrics } = rules;
  const suffix = sample.name.slice(rules.name.length);
  if (suffix === "_created" && !Number.isFinite(value)) {
    complain("a timestamp as the value of _created");
  }
  const isTotal = type === "counter" && suffix !== "_created";
  if (isTotal && !(value >= 0)) complain("a counter value of 0 or more");
  if (type === "info" && value !== 1) complain("an info value of 1");
  if (type === "stateset") {
    if (value !== 0 && value !== 1) complain("a state value of 0 or 1");
    if (!labels.get(rules.name)) {
      complain("a label with the name of the stateset");
    }
  }
  const isBucket = isHistogram(type) && suffix === "_bucket";
  if (isHistogram(type) && labels.has("le") !== isBucket) {
    complain("the label le on buckets, and nowhere else");
  }
  const isQuantile = type === "summary" && suffix === "";
  if (type === "summary" && labels.has("quantile") !== isQuantile) {
    complain("the label quantile on quantiles, and nowhere else");
  }
  if (isQuantile && openMetrics && value < 0) {
    complain("a quantile value of 0 or more");
  }
  const isCount = ["_bucket", "_count", "_gcount"].includes(suffix);
  if (isCount && !(Number.isInteger(value) && value >= 0)) {
    complain("integer counts of 0 or more");
  }
  if (openMetrics && suffix === "_sum" && !(value >= 0)) {
    complain("a sum of 0 or more");
  }
  checkExemplar(sample, suffix, complain);
}

function checkExemplar(
  { exemplar }: ParsedSample,
  suffix: string,
  complain: Complain,
): void {
  if (exemplar === undefined) return;
  if (suffix !== "_total" && suffix !== "_bucket") {
    complain("exemplars on _total and _bucket only");
  }
  let size = 0;
  for (const [name, value] of exemplar.labels) {
    size += Array.from(name).length + Array.from(value).length;
  }
  if (size > MAX_EXEMPLAR_CODE_POINTS) {
    complain("at most 128 code points in an exemplar");
  }
}

/** Throws if samples of one label set contradict each other. */
export function checkGroup(
  group: readonly ParsedSample[],
  rules: Rules,
  complain: Complain,
): void {
  const suffixOf = ({ name }: ParsedSample) => name.slice(rules.name.length);
  const created = group.findIndex((sample) => suffixOf(sample) === "_created");
  if (created === 0 || (created > 0 && created < group.length - 1)) {
    complain("_created after the other samples", group[created]);
  }
  const [first] = group;
  const mixed = group.find(({ timestamp }) =>
    (timestamp === undefined) !== (first!.timestamp === undefined)
  );
  if (mixed !== undefined) {
    complain("timestamps on all samples of a label set, or on none", mixed);
  }
  const bySuffix = (suffix: string) =>
    group.find((sample) => suffixOf(sample) === suffix);
  if (rules.type === "summary") {
    const quantiles = group.filter((sample) => suffixOf(sample) === "");
    checkQuantiles(quantiles, bySuffix("_count"), rules, complain);
  }
  if (!isHistogram(rules.type)) return;
  const buckets = group.filter((sample) => suffixOf(sample) === "_bucket");
  checkBuckets(buckets, group, complain);
  const g = rules.type === "gaugehistogram" ? "_g" : "_";
  checkTotals(
    bySuffix(`${g}count`),
    bySuffix(`${g}sum`),
    buckets,
    rules,
    complain,
  );
}

function checkQuantiles(
  quantiles: readonly ParsedSample[],
  count: ParsedSample | undefined,
  rules: Rules,
  complain: Complain,
): void {
  checkRising(quantiles, "quantile", complain);
  for (const sample of quantiles) {
    const rank = Number(sample.labels.get("quantile"));
    if (!(rank >= 0 && rank <= 1)) {
      complain("quantiles between 0 and 1", sample);
    }
    const isEmpty = rules.openMetrics && count?.value === 0;
    if (isEmpty && !Number.isNaN(sample.value)) {
      complain("NaN as a quantile of no observations", sample);
    }
  }
}

function checkTotals(
  count: ParsedSample | undefined,
  sum: ParsedSample | undefined,
  buckets: readonly ParsedSample[],
  { type, openMetrics }: Rules,
  complain: Complain,
): void {
  const last = buckets.at(-1)!;
  if ((count === undefined) !== (sum === undefined)) {
    complain("both a count and a sum, or neither", count ?? sum);
  }
  if (!openMetrics && count === undefined) complain("a sum and a count", last);
  if (count !== undefined && count.value !== last.value) {
    complain("a count that equals the +Inf bucket", count);
  }
  if (!openMetrics || sum === undefined) return;
  const hasNegativeBound = buckets.some(({ labels }) =>
    Number(labels.get("le")) < 0
  );
  if (type === "histogram") {
    if (hasNegativeBound) complain("no sum if a bound is negative", sum);
    return;
  }
  if (Number.isNaN(sum.value)) complain("a sum that is not NaN", sum);
  if (!hasNegativeBound && sum.value < 0) {
    complain("a negative sum only if a bound is negative", sum);
  }
}

function checkBuckets(
  buckets: readonly ParsedSample[],
  group: readonly ParsedSample[],
  complain: Complain,
): void {
  checkRising(buckets, "le", complain);
  if (buckets.at(-1)?.labels.get("le") !== "+Inf") {
    complain("+Inf as the last bucket", buckets.at(-1) ?? group[0]);
  }
  let lower = -Infinity;
  let before = 0;
  for (const sample of buckets) {
    if (sample.value < before) {
      complain("bucket counts that never decrease", sample);
    }
    before = sample.value;
    const le = sample.labels.get("le")!;
    const upper = le === "+Inf" ? Infinity : Number(le);
    const value = sample.exemplar?.value;
    if (value !== undefined && !isWithin(value, lower, upper)) {
      complain("an exemplar within its bucket", sample);
    }
    lower = upper;
  }
}

/** Returns whether a bucket counts `value`: the first -Inf, the last NaN. */
function isWithin(value: number, lower: number, upper: number): boolean {
  if (Number.isNaN(value)) return upper === Infinity;
  return value <= upper && (value > lower || lower === -Infinity);
}

function checkRising(
  samples: readonly ParsedSample[],
  label: string,
  complain: Complain,
): void {
  let before = -Infinity;
  for (const sample of samples) {
    const text = sample.labels.get(label)!;
    const bound = text === "+Inf" ? Infinity : Number(text);
    if (text !== "+Inf" && text !== canonical(bound)) {
      complain(`${label} in canonical form`, sample);
    }
    if (!(bound > before)) complain(`increasing ${label} values`, sample);
    before = bound;
  }
}

/** Returns the canonical number: shortest digits with a point or an exponent. */
export function canonical(value: number): string {
  if (!Number.isFinite(value)) return "";
  if (value === 0) return "0.0";
  const [digits = "", power = "0"] = Math.abs(value).toExponential()
    .replace(".", "").split("e");
  const exponent = Number(power);
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= 6) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = `${Math.abs(exponent)}`.padStart(2, "0");
    return `${sign}${digits[0]}${rest}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** Returns a key that identifies a label set in any order, except `without`. */
export function keyOf(
  labels: ReadonlyMap<string, string>,
  without?: string,
): string {
  return JSON.stringify(
    [...labels].filter(([name, value]) => name !== without && value !== "")
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

function isHistogram(type: string): boolean {
  return type === "histogram" || type === "gaugehistogram";
}
